// Words of pictures that lie outside of their picture, beyond the box that they stand in, or over other words: as the browser
// really draws them, where the library can only estimate how wide letters are.
() => [...document.querySelectorAll("main svg")].flatMap((svg) => {
  const wrong = [];
  const say = (what) => wrong.push(`${svg.getAttribute("aria-label") ?? "a picture"}: ${what}`);
  const size = (element) => element.getBoundingClientRect();
  const frame = size(svg);
  const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim() && getComputedStyle(text).visibility !== "hidden")
    .map((text) => ({ text: text.textContent, box: size(text) }));
  const boxes = [...svg.querySelectorAll("rect[data-nodes]")].map(size);
  for (const { text, box } of texts) {
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1) say(`outside: ${text}`);
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    const around = boxes.find((node) => x > node.left && x < node.right && y > node.top && y < node.bottom);
    if (around && (box.left < around.left || box.right > around.right)) say(`wider than its node: ${text}`);
  }
  texts.forEach(({ text: a, box: p }, i) => texts.slice(i + 1).forEach(({ text: b, box: q }) => {
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (wide > 1 && high > 4 && a !== b) say(`${a} over ${b}`);
  }));
  return wrong;
})
