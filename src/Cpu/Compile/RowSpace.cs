namespace AutoDiffCnn;

/// <summary>Values as rows: the leading axes of a shape tell the row, the others lie along it.</summary>
/// <param name="Rows">The sizes of the leading axes.</param>
/// <param name="Columns">The sizes of the others.</param>
internal sealed record RowSpace(Shape Rows, Shape Columns)
{
    // A few values of a row must fit the nearer caches.
    private const long MostColumns = 1 << 14;

    /// <summary>The shape of all rows.</summary>
    public Shape Whole => [.. Rows, .. Columns];

    /// <summary>The shape of one number a row that can be broadcast to all.</summary>
    public Shape Each => [.. Rows, .. Shape.Repeat(1, Columns.Rank)];

    /// <summary>The space in whose rows a unit sums or looks for the largest; null if it does neither.</summary>
    public static RowSpace? Of(Unit unit)
    {
        var (from, to) = unit switch
        {
            { Root: { Op: Max } max } => (max.Inputs[0].Shape, max.Shape),
            { Moments: { } moments } => (unit.Shape, moments.Sum.Shape),
            { IsLoop: true } when unit.Nodes.FirstOrDefault(node => node.Op is SumTo) is { } sum =>
                (unit.Shape, sum.Shape),
            _ => default,
        };
        if (from.Rank == 0)
        {
            return null;
        }

        var kept = SumAlgebra.Kept(from, to);
        var rows = kept.Rank;
        while (rows > 0 && kept[rows - 1] == 1)
        {
            rows--;
        }

        var space = new RowSpace(from[..rows], from[rows..]);
        return kept == space.Each && space.Rows.Elements > 1 && space.Columns.Elements is > 1 and <= MostColumns
            ? space
            : null;
    }

    /// <summary>Whether a unit can be computed row by row from rows that are there.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="isMade">Whether a node is computed in the same program.</param>
    public bool Fits(Unit unit, Func<Node, bool> isMade)
    {
        var space = this;
        return unit switch
        {
            { Root: { Op: Max max } node } =>
                node.Inputs[0].Shape == Whole && max.Axis == Whole.Rank - 1 && Columns.Rank == 1 && IsEven(node.Inputs[0]),
            { Moments: { } moments } => unit.Shape == Whole && SumAlgebra.Kept(Whole, moments.Sum.Shape) == Each,
            { IsLoop: false } => false,
            _ when unit.Nodes.Any(node => node.Op is Broadcast) => false,
            _ when unit.Shape == Whole => unit.Nodes.All(node => node.Op is not SumTo || space.IsSum(node))
                && unit.Reads.All(read => space.IsRow(LoopBuilder.Seen(read), isMade(read)) && space.IsEven(read)
                    && !(Unit.IsPart(read) && isMade(read))),
            _ => (unit.Shape == Rows || unit.Shape == Each) && unit.Nodes.All(node => node.Op is not SumTo)
                && unit.Reads.All(read => LoopBuilder.Seen(read) is var seen
                    && (seen == unit.Shape && !(Unit.IsPart(read) && isMade(read)) || seen.Elements == 1 && !isMade(read))),
        };
    }

    /// <summary>Whether the rows of a part, if it is one, lie equally far from one another, each in one piece.</summary>
    private bool IsEven(Node read) => !Unit.IsPart(read)
        || Seen.Through(read) is var seen && seen.IsOne(read.Shape, 0, Rows.Rank) && seen.IsOne(read.Shape, Rows.Rank, read.Shape.Rank);

    /// <summary>Whether a sum is over all rows.</summary>
    public bool IsAcross(Node sum) => SumAlgebra.Kept(Whole, sum.Shape) is var kept
        && kept[..Rows.Rank].Elements == 1 && kept[Rows.Rank..] == Columns && Rows.Elements != 1;

    /// <summary>Whether a sum is one of each row, or over all rows, or of all.</summary>
    private bool IsSum(Node sum) =>
        SumAlgebra.Kept(Whole, sum.Shape) is var kept && (kept == Each || kept.Elements == 1) || IsAcross(sum);

    /// <summary>Whether a value of some shape has rows, or one number a row; what is not made in the program may also
    /// be one row for all, or one number.</summary>
    private bool IsRow(Shape seen, bool isMade)
    {
        var whole = Whole;
        if (seen.Rank > whole.Rank)
        {
            return false;
        }

        Shape full = [.. Shape.Repeat(1, whole.Rank - seen.Rank), .. seen];
        var (outer, inner) = (full[..Rows.Rank], full[Rows.Rank..]);
        return (outer == Rows || !isMade && outer.Elements == 1) && (inner == Columns || inner.Elements == 1);
    }
}
