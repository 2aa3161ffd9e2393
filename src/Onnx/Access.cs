using System.Runtime.CompilerServices;

// Tests make files that no exporter writes.
[assembly: InternalsVisibleTo("Onnx.Tests")]
