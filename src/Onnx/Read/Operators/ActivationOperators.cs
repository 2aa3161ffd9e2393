using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Activations, and the softmax family.</summary>
internal static class ActivationOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Activation("Relu", 6, (_, x) => Relu(x)),
        Activation("LeakyRelu", 6, (call, x) => LeakyRelu(x, call.Float("alpha", 0.01))),
        Activation("PRelu", 6, (call, x) => Where(Greater(x, 0), x, Slope(call) * x)),
        Activation("Elu", 6, (call, x) => Elu(x, call.Float("alpha", 1))),
        Activation("Selu", 6, Selu),
        Activation("Celu", 12, (call, x) => Celu(x, call.Float("alpha", 1))),
        Activation("Gelu", 20, (call, x) => call.Text("approximate", "none") switch
        {
            "none" => Gelu(x),
            "tanh" => GeluTanh(x),
            var other => throw call.Fail($"approximate must be none or tanh, not {other}"),
        }),
        Activation("Sigmoid", 6, (_, x) => Sigmoid(x)),
        Activation("HardSigmoid", 6, (call, x) => Clamp(call.Float("alpha", 0.2) * x + call.Float("beta", 0.5), 0, 1)),
        Activation("HardSwish", 14, (_, x) => HardSwish(x)),
        Activation("Mish", 18, (_, x) => Mish(x)),
        Activation("Softplus", 1, (_, x) => Softplus(x)),
        Activation("Softsign", 1, (_, x) => Softsign(x)),
        Activation("Tanh", 6, (_, x) => Tanh(x)),
        Activation("ThresholdedRelu", 10, (call, x) => Threshold(x, call.Float("alpha", 1), 0)),
        Activation("Shrink", 9, Shrink),
        Activation("Clip", 6, Clip),
        Reading.One("Softmax", 1, call => call[0].With(AlongAxis(call, x => Softmax(x), (x, axis) => Softmax(x, axis)))),
        Reading.One("LogSoftmax", 1, call => call[0].With(AlongAxis(call, x => LogSoftmax(x), (x, axis) => LogSoftmax(x, axis)))),
        Reading.One("Hardmax", 1, call => call[0].With(AlongAxis(call, x => Hardmax(x, x.Shape.Rank - 1), Hardmax))),
    ];

    private static Reading Activation(string name, int since, Func<Call, Node, Node> function) =>
        Reading.Alike(name, since, call => function(call, call.X));

    /// <summary>A slope for each element, broadcast; before opset 7 one for each channel.</summary>
    private static Node Slope(Call call)
    {
        var (x, slope) = (call.X, call.Node(1));
        return call.Version < 7 && slope.Shape is [var channels] && channels > 1 && x.Shape.Rank > 1
            ? Reshape(slope, Shape.Repeat(1, x.Shape.Rank - 1).With(0, channels))
            : slope;
    }

    private static Node Selu(Call call, Node x) =>
        call.Float("gamma", 1.05070102214813232421875) * Elu(x, call.Float("alpha", 1.67326319217681884765625));

    /// <summary>x + bias below −lambd, x − bias above lambd, 0 between.</summary>
    private static Node Shrink(Call call, Node x)
    {
        var (bias, bound) = (call.Float("bias", 0), call.Float("lambd", 0.5));
        return Where(Less(x, -bound), x + bias, Where(Greater(x, bound), x - bias, 0));
    }

    /// <summary>Between bounds, which are attributes before opset 11 and inputs since; one that is left out bounds
    /// nothing. Where the lower bound is the larger one the upper one wins.</summary>
    private static Node Clip(Call call, Node x)
    {
        var isOld = call.Version < 11;
        var low = !isOld ? call.Optional(1)?.Node : call.Has("min") ? call.Float("min", 0) : (Node?)null;
        var high = !isOld ? call.Optional(2)?.Node : call.Has("max") ? call.Float("max", 0) : (Node?)null;
        x = low is null ? x : Where(Less(x, low), low, x);
        return high is null ? x : Where(Less(high, x), high, x);
    }

    /// <summary>Along one axis, by default the last; before opset 13 along all axes from one on, by default the second,
    /// as if they were one.</summary>
    private static Node AlongAxis(Call call, Func<Node, Node> ofRows, Func<Node, int, Node> along)
    {
        var x = call.X;
        if (call.Version >= 13)
        {
            return along(x, call.Axis(call.Int("axis", -1), x.Shape.Rank));
        }

        var first = call.Int("axis", 1) is var axis && axis == x.Shape.Rank ? x.Shape.Rank : call.Axis(axis, x.Shape.Rank);
        return Reshape(ofRows(Reshape(x, ShapeOperators.Rows(x.Shape, first))), x.Shape);
    }

    private static Node Hardmax(Node x, int axis)
    {
        var n = x.Shape.Rank;
        var hot = OneHot(ArgMax(x, axis), x.Shape[axis]);
        int[] moved = [.. Enumerable.Range(0, n).Select(i => i == axis ? n : i), axis];
        return Reshape(Transpose(hot, Shape.From(moved)), x.Shape);
    }
}
