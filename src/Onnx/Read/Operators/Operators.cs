using System.Collections.Immutable;
using AutoDiffCnn.Protocol;

namespace AutoDiffCnn;

/// <summary>How an operator is read.</summary>
/// <param name="Name">Its name in ONNX.</param>
/// <param name="Since">The first opset whose version of it is read.</param>
/// <param name="Of">From a node of a file to its results.</param>
/// <param name="IsFolded">Whether results of constants are computed when the file is read; not for what may take
/// long.</param>
internal sealed record Reading(string Name, int Since, Func<Call, ImmutableArray<Value>> Of, bool IsFolded = true)
{
    /// <summary>An operator with one result.</summary>
    public static Reading One(string name, int since, Func<Call, Value> of) => new(name, since, call => [of(call)]);

    /// <summary>An operator with one result of the sort of its first input.</summary>
    public static Reading Alike(string name, int since, Func<Call, Node> of) => One(name, since, call => call[0].With(of(call)));
}

/// <summary>All operators that are read.</summary>
internal static class Operators
{
    /// <summary>The newest opset that is read.</summary>
    public const int LastOpset = 20;

    public static IReadOnlyDictionary<string, Reading> All { get; } = new[]
    {
        ElementwiseOperators.All, ActivationOperators.All, ConstantOperators.All, ConvolutionOperators.All, PoolOperators.All,
        LinearOperators.All, ShapeOperators.All, PartOperators.All, IndexOperators.All, ResizeOperators.All, ReductionOperators.All,
        NormalisationOperators.All, LossOperators.All,
    }.SelectMany(family => family).ToDictionary(reading => reading.Name);

    public static bool IsStandard(string domain) => domain is "" or "ai.onnx";

    /// <summary>Why a node's operator is not read; null if it is.</summary>
    public static string? WhyNot(NodeProto node, long version) =>
        !IsStandard(node.Domain) ? $"its domain {node.Domain} is not known"
        : !All.TryGetValue(node.OpType, out var reading) ? Missing(node.OpType)
        : version < reading.Since ? $"this operator is read from opset {reading.Since} on (possible: export it again with a newer opset)"
        : null;

    private static string Missing(string name) => name switch
    {
        "Loop" or "Scan" or "SequenceMap" => "it runs a graph of its own again and again; a graph here has no loops",
        _ when name.Contains("Linear") || name.Contains("Integer") => "it is of quantised numbers, which are not read",
        _ => "there is no such function here",
    };
}
