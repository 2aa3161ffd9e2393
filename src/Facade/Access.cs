using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("AutoDiffCnn.Onnx")]

// A test trains on both executors and compares.
[assembly: InternalsVisibleTo("Facade.Tests")]
