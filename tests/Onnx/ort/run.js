// Runs ONNX files. Reads a JSON list from standard input: each a file with the feeds of some runs, one after the other; an output
// NAME.next of one run is fed to NAME in the next. Writes a JSON list: for each file the outputs of each run, or the error.
// A tensor is its type, its sizes and its bytes in base64.
const ort = require("onnxruntime-node");

const arrays = { float32: Float32Array, int64: BigInt64Array };

const read = ({ type, dims, data }) => {
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return new ort.Tensor(type, new arrays[type](bytes.buffer), dims);
};

const write = ({ type, dims, data }) =>
  ({ type, dims, data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64") });

const mapped = (object, f) => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, f(value)]));

async function run({ file, feeds }) {
  const session = await ort.InferenceSession.create(file, { executionProviders: ["cpu"], intraOpNumThreads: 1, logSeverityLevel: 3 });
  const results = [];
  let carried = {};
  for (const feed of feeds) {
    const outputs = await session.run({ ...carried, ...mapped(feed, read) });
    carried = Object.fromEntries(Object.entries(outputs).filter(([name]) => name.endsWith(".next")).map(([name, value]) => [name.slice(0, -5), value]));
    results.push(mapped(outputs, write));
  }

  await session.release();
  return { results };
}

async function main() {
  const answers = [];
  for (const task of JSON.parse(require("fs").readFileSync(0, "utf8"))) {
    try {
      answers.push(await run(task));
    } catch (error) {
      answers.push({ error: String(error.message ?? error) });
    }
  }

  process.stdout.write(JSON.stringify(answers));
}

main();
