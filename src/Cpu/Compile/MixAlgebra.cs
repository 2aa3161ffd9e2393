namespace AutoDiffCnn;

/// <summary>Rules that make one <see cref="Mix"/> of parts that are taken along an axis at known places, weighed and added,
/// and of their transposes. Reals obey them, floats up to rounding.</summary>
internal static class MixAlgebra
{
    // Longer stretches along an axis are copied faster.
    private const int FewBeside = 16;
    private const int ManyRows = 16;
    private const int ShortRun = 3;

    // Of more the matrix would be large itself.
    private const int MostPlaces = 1 << 16;

    /// <summary>Sums of parts of one value become one mix of it, and so does what takes single elements from rows.</summary>
    public static Node? Rule(Node node) => node switch
    {
        { Op: Add, Inputs: [var a, var b] } when TermOf(a) is { } p && TermOf(b) is { } q && p.X == q.X && p.Axis == q.Axis =>
            new Mix(p.Axis, p.Matrix + q.Matrix).Of(p.X),
        { Op: Gather or ScatterAdd } when TermOf(node) is { } term && IsScattered(term) => new Mix(term.Axis, term.Matrix).Of(term.X),
        _ => null,
    };

    /// <summary>A node as a matrix times x along an axis.</summary>
    private sealed record Term(Node X, int Axis, MixMatrix Matrix);

    private static Term? TermOf(Node node) => node switch
    {
        { Op: Mix mix, Inputs: [var x] } => new(x, mix.Axis, mix.Matrix),
        { Op: Gather gather, Inputs: [var x, { Op: Constant { Value.Count: <= MostPlaces } index }] } =>
            OfScaled(x, gather.Axis, MixMatrix.Taking(index.Value, x.Shape[gather.Axis])),
        { Op: ScatterAdd { Size: <= MostPlaces } add, Inputs: [var x, { Op: Constant { Value.Count: <= MostPlaces } index }] } =>
            OfScaled(x, add.Axis, MixMatrix.Taking(index.Value, add.Size).Transposed()),
        { Op: Multiply, Inputs: [var a, var b] } when a.Op is Broadcast or Constant => Scaled(b, a),
        { Op: Multiply, Inputs: [var a, var b] } when b.Op is Broadcast or Constant => Scaled(a, b),
        _ => null,
    };

    private static Term? Scaled(Node node, Node factor) =>
        TermOf(node) is { } term && Along(factor, term.Axis) is { } k ? term with { Matrix = term.Matrix.TimesRows(k) } : null;

    /// <summary>A matrix times x, where x may be a value times numbers along the axis.</summary>
    private static Term OfScaled(Node x, int axis, MixMatrix matrix) => x switch
    {
        { Op: Multiply, Inputs: [var a, var b] } when Along(b, axis) is { } k => new(a, axis, matrix.TimesColumns(k)),
        { Op: Multiply, Inputs: [var a, var b] } when Along(a, axis) is { } k => new(b, axis, matrix.TimesColumns(k)),
        _ => new(x, axis, matrix),
    };

    /// <summary>The numbers along an axis of what is the same along all others; null if it is not known, or not such.</summary>
    private static Func<int, double>? Along(Node node, int axis)
    {
        var (k, rank) = (node.Op is Broadcast ? node.Inputs[0] : node, node.Shape.Rank);
        if (k.Op is not Constant { Value: var value })
        {
            return null;
        }

        var own = axis - rank + k.Shape.Rank;
        return value.Count == 1 ? _ => value.At(0)
            : own >= 0 && k.Shape[own] == value.Count ? value.At
            : null;
    }

    /// <summary>Whether moving elements one by one is what a node would do: many rows of single elements that lie apart.</summary>
    private static bool IsScattered(Term term)
    {
        var (shape, runs, next) = (term.X.Shape, 0, (-1, -1));
        for (var row = 0; row < term.Matrix.Rows; row++)
        {
            foreach (var (column, _) in term.Matrix.Row(row))
            {
                runs += (row, column) == next ? 0 : 1;
                next = (row + 1, column + 1);
            }
        }

        return shape[..term.Axis].Elements >= ManyRows && shape[(term.Axis + 1)..].Elements < FewBeside
            && runs * ShortRun > term.Matrix.Terms;
    }
}
