using System.Runtime.CompilerServices;

// Constants, wrapped arrays and marks are made by the library only; whoever writes an op needs none of them.
[assembly: InternalsVisibleTo("AutoDiffCnn.Ops")]
[assembly: InternalsVisibleTo("AutoDiffCnn.Cpu")]
[assembly: InternalsVisibleTo("AutoDiffCnn")]
[assembly: InternalsVisibleTo("AutoDiffCnn.GradKit")]
[assembly: InternalsVisibleTo("AutoDiffCnn.Onnx")]
