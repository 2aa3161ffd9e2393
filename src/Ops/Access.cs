using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("AutoDiffCnn.Cpu")]
[assembly: InternalsVisibleTo("AutoDiffCnn")]
