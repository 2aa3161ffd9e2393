using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Normalisations of images and sequences.</summary>
internal static class NormalisationOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        new("BatchNormalization", 6, BatchNormalization),
        Reading.Alike("InstanceNormalization", 6, call =>
            InstanceNorm(call.X, call.Node(1), call.Node(2), call.Float("epsilon", 1e-5))),
        new("LayerNormalization", 17, LayerNormalization),
        Reading.Alike("GroupNormalization", 18, GroupNormalization),
        Reading.Alike("LRN", 1, ResponseNormalization),
        Reading.Alike("MeanVarianceNormalization", 9, MeanVariance),
        Reading.Alike("LpNormalization", 1, call =>
            call.X / Norm(call.X, call.Int("p", 2), [call.Axis(call.Int("axis", -1), call.X.Shape.Rank)], keepDims: true)),
    ];

    /// <summary>By the running mean and variance; in training mode by the batch's own, which the running ones then move
    /// towards: momentum · running + (1 − momentum) · own.</summary>
    private static ImmutableArray<Value> BatchNormalization(Call call)
    {
        var x = call.X;
        var (epsilon, momentum) = (call.Float("epsilon", 1e-5), call.Float("momentum", 0.9));
        call.Ignore("consumed_inputs");
        var isTraining = call.Version >= 14 ? call.Flag("training_mode") : call.Version < 7 && !call.Flag("is_test");
        if (isTraining && call.Version < 14)
        {
            throw call.Fail("it normalises by its batch (is_test 0), which is read from opset 14 on (possible: export the network for use)");
        }

        if (!call.Flag("spatial", true))
        {
            throw call.Fail("spatial 0 asks for a mean of each pixel, which is not read");
        }

        var (scale, shift, mean, variance) = (Channel(1), Channel(2), Channel(3), Channel(4));
        if (!isTraining)
        {
            return [call[0].With(BatchNorm(x, mean, variance, scale, shift, epsilon))];
        }

        var (ownMean, ownVariance) = Moments(x, [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => axis != 1)]);
        return [call[0].With(BatchNorm(x, ownMean, ownVariance, scale, shift, epsilon)), Next(3, mean, ownMean), Next(4, variance, ownVariance)];

        Node Channel(int input) => x.Shape.Rank >= 2 && call.Node(input).Shape == [x.Shape[1]]
            ? Reshape(call.Node(input), Shape.Repeat(1, x.Shape.Rank).With(1, x.Shape[1]))
            : throw call.Fail($"input {input} needs one number for each channel of {x.Shape}, not {call.Node(input).Shape}");

        Value Next(int input, Node running, Node own) =>
            call[input].With(Reshape(momentum * running + (1 - momentum) * own, [x.Shape[1]]));
    }

    /// <summary>With the mean and 1/√(variance + epsilon) as further results.</summary>
    private static ImmutableArray<Value> LayerNormalization(Call call)
    {
        var (x, epsilon) = (call.X, call.Float("epsilon", 1e-5));
        var axis = call.Axis(call.Int("axis", -1), x.Shape.Rank);
        call.Ignore("stash_type");
        var y = LayerNorm(x, call.Node(1), call.Optional(2)?.Node, axis, epsilon);
        var (mean, variance) = Moments(x, [.. Enumerable.Range(axis, x.Shape.Rank - axis)]);
        return [call[0].With(y), call[0].With(mean), call[0].With(Rsqrt(variance + epsilon))];
    }

    /// <summary>Scale and bias are for groups.</summary>
    private static Node GroupNormalization(Call call)
    {
        var (x, groups) = (call.X, call.Size("num_groups", call.Int("num_groups", 0)));
        var epsilon = call.Float("epsilon", 1e-5);
        return GroupNorm(x, groups, Channels(1), Channels(2), epsilon);

        Node Channels(int input) => groups > 0 && x.Shape.Rank > 1 && call.Node(input).Shape == [groups]
            ? RepeatInterleave(call.Node(input), x.Shape[1] / groups, 0)
            : throw call.Fail($"input {input} needs one number for each of {groups} groups, not {call.Node(input).Shape}");
    }

    /// <summary>x / (bias + alpha/size · Σ x²)^beta over ⌊(size − 1)/2⌋ channels before and ⌈(size − 1)/2⌉
    /// after.</summary>
    private static Node ResponseNormalization(Call call)
    {
        var (x, size) = (call.X, call.Size("size", call.Int("size", 0)));
        var (alpha, beta, bias) = (call.Float("alpha", 1e-4), call.Float("beta", 0.75), call.Float("bias", 1));
        if (x.Shape is not [var n, var c, .. var rest] || size < 1)
        {
            throw call.Fail($"x must be [n, c, …] and the size at least 1, not {x.Shape} and {size}");
        }

        var planes = Reshape(Square(x), [n, 1, c, call.Size("the size", rest.Elements)]);
        var sums = new SumPool([size, 1], new Window([1, 1], [(size - 1) / 2, 0], [size / 2, 0], [1, 1])).Of(planes);
        return x * Pow(bias + alpha / size * Reshape(sums, x.Shape), -beta);
    }

    /// <summary>(x − mean) / (√variance + 10⁻⁹) over some axes, by default all but the channels.</summary>
    private static Node MeanVariance(Call call)
    {
        var (mean, variance) = Moments(call.X, call.Axes(call.Ints("axes") ?? [0, 2, 3], call.X.Shape.Rank));
        return (call.X - mean) / (Sqrt(variance) + 1e-9);
    }
}
