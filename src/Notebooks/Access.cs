using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("AutoDiffCnn.Cli")]
[assembly: InternalsVisibleTo("AutoDiffCnn.Site")]
[assembly: InternalsVisibleTo("Notebooks.Tests")]
[assembly: InternalsVisibleTo("Site.Tests")]
