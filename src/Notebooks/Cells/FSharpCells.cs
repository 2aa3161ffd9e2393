using System.Collections.Immutable;
using System.Reflection;
using FSharp.Compiler.Diagnostics;
using FSharp.Compiler.Interactive;
using Microsoft.FSharp.Core;

namespace AutoDiffCnn.Notebooks;

/// <summary>Runs cells of F#, each after the ones before.</summary>
internal sealed class FSharpCells : ICells
{
    private const string Given = "AutoDiffCnn.Notebooks.Given";

    // The formatter would take F#'s collections apart, down to the exceptions that an empty list's head throws.
    private const string Start =
        """
        open System
        open System.IO
        open Microsoft.DotNet.Interactive
        open Microsoft.DotNet.Interactive.Formatting
        open type Microsoft.DotNet.Interactive.Kernel

        for collection in [typedefof<list<_>>; typedefof<option<_>>; typedefof<Map<_, _>>; typedefof<Set<_>>] do
            Formatter.Register(collection, Action<obj, TextWriter>(fun value writer -> writer.Write(sprintf "%A" value)), "text/plain")
            Formatter.SetPreferredMimeTypesFor(collection, "text/plain")
        """;

    private readonly Libraries libraries;
    private readonly Shell.FsiEvaluationSession session;

    public FSharpCells(Libraries libraries)
    {
        this.libraries = libraries;
        // With the SDK's reference assemblies, an int of theirs is not the int of a value that comes from elsewhere.
        string[] arguments =
        [
            "fsi", "--noninteractive", "--nologo", "--gui-", "--quiet", "--multiemit+", "--debug+", "--optimize-", "--usesdkrefs-",
            .. Libraries.ForShowing.Select(assembly => $"-r:{assembly.Location}"),
        ];
        session = Shell.FsiEvaluationSession.Create(Shell.FsiEvaluationSession.GetDefaultConfiguration(), arguments,
            TextReader.Null, TextWriter.Null, TextWriter.Null, FSharpOption<bool>.None, null);
        Run(Start, "start");
    }

    public void Refer(ImmutableArray<string> paths)
    {
        libraries.Load(paths);
        Run(string.Join('\n', paths.Select(path => $"#r @\"{path}\"")), "#r");
    }

    public Value? Run(string code, string place)
    {
        // A session takes what stands before a `;;` as one interaction and leaves the rest.
        Value? value = null;
        foreach (var part in Interactions(code))
        {
            value = RunOne(part, place);
        }

        return value;
    }

    public Value? Get(string name) =>
        session.TryFindBoundValue(name)?.Value is { } bound ? new(bound.Value.ReflectionValue) : null;

    public void Set(string name, object? value)
    {
        var type = SharedType.Of(value);
        if (type.Assemblies is { Length: > 0 } assemblies)
        {
            Refer(assemblies);
        }

        // The session's own AddBoundValue cannot be given null, nor a value of a type that nobody sees.
        AppDomain.CurrentDomain.SetData(Given, value);
        Run($"let {name} = unbox<{type.FSharp}> (System.AppDomain.CurrentDomain.GetData \"{Given}\")", "#!share");
        AppDomain.CurrentDomain.SetData(Given, null);
    }

    public Message.Completions Complete(string code, int position)
    {
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(code[start - 1]) || code[start - 1] is '_' or '.'))
        {
            start--;
        }

        var typed = code[start..position];
        var name = start + typed.LastIndexOf('.') + 1;
        return new([.. session.GetCompletions(typed).Distinct().Order(StringComparer.Ordinal)], name, position);
    }

    private Value? RunOne(string code, string place)
    {
        var (result, diagnostics) = session.EvalInteractionNonThrowing(code, place, FSharpOption<CancellationToken>.None);
        var errors = diagnostics.Where(diagnostic => diagnostic.Severity.IsError).ToImmutableArray();
        if (errors is [var first, ..])
        {
            throw new CellError("CompilationError", first.Message, [.. errors.Select(error => Shown(error, place))]);
        }

        return result switch
        {
            FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice2Of2 thrown => throw new TargetInvocationException(thrown.Item),
            FSharpChoice<FSharpOption<Shell.FsiValue>, Exception>.Choice1Of2 { Item.Value: var value }
                when value.ReflectionType != typeof(Unit) => new(value.ReflectionValue),
            _ => null,
        };
    }

    private static string Shown(FSharpDiagnostic error, string place) =>
        $"{place}:{error.StartLine}:{error.StartColumn + 1}: {error.ErrorNumberText}: {error.Message}";

    /// <summary>The parts of a cell that <c>;;</c> at the end of a line separates, each at its line.</summary>
    private static IEnumerable<string> Interactions(string code)
    {
        var lines = code.Split('\n');
        var start = 0;
        for (var i = 0; i < lines.Length; i++)
        {
            if (i == lines.Length - 1 || lines[i].TrimEnd().EndsWith(";;", StringComparison.Ordinal))
            {
                yield return new string('\n', start) + string.Join('\n', lines[start..(i + 1)]);
                start = i + 1;
            }
        }
    }
}
