using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Weights for a network from those of another, as far as they fit, and what came of each.</summary>
/// <param name="Weights">All weights that the network needs.</param>
/// <param name="Taken">The names whose weights were taken over.</param>
/// <param name="New">The names that the other network has not; they begin anew.</param>
/// <param name="Changed">The names that have another shape there; they begin anew too.</param>
/// <param name="Left">The names of the other network that this one has not.</param>
/// <example><code>
/// var digits10 = lenet.Build([1, 1, 28, 28]).Init(Key.Of(1));
/// var net = Conv2D(6, 5, Same) >> Relu >> MaxPool(2) >> Flatten >> Dense(5);
/// var match = net.Match(digits10, [1, 28, 28]);
/// match.Taken // [conv1.bias, conv1.weight]
/// match // 2 weights taken, 0 new, 2 of another shape (dense1.bias [120], needed [5]; …
/// </code></example>
[TypeFormatterSource]
public sealed record Match(
    Weights Weights, ImmutableArray<string> Taken, ImmutableArray<string> New,
    ImmutableArray<(string Name, Shape There, Shape Needed)> Changed, ImmutableArray<string> Left)
{
    /// <summary>How many of each kind, and which but for those that were taken.</summary>
    public override string ToString() => $"{Taken.Length} weights taken, {Count("new", New)}, "
        + Count("of another shape", [.. Changed.Select(c => $"{c.Name} {c.There}, needed {c.Needed}")], "; ")
        + $", {Count("left", Left)}";

    private static string Count(string what, ImmutableArray<string> names, string between = ", ") =>
        $"{names.Length} {what}{(names.IsEmpty ? "" : $" ({string.Join(between, names)})")}";
}

/// <summary>Learning on the weights of another network.</summary>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3));
/// var net = Conv2D(6, 5, Same) >> Relu >> MaxPool(2) >> Conv2D(16, 5) >> Relu >> MaxPool(2) >> Flatten >> Dense(10);
/// var again = net.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3).Freeze("conv*"),
///     start: net.Match(trained.Weights, [1, 28, 28]).Weights);
/// again.Weights["conv1.weight"].Equals(trained.Weights["conv1.weight"]) // True
/// </code></example>
public static class Transfer
{
    /// <summary>Weights for a network: those of the same name and shape from another, new ones for the rest.</summary>
    /// <param name="layer">The network.</param>
    /// <param name="from">The other network's weights; those of a file are
    /// <c>new Weights(Safetensors.Read(path))</c>.</param>
    /// <param name="input">The shape of one input, without the batch.</param>
    /// <param name="seed">What new weights are drawn from.</param>
    /// <exception cref="ShapeError">A layer does not fit.</exception>
    public static Match Match(this Layer layer, Weights from, Shape input, long seed = 0)
    {
        var first = layer.Build([1, .. input]).Init(Key.Of(seed).FoldIn("init"));
        var shared = first.Keys.Where(from.ContainsKey).ToLookup(name => from[name].Shape == first[name].Shape);
        return new(
            shared[true].Aggregate(first, (weights, name) => weights.With(name, from[name])),
            [.. shared[true]],
            [.. first.Keys.Where(name => !from.ContainsKey(name))],
            [.. shared[false].Select(name => (name, from[name].Shape, first[name].Shape))],
            [.. from.Keys.Where(name => !first.ContainsKey(name))]);
    }
}
