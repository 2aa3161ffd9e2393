namespace AutoDiffCnn;

/// <summary>Exchanges axes: axis i of y is axis Axes[i] of x. Its transpose is the inverse exchange.</summary>
/// <param name="Axes">A permutation of x's axes.</param>
/// <example><code>new Transpose([1, 0]).Of(Tensor.Of([[1, 2], [3, 4]])) // [[1, 3], [2, 4]]</code></example>
public sealed record Transpose(Shape Axes) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => Axes.Rank == x.Rank && Arrays.Range(0, x.Rank).All(axis => Axes.AsSpan().Contains(axis))
        ? Shape.From(Axes.Select(axis => x[axis]))
        : throw Rejects($"the axes {Axes} are not a permutation of 0..{x.Rank - 1}",
            [$"{Shape.From(Arrays.Range(0, x.Rank).Reverse())}"], x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var (shape, from) = (Infer(x.Shape), x.Shape.Strides());
        var steps = shape.Strides();
        return Tensor.From(shape, i =>
            x.At((int)Axes.Select((axis, to) => i / steps[to] % shape[to] * from[axis]).Sum()));
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => new Transpose(Inverse).Of(dy);

    /// <summary>The permutation that undoes this one.</summary>
    internal Shape Inverse => Shape.From(Arrays.Range(0, Axes.Rank).OrderBy(i => Axes[i]));

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => Axes == [1, 0]
        ? inputs[0].Mark(@"\top", "ᵀ", "^T")
        : MathText.Call("transpose", inputs);
}
