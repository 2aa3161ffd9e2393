using System.Runtime.CompilerServices;

// A test trains on both executors and compares.
[assembly: InternalsVisibleTo("Facade.Tests")]
