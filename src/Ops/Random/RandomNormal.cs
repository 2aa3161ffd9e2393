namespace AutoDiffCnn;

/// <summary>Standard normal random numbers from a key: the same key gives the same numbers.</summary>
/// <param name="Shape">The shape; of keys [n, 2] so many for each, [n, …].</param>
/// <example><code>
/// var key = Variable("key", [2], Kind.Index);
/// new RandomNormal([64, 120]).Of(key).Shape // [64, 120]
/// </code></example>
public sealed record RandomNormal(Shape Shape) : Op1
{
    /// <inheritdoc/>
    public override Kind InputKind(int index) => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape key) => FoldIn.Of(this, key, Shape);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor key) => FoldIn.Each(key, Shape, one => one.Normal(Shape));

    /// <inheritdoc/>
    public override Node? Vjp(Node key, Node y, Node dy) => NotDifferentiable("a key takes no values in between");
}
