"use strict";
(() => {
  const root = document.documentElement;
  const base = new URL(".", document.currentScript.src);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const stored = (change) => { try { return change(localStorage); } catch { return null; } };
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const chosen = stored((storage) => storage.getItem("theme"));
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  // Pictures among the elements of a page ask the system for its theme; they are told the page's.
  const asked = new Map();
  const tellPictures = () => {
    for (const style of document.querySelectorAll("main style")) {
      for (const rule of style.sheet.cssRules) {
        if (!asked.has(rule) && rule.media?.mediaText.includes("prefers-color-scheme")) asked.set(rule, rule.media.mediaText);
      }
    }
    for (const [rule, words] of asked) {
      rule.media.mediaText = !root.dataset.theme ? words : words.includes("dark") === isDark() ? "all" : "not all";
    }
  };

  const toggle = () => {
    const theme = isDark() ? "light" : "dark";
    if ((theme === "dark") === system.matches) {
      delete root.dataset.theme;
      stored((storage) => storage.removeItem("theme"));
    } else {
      root.dataset.theme = theme;
      stored((storage) => storage.setItem("theme", theme));
    }
    tellPictures();
  };

  const find = (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const rank = ([, heading]) => heading.toLowerCase().startsWith(words[0]) ? 0 : heading.toLowerCase().includes(words[0]) ? 1 : 2;
    return words.length === 0 ? [] : headings
      .filter(([, heading, page]) => words.every((word) => `${heading} ${page}`.toLowerCase().includes(word)))
      .map((entry, i) => [rank(entry), i, entry]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, 12).map(([, , entry]) => entry);
  };

  const listed = ([address, heading, page]) => {
    const item = document.createElement("li");
    const link = item.appendChild(document.createElement("a"));
    link.href = new URL(address, base);
    link.textContent = heading;
    if (heading !== page) link.appendChild(document.createElement("small")).textContent = page;
    return item;
  };

  document.addEventListener("DOMContentLoaded", () => {
    tellPictures();
    document.getElementById("theme").addEventListener("click", toggle);
    const [search, found] = ["search", "found"].map((id) => document.getElementById(id));
    const show = () => {
      const entries = typeof headings === "undefined" ? [] : find(search.value);
      found.replaceChildren(...entries.map(listed));
    };
    search.addEventListener("focus", () => {
      const script = document.createElement("script");
      script.src = new URL("autodiffcnn-headings.js", base);
      script.onload = show;
      document.head.appendChild(script);
    }, { once: true });
    search.addEventListener("input", show);
    search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") found.querySelector("a")?.click();
      if (event.key === "Escape") { search.value = ""; show(); }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "/" && !/input|textarea/i.test(event.target.tagName)) { event.preventDefault(); search.focus(); }
    });
  });
})();
