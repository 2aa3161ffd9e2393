namespace NotebooksTests;

/// <summary>The notebooks of this repository.</summary>
internal static class Tutorials
{
    /// <summary>Their files, in order.</summary>
    public static string[] Files { get; } = [.. Directory.GetFiles(Folder, "*.ipynb").Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(Checkout.Root, "notebooks");

    /// <summary>Where a file is.</summary>
    public static string Place(params string[] names) => Path.Combine([Folder, .. names]);

    /// <summary>What is in one.</summary>
    public static Notebook Read(string file) => Notebook.Read(file, File.ReadAllBytes(Place(file)));
}
