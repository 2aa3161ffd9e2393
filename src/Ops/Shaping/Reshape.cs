namespace AutoDiffCnn;

/// <summary>The same elements in the same order under another shape. Its transpose reshapes back.</summary>
/// <param name="Shape">The new shape, of as many elements.</param>
/// <example><code>new Reshape([4]).Of(Tensor.Of([[1, 2], [3, 4]])) // [1, 2, 3, 4]</code></example>
public sealed record Reshape(Shape Shape) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => x.Elements == Shape.Elements
        ? Shape
        : throw Rejects($"{x} has {x.Elements} elements, {Shape} has {Shape.Elements}",
            [x.Elements <= int.MaxValue ? $"[{x.Elements}]" : $"{x}"], x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x) => x.Reshape(Shape);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => new Reshape(x.Shape).Of(dy);

    /// <inheritdoc/>
    /// Axes of size 1 that come or go are not written.
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => (y.Inputs[0].Shape, Shape) switch
    {
        var (from, to) when from.Where(size => size != 1).SequenceEqual(to.Where(size => size != 1)) => inputs[0],
        ({ Rank: > 2 } from, [var n, _]) when n == from[0] => MathText.Call("flatten", inputs),
        ([var n, _], { Rank: > 2 } to) when n == to[0] => MathText.Call("unflatten", inputs),
        _ => MathText.Call("reshape", inputs),
    };

    /// <inheritdoc/>
    public override string ChainRule(int input) => "";
}
