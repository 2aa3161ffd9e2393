// What a page looks like to the browser that shows it.
() => {
  const wrong = [];
  const say = (what, element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const size = (element) => element.getBoundingClientRect();
  const ids = all("[id]").map((element) => element.id);

  for (const image of all("img")) if (!image.complete || image.naturalWidth === 0) say("not drawn", image);
  for (const drawn of all("main svg, main math")) {
    if (drawn.checkVisibility() && (size(drawn).width < 1 || size(drawn).height < 1)) say("without size", drawn);
  }
  for (const error of all("merror, main math :not(:defined)")) say("not understood", error);
  for (const id of ids.filter((id, i) => ids.indexOf(id) !== i)) wrong.push(`twice: #${id}`);
  if (all("h1").length !== 1) wrong.push(`${all("h1").length} h1`);
  if (!document.title || !document.querySelector("meta[name=description]").content) wrong.push("no title or description");
  if (document.documentElement.scrollWidth > innerWidth) {
    const widest = all("main *").reduce((a, b) => size(b).right > size(a).right && !b.closest("pre, .table, .output, .formula, .picture") ? b : a);
    say(`wider than the window, ${document.documentElement.scrollWidth} of ${innerWidth}`, widest);
  }

  // Words must stand out from their ground: 4.5 to 1, as WCAG asks.
  const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => numbers(colour).slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return (numbers(colour)[3] ?? 1) > 0 || !element.parentElement ? colour : ground(element.parentElement);
  };
  const pairs = new Map();
  for (const element of all("body *")) {
    const hasWords = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasWords || element.closest("svg") || !element.checkVisibility({ opacityProperty: true })) continue;
    pairs.set(`${getComputedStyle(element).color} on ${ground(element)}`, element);
  }
  for (const [pair, element] of pairs) {
    const [a, b] = pair.split(" on ").map(light);
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) say(`hard to read, ${pair}`, element);
  }

  return {
    wrong,
    ids,
    links: all("a[href]").map((link) => link.href),
    title: document.title,
    isDark: light(ground(document.body)) < 0.2,
    drawn: all("main svg, main math, main img").length,
  };
}
