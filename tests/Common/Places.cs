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

/// <summary>This repository.</summary>
internal static class Checkout
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = Above(new(AppContext.BaseDirectory));

    private static string Above(DirectoryInfo folder) => File.Exists(Path.Combine(folder.FullName, "AutoDiffCnn.sln")) ? folder.FullName : Above(folder.Parent!);
}

/// <summary>Data beside the repository, which may be absent.</summary>
internal static class Shared
{
    /// <summary>The folder, or null.</summary>
    public static string? Folder(string path) =>
        Path.Combine(Checkout.Root, "..", "shared", path) is var folder && Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
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
