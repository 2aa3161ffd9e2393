using System.Reflection;
using System.Runtime.Loader;
using System.Xml.Linq;

namespace DocsTests;

/// <summary>The code that the documentation shows for a type.</summary>
/// <param name="Type">The type's name: <c>Map1`1</c>.</param>
/// <param name="Lines">The code, without the indentation that all lines share.</param>
public sealed record Example(string Type, string[] Lines)
{
    private static readonly string[] Names =
        ["AutoDiffCnn.Graph", "AutoDiffCnn.Ops", "AutoDiffCnn.Cpu", "AutoDiffCnn.GradKit", "AutoDiffCnn", "AutoDiffCnn.Onnx", "AutoDiffCnn.Cli"];

    private static readonly Assembly[] Documented = [.. Names.Select(Assembly.Load)];

    /// <summary>The public types that are not inside another.</summary>
    public static IReadOnlyList<Type> PublicTypes { get; } =
        [.. Documented.SelectMany(assembly => assembly.GetExportedTypes()).Where(type => !type.IsNested)];

    /// <summary>The examples of all public types, by type.</summary>
    public static IReadOnlyDictionary<string, Example> All { get; } = Documented.SelectMany(Read).ToDictionary(example => example.Type);

    /// <summary>Where an example's assembly belongs: beside the library.</summary>
    public static AssemblyLoadContext Context => AssemblyLoadContext.GetLoadContext(typeof(Tensor).Assembly)!;

    /// <summary>What an example's code is compiled against: .NET, the documented assemblies and the packages that
    /// they use.</summary>
    public static IEnumerable<string> References => ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
        .Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
        .Concat(Documented.SelectMany(assembly => assembly.GetReferencedAssemblies()).Select(name => Assembly.Load(name).Location))
        .Concat([typeof(Example).Assembly.Location, .. Documented.Select(assembly => assembly.Location)])
        .DistinctBy(Path.GetFileName);

    /// <summary>A type's name in examples and tests: <c>Map1`1</c>.</summary>
    public static string NameOf(Type type) => type.FullName!.Replace("AutoDiffCnn.", "");

    private static IEnumerable<Example> Read(Assembly assembly)
    {
        var names = assembly.GetExportedTypes().Where(type => !type.IsNested).ToDictionary(type => $"T:{type.FullName}", NameOf);
        foreach (var member in XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member"))
        {
            if (names.TryGetValue(member.Attribute("name")!.Value, out var name) && member.Element("example")?.Element("code") is { } code)
            {
                yield return new(name, Outdent(code.Value.Trim('\n').TrimEnd().Split('\n')));
            }
        }
    }

    private static string[] Outdent(string[] lines)
    {
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return [.. lines.Select(line => line[Math.Min(indent, line.Length)..].TrimEnd())];
    }
}
