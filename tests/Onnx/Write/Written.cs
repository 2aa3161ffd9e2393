using System.Collections.Immutable;
using AutoDiffCnn.Protocol;

namespace OnnxTests;

/// <summary>A graph with values for its inputs, and what it is called.</summary>
internal sealed record Trial(string Title, OnnxGraph Graph, params (Node Variable, Tensor Value)[] Values);

/// <summary>Graphs as files, and their values as the runtime and as Reference have them.</summary>
internal static class Written
{
    /// <summary>What a file computes, in its order.</summary>
    public static NodeProto[] Computed(OnnxGraph graph) => [.. Model(graph).Graph.Node.Where(node => node.OpType != "Constant")];

    /// <summary>The operators of a file, but for constants.</summary>
    public static string[] Operators(OnnxGraph graph) => [.. Computed(graph).Select(node => node.OpType)];

    public static ModelProto Model(OnnxGraph graph) => ModelProto.Parser.ParseFrom(Bytes(graph));

    public static byte[] Bytes(OnnxGraph graph)
    {
        using var stream = new MemoryStream();
        Onnx.Write(stream, graph);
        return stream.ToArray();
    }

    /// <summary>What is wrong with the outputs of cases, a line each; the files are checked as well, if a checker is
    /// there.</summary>
    /// <param name="cases">The graphs.</param>
    /// <param name="tolerance">The largest error, as a part of 1 + the largest value of an output.</param>
    /// <param name="run">What says the values; Reference by default.</param>
    public static List<string> Failures(IReadOnlyList<Trial> cases, double tolerance, Func<ImmutableArray<Node>, IReadOnlyDictionary<Node, Tensor>, ImmutableArray<Tensor>>? run = null)
    {
        var failures = new List<string>();
        Scratch.In(folder =>
        {
            var files = cases.Select((each, i) => Path.Combine(folder, $"{i}.onnx")).ToArray();
            foreach (var (file, each) in files.Zip(cases))
            {
                Onnx.Write(file, each.Graph);
            }

            var answers = Runtime.Run([.. files.Zip(cases, (file, each) => new Task(file, [[.. each.Values.Where(value => each.Graph.Inputs.Contains(value.Variable))]]))]);
            var checks = Runtime.MissingChecker is null ? Runtime.Check(files) : [.. files.Select(_ => "ok")];
            Assert.Equal(files.Length, checks.Length);
            foreach (var ((each, answer), check) in cases.Zip(answers).Zip(checks))
            {
                failures.AddRange(check == "ok" ? [] : [$"{each.Title}: the checker says {check}"]);
                failures.AddRange(answer.Error is { } error ? [$"{each.Title}: {error}"] : Differences(each, answer, run ?? Reference.Run, tolerance));
            }
        });
        return failures;
    }

    private static IEnumerable<string> Differences(
        Trial each, Answer answer, Func<ImmutableArray<Node>, IReadOnlyDictionary<Node, Tensor>, ImmutableArray<Tensor>> run, double tolerance)
    {
        var values = each.Values.Concat(each.Graph.Initializers).DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        var expected = run([.. each.Graph.Outputs.Select(output => output.Node)], values);
        foreach (var ((name, _), right) in each.Graph.Outputs.Zip(expected))
        {
            var given = answer.Runs[0][name];
            if (given.Shape != right.Shape)
            {
                yield return $"{each.Title}: {name} has {given.Shape}, not {right.Shape}";
            }
            else if (Distance(given, right) is var distance && !(distance <= tolerance))
            {
                yield return $"{each.Title}: {name} is {distance:g3} off: {given}, not {right}";
            }
        }
    }

    /// <summary>The largest difference, as a part of 1 + the largest finite value; infinite where only one is NaN or
    /// infinite.</summary>
    public static double Distance(Tensor a, Tensor b) => Enumerable.Range(0, a.Count)
        .Select(i => a.At(i) == b.At(i) || double.IsNaN(a.At(i)) && double.IsNaN(b.At(i)) ? 0
            : double.IsFinite(a.At(i) - b.At(i)) ? Math.Abs(a.At(i) - b.At(i)) : double.PositiveInfinity).DefaultIfEmpty(0).Max()
        / (1 + Enumerable.Range(0, b.Count).Select(i => Math.Abs(b.At(i))).Where(double.IsFinite).DefaultIfEmpty(0).Max());

    /// <summary>A value as single precision holds it.</summary>
    public static Tensor Single(Tensor value) => Tensor.Of(value.Shape, value.Singles);
}
