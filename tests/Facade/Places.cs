namespace FacadeTests;

/// <summary>A folder of its own for a test, gone afterwards.</summary>
internal static class Scratch
{
    public static void In(Action<string> test)
    {
        var folder = Directory.CreateTempSubdirectory("autodiffcnn-");
        try
        {
            test(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

/// <summary>Data beside the repository, which may be absent.</summary>
internal static class Shared
{
    /// <summary>The folder, or null.</summary>
    public static string? Folder(string path)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "AutoDiffCnn.sln")))
            {
                return Path.Combine(at.Parent!.FullName, "shared", path) is var folder && Directory.Exists(folder) ? folder : null;
            }
        }

        return null;
    }
}
