using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.CodeAnalysis.Scripting.Hosting;

namespace AutoDiffCnn.Notebooks;

/// <summary>Runs cells of C#, each a continuation of the ones before.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process.")]
internal sealed class CSharpCells(Libraries libraries) : ICells
{
    private readonly InteractiveAssemblyLoader loader = new();
    private ScriptState<object>? state;
    private ScriptOptions options = ScriptOptions.Default
        .WithLanguageVersion(LanguageVersion.Latest)
        .WithEmitDebugInformation(true)
        .WithMetadataResolver(ScriptMetadataResolver.Default.WithBaseDirectory(Environment.CurrentDirectory))
        .WithReferences(Libraries.Platform.Select(path => MetadataReference.CreateFromFile(path)))
        .AddReferences(Libraries.ForShowing)
        .WithImports("System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Text", "System.Threading.Tasks",
            "Microsoft.DotNet.Interactive", "Microsoft.DotNet.Interactive.Kernel", "Microsoft.DotNet.Interactive.Formatting");

    public void Refer(ImmutableArray<string> paths)
    {
        libraries.Load(paths);
        options = options.AddReferences(paths.Select(path => MetadataReference.CreateFromFile(path)));
        foreach (var name in paths.Select(Path.GetFileNameWithoutExtension))
        {
            loader.RegisterDependency(Assembly.Load(name!));
        }
    }

    public Value? Run(string code, string place)
    {
        var script = Script(code, place);
        var errors = script.Compile().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToImmutableArray();
        if (errors is [var first, ..])
        {
            throw new CellError("CompilationError", first.GetMessage(), [.. errors.Select(error => Shown(error, place))]);
        }

        state = (state is null ? script.RunAsync(null, _ => true) : script.RunFromAsync(state, _ => true)).GetAwaiter().GetResult();
        if (state.Exception is { } exception)
        {
            throw new TargetInvocationException(exception);
        }

        return HasValue(script.GetCompilation()) ? new(state.ReturnValue) : null;
    }

    public Value? Get(string name) => state?.GetVariable(name) is { } variable ? new(variable.Value) : null;

    public void Set(string name, object? value)
    {
        var type = SharedType.Of(value);
        if (type.Assemblies.Except(options.MetadataReferences.Select(one => one.Display!)).ToImmutableArray() is { Length: > 0 } missing)
        {
            Refer(missing);
        }

        Run($"{type.CSharp} @{name} = default;", "#!share");
        state!.GetVariable(name).Value = value;
    }

    public Message.Completions Complete(string code, int position)
    {
        var compilation = Script(code, "").GetCompilation();
        return CSharpCompletion.At(compilation.GetSemanticModel(compilation.SyntaxTrees.Single()), code, position);
    }

    private Script<object> Script(string code, string place)
    {
        var named = options.WithFilePath(place).WithFileEncoding(System.Text.Encoding.UTF8);
        return state is null ? CSharpScript.Create(code, named, assemblyLoader: loader) : state.Script.ContinueWith(code, named);
    }

    /// <summary>Whether a cell ends with an expression that has no semicolon and is not void.</summary>
    private static bool HasValue(Compilation compilation)
    {
        var tree = compilation.SyntaxTrees.Single();
        return tree.GetRoot() is CompilationUnitSyntax { Members: [.., GlobalStatementSyntax { Statement: ExpressionStatementSyntax last }] }
            && last.SemicolonToken.IsMissing
            && compilation.GetSemanticModel(tree).GetTypeInfo(last.Expression).Type is { SpecialType: not SpecialType.System_Void };
    }

    private static string Shown(Diagnostic error, string place)
    {
        var start = error.Location.GetLineSpan().StartLinePosition;
        return $"{place}:{start.Line + 1}:{start.Character + 1}: {error.Id}: {error.GetMessage()}";
    }
}
