namespace AutoDiffCnn;

/// <summary>Repeats x to a larger shape, as NumPy does: aligned at the last axis, missing axes and axes of size 1 are
/// repeated. Linear; its transpose is <see cref="SumTo"/>.</summary>
/// <param name="Shape">The shape to reach.</param>
/// <example><code>new Broadcast([2, 3]).Of(Tensor.Of([1, 2, 3])) // [[1, 2, 3], [1, 2, 3]]</code></example>
public sealed record Broadcast(Shape Shape) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x)
    {
        var missing = Shape.Rank - x.Rank;
        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (missing < 0 || x[axis] != 1 && x[axis] != Shape[missing + axis])
            {
                throw Rejects(
                    missing < 0 ? $"rank {x.Rank} exceeds rank {Shape.Rank}"
                        : $"axis {axis} has size {x[axis]}, it must be 1 or {Shape[missing + axis]}",
                    [$"an input of shape {Shape}"], x);
            }
        }

        return Shape;
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var source = Map(x.Shape, Shape);
        return Tensor.From(Shape, i => x.At(source(i)));
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => SumTo.Of(dy, x.Shape);

    /// <summary>x broadcast to a shape; x itself if it has that shape.</summary>
    public static Node To(Node x, Shape shape) => x.Shape == shape ? x : new Broadcast(shape).Of(x);

    /// <summary>An elementwise op of two inputs, after both are broadcast to their common shape.</summary>
    /// <exception cref="ShapeError">There is no common shape.</exception>
    public static Node Pair(Op2 op, Node a, Node b)
    {
        var shape = Common(op, a.Shape, b.Shape);
        return op.Of(To(a, shape), To(b, shape));
    }

    /// <summary>The smallest shape to which both can be broadcast.</summary>
    /// <param name="op">The op that asks, for the message.</param>
    /// <param name="a">The one.</param>
    /// <param name="b">The other.</param>
    /// <exception cref="ShapeError">Two sizes differ and neither is 1.</exception>
    public static Shape Common(Op op, Shape a, Shape b)
    {
        var sizes = new int[Math.Max(a.Rank, b.Rank)];
        for (var back = 1; back <= sizes.Length; back++)
        {
            var (left, right) = (SizeFromEnd(a, back), SizeFromEnd(b, back));
            sizes[^back] = left == right || right == 1 ? left
                : left == 1 ? right
                : throw new ShapeError($"{op.Name} on {a} and {b}",
                    $"axis {-back}: sizes {left} and {right} differ and neither is 1", Repairs(a, b));
        }

        return Shape.Of(sizes);
    }

    private static int SizeFromEnd(Shape shape, int back) => back <= shape.Rank ? shape[^back] : 1;

    /// <summary>A vector that fits another axis can be reshaped to lie along it; sizes of 1 always fit.</summary>
    private static List<string> Repairs(Shape a, Shape b)
    {
        var (wide, narrow) = a.Rank >= b.Rank ? (a, b) : (b, a);
        List<string> repairs =
            [$"Reshape {narrow} to {wide}" + (wide.Elements == narrow.Elements ? "" : " if its data has that size")];
        if (narrow.Rank == 1 && Arrays.Range(0, wide.Rank)
            .FirstOrDefault(axis => wide[axis] == narrow[0], -1) is >= 0 and var along)
        {
            repairs.Insert(0, $"Reshape {narrow} to {Shape.Repeat(1, wide.Rank - along).With(0, narrow[0])}");
        }

        if (wide.Elements != narrow.Elements)
        {
            repairs.RemoveAt(repairs.Count - 1);
            repairs.Add($"{Shape.Repeat(1, wide.Rank)} instead of {narrow}");
        }

        return repairs;
    }

    /// <summary>For each flat position of <paramref name="large"/> the flat position of <paramref name="small"/>
    /// that it repeats.</summary>
    internal static Func<int, int> Map(Shape small, Shape large)
    {
        var (steps, from) = (large.Strides(), small.Strides());
        var missing = large.Rank - small.Rank;
        return flat =>
        {
            var source = 0L;
            for (var axis = missing; axis < large.Rank; axis++)
            {
                source += small[axis - missing] == 1 ? 0 : flat / steps[axis] % large[axis] * from[axis - missing];
            }

            return (int)source;
        };
    }

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => inputs[0];

    /// <inheritdoc/>
    public override string ChainRule(int input) => "repetition: sum over the repeats";
}
