using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>y = a where the mask is not 0, else b. The value that is not chosen has no influence, even if it is NaN.
/// Locally constant in the mask: by convention its derivative there is 0 everywhere.</summary>
/// <example><code>
/// Node x = Tensor.Of([-1, 2]);
/// Select.Where(Less(x, 0), 10 * x, x) // [-10, 2]
/// </code></example>
public sealed record Select : Map3<Select>, IFormula3
{
    internal override bool VanishesWith(ReadOnlySpan<bool> zeros) => zeros[1] && zeros[2];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V IFormula3.Of<V>(V mask, V a, V b) => V.IfEqual(mask, V.Of(0), b, a);

    /// <inheritdoc/>
    public override (Node? Da, Node? Db, Node? Dc) Vjp(Node mask, Node a, Node b, Node y, Node dy) =>
        (null, Where(mask, dy, 0), Where(mask, 0, dy));

    /// <summary>a where the mask is not 0, else b; all three broadcast to one shape.</summary>
    /// <exception cref="ShapeError">There is no common shape.</exception>
    public static Node Where(Node mask, Node a, Node b)
    {
        var op = new Select();
        var shape = Broadcast.Common(op, Broadcast.Common(op, mask.Shape, a.Shape), b.Shape);
        return op.Of(Broadcast.To(mask, shape), Broadcast.To(a, shape), Broadcast.To(b, shape));
    }

    /// <inheritdoc/>
    /// A choice of something or nothing is a product with 0 or 1.
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[2].Text == "0" ? inputs[1] * inputs[0]
        : inputs[1].Text == "0" ? inputs[2] * (MathText.Number(1) - inputs[0])
        : MathText.Call("where", inputs);
}
