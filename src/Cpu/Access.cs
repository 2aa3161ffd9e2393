using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Cpu.Tests")]
[assembly: InternalsVisibleTo("AutoDiffCnn")]
