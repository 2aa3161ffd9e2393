using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("AutoDiffCnn.Cpu")]
[assembly: InternalsVisibleTo("AutoDiffCnn")]
[assembly: InternalsVisibleTo("AutoDiffCnn.Onnx")]
