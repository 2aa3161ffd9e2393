using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace DocsTests;

/// <summary>Every public type has an example, and it is true. All are compiled at once; each runs in a folder of its
/// own.</summary>
public sealed class ExampleTests(ExampleTests.Programs programs) : IClassFixture<ExampleTests.Programs>
{
    public static TheoryData<string> Types => [.. Example.All.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_public_type_has_an_example() =>
        Assert.Empty(Example.PublicTypes.Select(Example.NameOf).Except(Example.All.Keys));

    [Theory]
    [MemberData(nameof(Types))]
    public void An_example_is_true(string type)
    {
        var script = programs.Scripts[type];
        Assert.True(programs.Errors[type].Length == 0, $"{string.Join("\n", programs.Errors[type])}\n\n{script.Text}");
        Assert.Empty(script.Faults);
        var shown = InScratch(() => Shown.By(programs.Entry(type)));
        foreach (var (line, claim) in script.Claims)
        {
            AssertClaim(claim, shown[line]);
        }
    }

    [Theory]
    [InlineData("1 + 1 // 2", "2")]
    [InlineData("1 + 1", null)]
    [InlineData("1 + 1\n// 2\n// 3\n\n// words", "2\n3")]
    public void A_comment_behind_or_below_an_expression_is_a_claim(string code, string? claim) =>
        Assert.Equal(claim, Script.Of(new("T", code.Split('\n'))).Claims[0]);

    [Theory]
    [InlineData("var x = 1 + 1; // 2", true)]
    [InlineData("Fail(); // KindError: no", true)]
    [InlineData("var x = 1 + 1; // words", false)]
    public void A_value_behind_a_statement_is_a_fault(string code, bool isFault) =>
        Assert.Equal(isFault, Script.Of(new("T", [code])).Faults.Count > 0);

    private static void AssertClaim(string? claim, string text)
    {
        var (end, isError) = (claim?.IndexOf('…') ?? -1, Regex.IsMatch(text, @"^\w+(Error|Exception): "));
        var holds = claim is null ? !isError
            : end >= 0 ? text.StartsWith(claim[..end], StringComparison.Ordinal)
            : claim == text;
        Assert.True(holds, $"says:  {claim}\ngives: {text}");
    }

    private static T InScratch<T>(Func<T> function)
    {
        var (before, folder) = (Environment.CurrentDirectory, Directory.CreateTempSubdirectory("example").FullName);
        try
        {
            Environment.CurrentDirectory = folder;
            return function();
        }
        finally
        {
            Environment.CurrentDirectory = before;
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>All examples, compiled together.</summary>
    public sealed class Programs
    {
        private readonly Assembly assembly;

        public Programs()
        {
            Scripts = Example.All.Values.ToDictionary(example => example.Type, Script.Of);
            var trees = Scripts.ToDictionary(pair => pair.Key, pair => pair.Value.Parse());
            var compilation = CSharpCompilation.Create("Examples", trees.Values,
                Example.References.Select(path => MetadataReference.CreateFromFile(path)),
                new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
            var errors = compilation.GetDiagnostics()
                .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
                .ToLookup(diagnostic => diagnostic.Location.SourceTree);
            Errors = trees.ToDictionary(pair => pair.Key, pair => errors[pair.Value].Select(error => error.ToString()).ToArray());

            // One that does not compile must not keep the others from running.
            using var stream = new MemoryStream();
            var result = compilation.RemoveSyntaxTrees(trees.Values.Where(errors.Contains)).Emit(stream);
            Assert.True(result.Success, string.Join("\n", result.Diagnostics));
            stream.Position = 0;
            assembly = Example.Context.LoadFromStream(stream);
        }

        public IReadOnlyDictionary<string, Script> Scripts { get; }

        public IReadOnlyDictionary<string, string[]> Errors { get; }

        public Action Entry(string type) =>
            assembly.GetType($"{Script.Namespace(Example.All[type])}.{Script.EntryType}")!.GetMethod("Run")!.CreateDelegate<Action>();
    }
}
