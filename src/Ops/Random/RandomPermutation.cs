namespace AutoDiffCnn;

/// <summary>The numbers 0 … Count − 1 in random order from a key, an index: <see cref="Key.Permutation"/> inside a
/// graph. The same key gives the same order.</summary>
/// <param name="Count">How many; of keys [n, 2] so many for each, [n, Count].</param>
/// <example><code>
/// var key = Indices(Key.Of(42).ToTensor());
/// var order = new RandomPermutation(4).Of(key);
/// Sum(Gather(Tensor.Of([1, 2, 4, 8]), order, 0)) // 15
/// </code></example>
public sealed record RandomPermutation(int Count) : Op1
{
    /// <inheritdoc/>
    public override Kind Kind => Kind.Index;

    /// <inheritdoc/>
    public override Kind InputKind(int index) => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape key) => FoldIn.Of(this, key, [Count]);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor key) =>
        FoldIn.Each(key, [Count], one => Tensor.Of([.. one.Permutation(Count).Select(i => (double)i)]));

    /// <inheritdoc/>
    public override Node? Vjp(Node key, Node y, Node dy) => NotDifferentiable("a key takes no values in between");
}
