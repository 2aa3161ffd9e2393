namespace AutoDiffCnn;

/// <summary>An independent key for a purpose that a number tells: <see cref="Key.FoldIn(uint)"/> inside a graph; of
/// keys [n, 2] one for each, [n, 2].</summary>
/// <param name="Purpose">The number.</param>
/// <example><code>
/// var key = Key.Of(42);
/// var node = new FoldIn(3).Of(Indices(key.ToTensor()));
/// node.Value.Equals(key.FoldIn(3).ToTensor()) // True
/// </code></example>
public sealed record FoldIn(uint Purpose) : Op1
{
    /// <inheritdoc/>
    public override Kind Kind => Kind.Index;

    /// <inheritdoc/>
    public override Kind InputKind(int index) => Kind.Index;

    /// <inheritdoc/>
    public override Shape Infer(Shape key) => Of(this, key, [2]);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor key) => Each(key, [2], one => one.FoldIn(Purpose).ToTensor());

    /// <inheritdoc/>
    public override Node? Vjp(Node key, Node y, Node dy) => NotDifferentiable("a key takes no values in between");

    /// <summary>The shape of what each key of a batch gives.</summary>
    internal static Shape Of(Op op, Shape key, Shape one) => key is [.. var batch, 2]
        ? [.. batch, .. one]
        : throw new ShapeError($"{op} on {key}", "a key has the shape [2]", ["Key.ToTensor()"]);

    /// <summary>What each key of a batch gives.</summary>
    internal static Tensor Each(Tensor keys, Shape one, Func<Key, Tensor> give)
    {
        var each = Enumerable.Range(0, keys.Count / 2)
            .Select(i => give(new((uint)keys.At(2 * i), (uint)keys.At(2 * i + 1)))).ToArray();
        var count = (int)one.Elements;
        return Tensor.From([.. keys.Shape[..^1], .. one], i => each[i / count].At(i % count));
    }
}
