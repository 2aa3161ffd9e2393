namespace AutoDiffCnn;

/// <summary>An independent key for a purpose that a number tells:
/// <see cref="Key.FoldIn(uint)"/> inside a graph.</summary>
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
    public override Shape Infer(Shape key) => CheckKey(this, key) ? key : default;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor key) => ToKey(key).FoldIn(Purpose).ToTensor();

    /// <inheritdoc/>
    public override Node? Vjp(Node key, Node y, Node dy) => NotDifferentiable("a key takes no values in between");

    internal static Key ToKey(Tensor key) => new((uint)key.At(0), (uint)key.At(1));

    internal static bool CheckKey(Op op, Shape key) => key == [2]
        ? true
        : throw new ShapeError($"{op} on {key}", "a key has the shape [2]", ["Key.ToTensor()"]);
}
