namespace AutoDiffCnn;

/// <summary>How a loop that ends in sums is cut into blocks: each gives partial sums to a place of its own. The cut
/// depends on sizes only, so any number of threads adds in the same order.</summary>
internal sealed record FoldGrid
{
    // About so many blocks for large loops, and no smaller than what makes handing them out cheap.
    private const long Blocks = 64;
    private const long MostBlocks = 1 << 14;
    private const long LeastElements = 1 << 12;
    private const long MostElements = 1 << 15;

    // So that partial sums are few against what they sum.
    private const long LeastRows = 16;

    // A row of sums stays in the nearest cache.
    private const long MostSums = 2048;

    private readonly Loop loop;

    public FoldGrid(Loop loop, FoldKind kind)
    {
        this.loop = loop;
        IsAcross = kind == FoldKind.Across;
        var space = loop.Space;
        var most = Math.Max(MostElements, space.Elements / MostBlocks);
        var elements = Math.Clamp(space.Elements / Blocks, LeastElements, most);
        var columns = IsAcross ? MostSums : most;
        ColumnsPerBlock = loop.Columns <= 2 * columns ? loop.Columns : columns;
        var rows = Math.Max(IsAcross ? LeastRows : 1, elements / Math.Max(1, ColumnsPerBlock));
        RowsPerBlock = Math.Min(rows, loop.Rows);
        ColumnBlocks = Parts(loop.Columns, ColumnsPerBlock);
        RowBlocks = Parts(loop.Rows, RowsPerBlock);
    }

    /// <summary>The elements.</summary>
    public Space Space => loop.Space;

    /// <summary>Whether a block adds its rows to one row of sums, rather than each row to one sum.</summary>
    public bool IsAcross { get; }

    /// <summary>The joined rows of a block.</summary>
    public long RowsPerBlock { get; }

    /// <summary>The columns of a block.</summary>
    public long ColumnsPerBlock { get; }

    /// <summary>How many blocks lie below each other in a plane.</summary>
    public long RowBlocks { get; }

    /// <summary>How many blocks lie side by side.</summary>
    public long ColumnBlocks { get; }

    /// <summary>How many blocks there are.</summary>
    public int Count => (int)(loop.Space.Planes * RowBlocks * ColumnBlocks);

    /// <summary>The sizes of the partial sums of one plane: blocks and columns, or rows and blocks.</summary>
    public (long Outer, long Inner) Sums =>
        IsAcross ? (RowBlocks, loop.Space.Columns) : (loop.Space.Rows, ColumnBlocks);

    /// <summary>The shape of all partial sums, and the one to which they are added up.</summary>
    /// <param name="kept">The place of the sums in the loop's space.</param>
    public (Shape From, Shape To) Partial(View kept)
    {
        var space = loop.Space;
        var (outer, inner) = Sums;
        Shape from = [.. space.Outer.Select(size => (int)size), (int)outer, (int)inner];
        Shape to = [.. space.Outer.Select((size, axis) => kept.Outer[axis] == 0 ? 1 : (int)size),
            IsAcross || kept.Row == 0 ? 1 : (int)outer, IsAcross && kept.Column != 0 ? (int)inner : 1];
        return (from, to);
    }

    /// <summary>A block.</summary>
    public Block this[int index]
    {
        get
        {
            var (rest, column) = Math.DivRem(index, ColumnBlocks);
            var (plane, row) = Math.DivRem(rest, RowBlocks);
            var (firstRow, firstColumn) = (row * RowsPerBlock, column * ColumnsPerBlock);
            return new(plane, firstRow, Math.Min(RowsPerBlock, loop.Rows - firstRow),
                firstColumn, Math.Min(ColumnsPerBlock, loop.Columns - firstColumn));
        }
    }

    /// <summary>Where a block's partial sums begin.</summary>
    public long Offset(Block block) => block.Plane * Sums.Outer * Sums.Inner + (IsAcross
        ? block.Row / RowsPerBlock * Sums.Inner + block.Column
        : block.Row * Sums.Inner + block.Column / ColumnsPerBlock);

    /// <summary>How many terms each of a block's sums has.</summary>
    public long Terms(Block block)
    {
        var end = Math.Min((block.Row + block.Rows) * loop.Columns, Space.Plane);
        return IsAcross ? (end - block.Row * loop.Columns) / Space.Columns : block.Columns;
    }

    private static long Parts(long whole, long part) => (whole + part - 1) / Math.Max(1, part);
}
