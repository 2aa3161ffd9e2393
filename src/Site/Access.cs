using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("AutoDiffCnn.Cli")]
[assembly: InternalsVisibleTo("Site.Tests")]
