using System.Collections.Immutable;
using System.Diagnostics;
using System.Security;
using System.Text.Json;

namespace AutoDiffCnn.Notebooks;

/// <summary>Packages that cells ask for. Those of this library lie beside the host and need no network; all others are
/// restored by <c>dotnet restore</c>, together, so that they fit each other.</summary>
internal sealed class Packages
{
    private static readonly string Own = typeof(Packages).Assembly.GetName().Version!.ToString(3);

    private ImmutableArray<string> sources = [];
    private ImmutableArray<Directive.Package> wanted = [];

    /// <summary>A folder, or an address, where packages are.</summary>
    public void AddSource(string place) => sources = sources.Add(
        place.Contains("://", StringComparison.Ordinal) ? place : Path.GetFullPath(place));

    /// <summary>The libraries of a package and of all that it needs.</summary>
    /// <exception cref="CellError">It cannot be had.</exception>
    public ImmutableArray<string> Restore(Directive.Package package)
    {
        var beside = Path.Combine(AppContext.BaseDirectory, $"{package.Name}.dll");
        var isOwn = package.Name.Split('.')[0] == "AutoDiffCnn" && (package.Version ?? Own) == Own;
        if (isOwn && sources.IsEmpty && File.Exists(beside))
        {
            return Libraries.Family(beside);
        }

        wanted = wanted.Add(package);
        var folder = Directory.CreateTempSubdirectory("autodiffcnn-restore-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "cells.csproj"), Project());
            Dotnet(folder.FullName, package);
            using var assets = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.FullName, "obj", "project.assets.json")));
            return Read(assets.RootElement);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private string Project() =>
        $"""
         <Project Sdk="Microsoft.NET.Sdk">
           <PropertyGroup>
             <TargetFramework>net{Environment.Version.ToString(2)}</TargetFramework>
             <RestoreAdditionalProjectSources>{SecurityElement.Escape(string.Join(';', sources))}</RestoreAdditionalProjectSources>
             <ManagePackageVersionsCentrally>false</ManagePackageVersionsCentrally>
           </PropertyGroup>
           <ItemGroup>
             {string.Concat(wanted.Select(one => $"<PackageReference Include=\"{one.Name}\" Version=\"{one.Version ?? "*"}\" />"))}
           </ItemGroup>
         </Project>
         """;

    private static void Dotnet(string folder, Directive.Package package)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", ["restore", "--ignore-failed-sources", "-v", "q", "--nologo"])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEnd().Split('\n');
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            var reasons = lines.Append(error.Result).Where(line => line.Contains("error", StringComparison.Ordinal))
                .Select(line => line[Math.Max(0, line.IndexOf("error", StringComparison.Ordinal))..].Split('[')[0].Trim());
            throw new CellError("NuGet", $"{package.Name} {package.Version} cannot be restored", [.. reasons.Distinct(),
                "Possible: a network, another version, or #i \"nuget: FOLDER\" with a folder that holds the package."]);
        }
    }

    private static ImmutableArray<string> Read(JsonElement assets)
    {
        var roots = assets.GetProperty("packageFolders").EnumerateObject().Select(root => root.Name).ToArray();
        var libraries = assets.GetProperty("libraries");
        var packages = assets.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject().Select(package =>
        {
            var path = libraries.GetProperty(package.Name).GetProperty("path").GetString()!;
            var folder = roots.Select(root => Path.Combine(root, path)).First(Directory.Exists);
            var files = package.Value.TryGetProperty("runtime", out var runtime) ? runtime.EnumerateObject().Select(file => file.Name) : [];
            return files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)).Select(file => Path.Combine(folder, file));
        });
        return [.. packages.SelectMany(files => files)];
    }
}
