// Reads formulas, a JSON list of LaTeX, from standard input; fails at the first that KaTeX does not understand; otherwise
// writes a page that renders all of them in a browser and says so in its title.
const fs = require("fs");
const katex = require("katex");

const formulas = JSON.parse(fs.readFileSync(0, "utf8"));
const strict = { displayMode: true, throwOnError: true, strict: "error" };
for (const formula of formulas) {
  try {
    katex.renderToString(formula, strict);
  } catch (error) {
    console.error(`${error.message}\n${formula}`);
    process.exit(1);
  }
}

const dist = require("path").dirname(require.resolve("katex/package.json")) + "/dist";
process.stdout.write(`<!doctype html><meta charset="utf-8"><title>not rendered</title>
<link rel="stylesheet" href="file://${dist}/katex.min.css"><script src="file://${dist}/katex.min.js"></script>
<body><script>
const formulas = ${JSON.stringify(formulas).replaceAll("<", "\\u003c")};
for (const formula of formulas) {
  katex.render(formula, document.body.appendChild(document.createElement("p")), ${JSON.stringify(strict)});
}
document.title = "rendered " + document.querySelectorAll(".katex-display").length;
</script>`);
