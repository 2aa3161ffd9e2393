namespace AutoDiffCnn;

/// <summary>Turns some axes around; over height and width that is a turn by 180 degrees. Its own transpose.</summary>
/// <param name="Axes">The axes to turn around.</param>
/// <example><code>new Reverse([0, 1]).Of(Tensor.Of([[1, 2], [3, 4]])) // [[4, 3], [2, 1]]</code></example>
public sealed record Reverse(Shape Axes) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) =>
        Axes.FirstOrDefault(axis => axis >= x.Rank, -1) is >= 0 and var outside ? throw RejectsAxis(outside, x)
        : Axes.Distinct().Count() != Axes.Rank
            ? throw Rejects($"the axes {Axes} name an axis twice", [$"{Shape.From(Axes.Distinct())}"], x)
        : x;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var steps = x.Shape.Strides();
        return Tensor.From(x.Shape, i => x.At((int)(i + Axes.Sum(axis =>
            (x.Shape[axis] - 1 - 2 * (i / steps[axis] % x.Shape[axis])) * steps[axis]))));
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => Of(dy);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Call(Axes.Rank == 2 ? "rot180" : "reverse", inputs);
}
