namespace AutoDiffCnn;

/// <summary>The composites that a derivation calls by their names: one pattern each, for nodes whose inputs were looked
/// at before.</summary>
internal static class Idioms
{
    /// <summary>A node as an idiom, or null.</summary>
    public static Node? Find(Node node) => node switch
    {
        { Op: Divide, Inputs: [{ Op: Exp } powers, { Op: Broadcast, Inputs: [{ Op: SumTo total, Inputs: [var summed] }] }] }
            when powers == summed && Shifted(powers.Inputs[0]) is { } x => Softmax(node, x, total.Shape),
        { Op: Subtract, Inputs: [var shifted, { Op: Broadcast, Inputs: [{ Op: Log, Inputs: [{ Op: SumTo total } sum] }] }] }
            when sum.Inputs is [{ Op: Exp, Inputs: [var same] }] && shifted == same && Shifted(shifted) is { } x
            => LogSoftmax(node, x, total.Shape),
        { Op: Divide, Inputs: [{ Op: Negate, Inputs: [{ Op: SumTo { Shape.Rank: 0 } } sum] }, { Op: Constant { Value: var count } }] }
            when Chosen(sum.Inputs[0]) is var (z, y) => CrossEntropy(node, z, y, count.Scalar),
        _ => null,
    };

    /// <summary>z and y of what is ln softmax(z) where y is 1, and 0 elsewhere, or of y ⊙ ln softmax(z).</summary>
    private static (Node Z, Node Y)? Chosen(Node node) =>
        node is { Op: Multiply } or { Op: Select, Inputs: [{ Op: OneHot }, _, _] }
        && node.Inputs[1] is { Op: Idiom { Title: nameof(LogSoftmax) }, Inputs: [{ Shape.Rank: 2 } z] } ? (z, node.Inputs[0]) : null;

    /// <summary>x of x − max x, which is taken for overflow's sake and is a constant to derivatives.</summary>
    private static Node? Shifted(Node node) => node is
    { Op: Subtract, Inputs: [var x, { Op: Broadcast, Inputs: [{ Op: StopGradient, Inputs: [{ Op: Max, Inputs: [var same] }] }] }] }
        && x == same ? x : null;

    private static Node Softmax(Node y, Node x, Shape kept) => Idiom.Of(y, [x], nameof(Softmax), "softmax: dZ = S ⊙ (dS − Σ dS ⊙ S)",
        (_, s, ds) => [s * (ds - SumTo.Of(ds * s, kept))], inputs => MathText.Call("softmax", inputs));

    private static Node LogSoftmax(Node y, Node x, Shape kept) => Idiom.Of(y, [x], nameof(LogSoftmax),
        "logarithm of softmax: the error minus softmax times its sum",
        (xs, _, dy) => [dy - SoftmaxOf(xs[0], kept) * SumTo.Of(dy, kept)], inputs => MathText.Operator("ln", MathText.Call("softmax", inputs)));

    /// <summary>−Σ y ⊙ ln softmax(z) / n. In a one-hot row of y one element is 1, so Σ y is 1 in each row.</summary>
    private static Node CrossEntropy(Node loss, Node z, Node y, double count)
    {
        Shape rows = [z.Shape[0], 1];
        return Idiom.Of(loss, [z, y], nameof(CrossEntropy), "softmax and cross-entropy: what is predicted minus what is true",
            (inputs, _, dl) => inputs is [var x, var target]
                ? [dl * ((target.Op is OneHot ? SoftmaxOf(x, rows) : SoftmaxOf(x, rows) * SumTo.Of(target, rows)) - target) / count,
                    target.Op is OneHot ? null : -dl * Functions.LogSoftmax(x) / count]
                : [],
            inputs => -((inputs[1] * MathText.Operator("ln", MathText.Call("softmax", inputs[0]))).Sum() / MathText.Number(count)));
    }

    private static Node SoftmaxOf(Node x, Shape kept)
    {
        var axis = Enumerable.Range(0, x.Shape.Rank).First(each => kept[each] != x.Shape[each] || each == x.Shape.Rank - 1);
        return Softmax(Functions.Softmax(x, axis), x, kept);
    }
}
