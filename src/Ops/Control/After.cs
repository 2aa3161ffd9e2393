namespace AutoDiffCnn;

/// <summary>y = a, but not before b is known: the same value at a later time, for what should be computed again instead
/// of being kept. b has no influence on the value, so its derivative is 0.</summary>
/// <example><code>new After().Of(Tensor.Of([1, 2]), Tensor.Of([3, 4])) // [1, 2]</code></example>
public sealed record After : Map2<After>, IFormula2
{
    internal override bool VanishesWith(ReadOnlySpan<bool> zeros) => zeros[0];

    static V IFormula2.Of<V>(V a, V b) => a;

    /// <inheritdoc/>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (dy, null);

    /// <summary>x, not before another node is known, of which one element tells. An index, and what would wait for
    /// nothing, stays as it is.</summary>
    internal static Node Known(Node x, Node other)
    {
        if (x.Kind == Kind.Index || other.Shape.Elements == 0)
        {
            return x;
        }

        var (zeros, ones) = (Shape.Repeat(0, other.Shape.Rank), Shape.Repeat(1, other.Shape.Rank));
        return new After().Of(x, Broadcast.To(Functions.Reshape(Functions.Slice(other, zeros, ones), []), x.Shape));
    }

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[0];
}
