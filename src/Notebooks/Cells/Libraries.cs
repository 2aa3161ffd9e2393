using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using Microsoft.AspNetCore.Html;
using Microsoft.DotNet.Interactive;
using Microsoft.DotNet.Interactive.Formatting;
using Microsoft.FSharp.Core;

namespace AutoDiffCnn.Notebooks;

/// <summary>Assemblies that cells refer to. Each is loaded once, for the cells of all languages, so that they can share
/// values.</summary>
internal sealed class Libraries
{
    private readonly ConcurrentDictionary<string, string> known = [];

    /// <summary>.NET itself.</summary>
    public static ImmutableArray<string> Platform { get; } =
        [.. Directory.GetFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll").Where(IsManaged)];

    /// <summary>What shows values, with what is needed for that.</summary>
    public static ImmutableArray<Assembly> ForShowing { get; } =
        [typeof(Formatter).Assembly, typeof(IHtmlContent).Assembly, typeof(Kernel).Assembly, typeof(Unit).Assembly];

    public Libraries()
    {
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            known.TryGetValue(name.Name!, out var path) ? context.LoadFromAssemblyPath(path) : null;
    }

    /// <summary>Loads assemblies that belong together.</summary>
    public void Load(ImmutableArray<string> paths)
    {
        foreach (var path in paths)
        {
            known.TryAdd(Path.GetFileNameWithoutExtension(path), path);
        }

        foreach (var path in paths)
        {
            Load(path);
        }
    }

    /// <summary>An assembly and those that it needs and that lie beside it.</summary>
    /// <exception cref="CellError">There is no assembly.</exception>
    public static ImmutableArray<string> Family(string path)
    {
        if (!File.Exists(path))
        {
            throw new CellError("#r", $"there is no file {path}");
        }

        var family = ImmutableArray.Create(Path.GetFullPath(path));
        for (var i = 0; i < family.Length; i++)
        {
            var folder = Path.GetDirectoryName(family[i])!;
            var needed = References(family[i]).Select(name => Path.Combine(folder, $"{name}.dll")).Where(File.Exists);
            family = [.. family, .. needed.Except(family)];
        }

        return family;
    }

    private static IEnumerable<string> References(string path)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(path));
            var metadata = file.GetMetadataReader();
            return [.. metadata.AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle).GetAssemblyName().Name!)];
        }
        catch (Exception trouble) when (trouble is BadImageFormatException or InvalidOperationException)
        {
            throw new CellError("#r", $"{Path.GetFileName(path)} is no .NET assembly");
        }
    }

    private static bool IsManaged(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        return file.HasMetadata;
    }

    private static void Load(string path)
    {
        try
        {
            AssemblyLoadContext.Default.LoadFromAssemblyPath(path);
        }
        catch (FileLoadException)
        {
            var name = AssemblyName.GetAssemblyName(path);
            var loaded = AssemblyLoadContext.Default.Assemblies.FirstOrDefault(one => one.GetName().Name == name.Name);
            if (loaded?.GetName().Version != name.Version)
            {
                throw new CellError("#r", $"{name.Name} {loaded?.GetName().Version} is loaded already, so {name.Version} cannot be: restart");
            }
        }
    }
}
