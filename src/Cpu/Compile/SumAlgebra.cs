namespace AutoDiffCnn;

/// <summary>Rules for sums that only real numbers obey. Floats obey them up to rounding, and where a factor is
/// infinite, so they belong to this executor and not to <see cref="Rewrite"/>.</summary>
internal static class SumAlgebra
{
    // Products of products are looked at so deep; each level may double the work.
    private const int MostDepth = 6;

    /// <summary>Σ k·x = k·Σx where k is the same for all terms of a sum: sums that differ by factors become one. The sum of
    /// what is repeated is a product. And Σ (x − mean x) = 0, which the gradient of a variance asks for; it stays NaN if x is
    /// not finite.</summary>
    public static Node? Rule(Node node)
    {
        if (node.Op is not SumTo { Shape: var to } || node.Inputs[0] is var x && x.Shape.Elements <= to.Elements)
        {
            return null;
        }

        if (Deviations(x, to) is { } zero)
        {
            return zero;
        }

        if (x is { Op: Broadcast, Inputs: [var repeated] } && to.Elements > 0)
        {
            return OfRepeated(repeated, x.Shape, to);
        }

        var (core, factor, isNegative) = Split(x, to, MostDepth);
        var sum = SumTo.Of(core, to);
        sum = factor is null ? sum : new Multiply().Of(sum, factor);
        return isNegative ? -sum : factor is null ? null : sum;
    }

    /// <summary>x and Σx if a node is the mean of a value, Σx / count.</summary>
    public static (Node X, Node Sum)? MeanOf(Node node) =>
        Unit.Storage(node) is { Op: Divide, Inputs: [var divided, var count] }
        && Unit.Storage(divided) is { Op: SumTo, Inputs: [var x] } sum
        && Constant.NumberIn(count) is { } number && number * sum.Shape.Elements == x.Shape.Elements
            ? (x, sum)
            : null;

    /// <summary>What a sum keeps, with as many axes as what it sums.</summary>
    public static Shape Kept(Shape from, Shape to) =>
        from.Select((_, axis) => axis < from.Rank - to.Rank ? 1 : to[axis - from.Rank + to.Rank]);

    /// <summary>What is broadcast by a node, seen as a value of the shape of a sum; null if it differs between the
    /// terms of the sum.</summary>
    public static Node? Factor(Node node, Shape to)
    {
        if (node.Op is not Broadcast)
        {
            return null;
        }

        var (k, all) = (node.Inputs[0], node.Shape);
        for (var back = 1; back <= k.Shape.Rank; back++)
        {
            var isSummed = all[^back] != 1 && (back > to.Rank || to[^back] == 1);
            if (k.Shape[^back] != 1 && isSummed)
            {
                return null;
            }
        }

        var fitted = k.Shape.Rank > to.Rank ? new Reshape(k.Shape[^to.Rank..]).Of(k) : k;
        return Broadcast.To(fitted, to);
    }

    /// <summary>The sum of x repeated to a shape: that of x times how often each of its elements comes.</summary>
    private static Node OfRepeated(Node x, Shape shape, Shape to)
    {
        var rank = Math.Min(to.Rank, x.Shape.Rank);
        var kept = to[^rank..].Select((size, axis) => size == 1 ? 1 : x.Shape[^rank..][axis]);
        var times = shape.Elements / to.Elements / (x.Shape.Elements / kept.Elements);
        return Broadcast.To(SumTo.Of(x, kept) * (double)times, to);
    }

    /// <summary>x as ±core · factor.</summary>
    private static (Node Core, Node? Factor, bool IsNegative) Split(Node x, Shape to, int depth)
    {
        if (depth > 0 && x is { Op: Negate, Inputs: [var negated] })
        {
            var (core, factor, isNegative) = Split(negated, to, depth - 1);
            return (core, factor, !isNegative);
        }

        if (depth == 0 || x is not { Op: Multiply, Inputs: [var a, var b] })
        {
            return (x, null, false);
        }

        if ((Factor(a, to), Factor(b, to)) is not (null, null) and var (left, right))
        {
            var (core, factor, isNegative) = left is null ? Split(a, to, depth - 1) : Split(b, to, depth - 1);
            var own = left ?? right!;
            return (core, factor is null ? own : new Multiply().Of(own, factor), isNegative);
        }

        var (p, q) = (Split(a, to, depth - 1), Split(b, to, depth - 1));
        if (p == (a, null, false) && q == (b, null, false))
        {
            return (x, null, false);
        }

        // In one order, so that equal products are recognised.
        var product = p.Core.GetHashCode() <= q.Core.GetHashCode()
            ? new Multiply().Of(p.Core, q.Core)
            : new Multiply().Of(q.Core, p.Core);
        var both = (p.Factor, q.Factor) switch
        {
            (null, var only) => only,
            (var only, null) => only,
            var (f, g) => new Multiply().Of(f, g),
        };
        return (product, both, p.IsNegative != q.IsNegative);
    }

    /// <summary>0 if x is made of deviations from a mean over the sum's axes, with factors that are the same for all
    /// terms.</summary>
    private static Node? Deviations(Node x, Shape to) => x switch
    {
        { Op: Negate, Inputs: [var a] } => Deviations(a, to),
        { Op: Multiply, Inputs: [var a, var k] } when Factor(k, to) is { } factor => Scaled(Deviations(a, to), factor),
        { Op: Multiply, Inputs: [var k, var a] } when Factor(k, to) is { } factor => Scaled(Deviations(a, to), factor),
        { Op: Add or Subtract, Inputs: [var a, var b] } when Deviations(a, to) is { } zero =>
            Deviations(b, to) is { } other ? new Add().Of(zero, other) : null,
        { Op: Subtract, Inputs: [var a, { Op: Broadcast, Inputs: [var mean] } b] }
            when MeanOf(mean) is var (of, sum) && of == a && Factor(b, to) is not null
            && Kept(x.Shape, sum.Shape) == Kept(x.Shape, to) =>
            new Reshape(to).Of(new Subtract().Of(sum, sum)),
        _ => null,
    };

    private static Node? Scaled(Node? zero, Node factor) => zero is null ? null : new Multiply().Of(zero, factor);
}
