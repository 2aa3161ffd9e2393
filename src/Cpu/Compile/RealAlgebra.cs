namespace AutoDiffCnn;

/// <summary>Rules that real numbers obey, and floats up to rounding and the sign of a zero; see also
/// <see cref="SumAlgebra"/>.</summary>
internal static class RealAlgebra
{
    /// <summary>Small whole powers are products. Parts placed in zeros side by side and added, as the gradient of a
    /// value that is used in parts, are joined. The gradient of a mean of windows is divided last, which a pool does by itself.</summary>
    public static Node? Rule(Node node) => node switch
    {
        { Op: Power, Inputs: [var a, var b] } => Constant.NumberIn(b) switch
        {
            -1 => new Reciprocal().Of(a),
            1 => a,
            2 => a * a,
            3 => a * a * a,
            4 => Functions.Square(a * a),
            _ => null,
        },
        { Op: SumPoolInput pool, Inputs: [{ Op: Divide, Inputs: [var dy, var count] }] } when Constant.NumberIn(count) is { } number =>
            pool.Of(dy) * (1 / number),
        { Op: MatMul product, Inputs: [var a, var b] } => OfVectors(product, a, b),
        { Op: Add, Inputs: [{ Op: Place } a, { Op: Place } b] } => Joined(a, b) ?? Joined(b, a),
        _ => null,
    };

    /// <summary>A product of vectors, or of a matrix and a vector, as a loop over the matrix: nothing is used twice, so memory
    /// sets the pace.</summary>
    private static Node? OfVectors(MatMul product, Node a, Node b)
    {
        var ((m, k, n), batch) = (product.Matrices(a.Shape, b.Shape), a.Shape[..^2]);
        return (m, k, n) switch
        {
            (0, _, _) or (_, 0, _) or (_, _, 0) => null,
            (_, 1, _) => Functions.Reshape(a, [.. batch, m, 1]) * Functions.Reshape(b, [.. batch, 1, n]),
            (_, _, 1) => Functions.Reshape(Times(a, product.TransposeA, b), [.. batch, m, 1]),
            (1, _, _) => Functions.Reshape(Times(b, !product.TransposeB, a), [.. batch, 1, n]),
            _ => null,
        };

        // Σ over the last axis of a matrix, or over the one before if it is turned.
        Node Times(Node matrix, bool isTurned, Node vector) => isTurned
            ? Functions.Sum(matrix * Functions.Reshape(vector, [.. batch, k, 1]), [batch.Rank])
            : Functions.Sum(matrix * Functions.Reshape(vector, [.. batch, 1, k]), [batch.Rank + 1]);
    }

    /// <summary>Two boxes as one, if the second begins on some axis where the first ends and is the same on all
    /// others.</summary>
    private static Node? Joined(Node first, Node second)
    {
        var ((a, p), (b, q)) = ((first.Inputs[0], (Place)first.Op), (second.Inputs[0], (Place)second.Op));
        for (var axis = 0; axis < a.Shape.Rank; axis++)
        {
            if (p.Step[axis] == 1 && p.Step == q.Step && p.Start.With(axis, p.Start[axis] + a.Shape[axis]) == q.Start
                && a.Shape.With(axis, b.Shape[axis]) == b.Shape)
            {
                var both = new Concat(axis).Of([.. Parts(a, axis), .. Parts(b, axis)]);
                return both.Shape == p.Shape && p.Step.All(step => step == 1) ? both : p.Of(both);
            }
        }

        return null;
    }

    private static IEnumerable<Node> Parts(Node x, int axis) =>
        x.Op is Concat concat && concat.Axis == axis ? x.Inputs : [x];
}
