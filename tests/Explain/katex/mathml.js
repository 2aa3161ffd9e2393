// Reads formulas, a JSON list of LaTeX, from standard input; writes a JSON list of KaTeX's MathML for them, or null where it
// does not understand one.
const katex = require("katex");

const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map((formula) => {
  try {
    return katex.renderToString(formula, { displayMode: true, throwOnError: true, strict: "ignore", output: "mathml" });
  } catch {
    return null;
  }
})));
