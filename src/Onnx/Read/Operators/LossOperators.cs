using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Losses of scores [n, classes, …] against labels [n, …].</summary>
internal static class LossOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.Alike("NegativeLogLikelihoodLoss", 12, call => Loss(call, call.X)),
        new("SoftmaxCrossEntropyLoss", 12, call =>
        {
            var logarithms = LogSoftmax(call.X, call.Axis(1, call.X.Shape.Rank));
            return [call[0].With(Loss(call, logarithms)), call[0].With(logarithms)];
        }),
    ];

    private static Node Loss(Call call, Node logarithms)
    {
        var (labels, weight) = (new ToIndex().Of(call.Node(1)), call.Optional(2)?.Node);
        var ignored = call.Has("ignore_index") ? call.Int("ignore_index", 0) : -1;
        var reduction = call.Text("reduction", "mean") switch
        {
            "none" => Reduction.None,
            "mean" => Reduction.Mean,
            "sum" => Reduction.Sum,
            var other => throw call.Fail($"reduction must be none, mean or sum, not {other}"),
        };

        // A label that is no class counts for nothing, so it needs no mention.
        var isClass = ignored is >= 0 and <= int.MaxValue;
        return CrossEntropy(logarithms, labels, weight, 0, isClass ? (int)ignored : null, reduction);
    }
}
