using System.Diagnostics;

namespace AutoDiffCnn.Tests.Common;

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

/// <summary>A test that needs data beside the repository, and is skipped with that reason where there is
/// none.</summary>
internal sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(string path)
    {
        Skip = Shared.Folder(path) is null ? $"../shared/{path} is not there" : null;
    }
}

/// <summary>A test that mounts a file system, and is skipped with the reason where that is not allowed.</summary>
internal sealed class MountFactAttribute : FactAttribute
{
    public MountFactAttribute()
    {
        Skip = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && CanMount() ? null : "a small disk cannot be mounted here";
    }

    private static bool CanMount()
    {
        var can = false;
        Scratch.In(folder => can = SmallDisk.Mount(folder, 1 << 16) && SmallDisk.Unmount(folder));
        return can;
    }
}

/// <summary>A real file system of a few kilobytes.</summary>
internal static class SmallDisk
{
    public static bool Mount(string folder, int bytes) => Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", folder);

    public static bool Unmount(string folder) => Run("umount", folder);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
