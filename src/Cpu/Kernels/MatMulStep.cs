namespace AutoDiffCnn;

/// <summary>A batch of matrix products y = A B. A piece is a block of rows and columns of one product, or several
/// small products, summed over all of k or over a share of it. Of each block a part of k at a time is summed: its rows
/// of A stay in the second cache, one panel of B in the first, and a tile of y in registers.</summary>
/// <remarks>Each element of y is one fused sum upwards over k, or over each share of it: its bits do not depend on
/// tiles, registers or threads.</remarks>
internal sealed unsafe class MatMulStep : Step
{
    // The processor reads so many rows ahead; of more of them not all.
    private const int MostInPlace = 14;

    private readonly MatMulSize size;
    private readonly Side a;
    private readonly Side b;
    private readonly int y;
    private readonly MatMulCut cut;
    private readonly ProductCode code;
    private readonly int packed;
    private readonly int most;

    /// <param name="text">What is done.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="a">The left side.</param>
    /// <param name="b">The right side.</param>
    /// <param name="y">The result's buffer: of each product one matrix for each share.</param>
    /// <param name="cut">How to do it.</param>
    /// <param name="packed">The buffer of the shared panels of b, if there are such.</param>
    /// <param name="interpret">Whether to run without emitted methods.</param>
    public MatMulStep(object text, MatMulSize size, Side a, Side b, int y, MatMulCut cut, int packed, bool interpret)
        : base(text)
    {
        (this.size, this.a, this.b, this.y, this.cut, this.packed) = (size, a, b, y, cut, packed);
        code = ProductCode.Of(cut.PackA ? 1 : a.Outer, interpret);
        most = ProductCode.MostRows(cut.Vectors);
        most = cut.PackA || a.Inner != 1 ? most : Math.Min(most, Math.Min(MostInPlace, Caches.RowsInFirst(a.Outer)));
    }

    /// <summary>The steps of a batch of products in row-major matrices y.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="a">The left sides, one after the other.</param>
    /// <param name="b">The right sides.</param>
    /// <param name="y">The result's buffer.</param>
    /// <param name="workspace">Gives a buffer of so many floats, for the time of these steps or for all runs.</param>
    /// <param name="once">Whether no run changes b: what is packed of it is kept then.</param>
    public static IEnumerable<Step> Of(
        object text, MatMulSize size, Side a, Side b, int y, Func<long, bool, int> workspace, bool once = false)
    {
        var found = MatMulCut.Of(size, a, b);
        return Of(text, size, a, b, y, workspace, once && found.B == Panels.Own ? found with { B = Panels.Shared } : found,
            interpret: !Code.IsSupported, once);
    }

    /// <summary>The steps of a given cut.</summary>
    internal static IEnumerable<Step> Of(object text, MatMulSize size, Side a, Side b, int y,
        Func<long, bool, int> workspace, MatMulCut cut, bool interpret, bool once = false)
    {
        var panels = -1;
        if (cut.B == Panels.Shared)
        {
            panels = workspace(size.Batch * MatMulPanels.Size(size, cut.Panel), once);
            yield return MatMulPanels.Step(size, b, cut.Panel, panels, once);
        }

        var sums = cut.Shares == 1 ? y : workspace((long)size.Batch * cut.Shares * size.M * size.N, false);
        yield return new MatMulStep(text, size, a, b, sums, cut, panels, interpret);
        if (cut.Shares > 1)
        {
            var one = size.M * size.N;
            yield return new SumStep(
                $"add {cut.Shares} shares", [size.Batch, cut.Shares, one], [size.Batch, 1, one], sums, y);
        }
    }

    public override int Pieces => (size.Batch + cut.Together - 1) / cut.Together * cut.Shares * PiecesM * PiecesN;

    public override int Scratch => SizeA + (cut.B == Panels.Shared ? 0 : cut.Panel * cut.Depth);

    private int PiecesM => (size.M + cut.Rows * cut.Blocks - 1) / (cut.Rows * cut.Blocks);

    private int PiecesN => (size.N + cut.Columns - 1) / cut.Columns;

    private int SizeA => cut.PackA ? Whole(cut.Rows * cut.Depth) : 0;

    /// <summary>The elements of y that a piece writes, where they lie side by side.</summary>
    internal override (long First, long End)? Stretch(int piece, int stretch)
    {
        var (group, _, row, _) = Place(piece);
        var first = (long)group * cut.Together * size.M + row;
        var rows = cut.Together > 1 ? (long)cut.Together * size.M : Math.Min(size.M - row, cut.Rows * cut.Blocks);
        var end = Math.Min(first + rows, (long)size.Batch * size.M);
        return cut.Shares == 1 && PiecesN == 1 ? (first * size.N, end * size.N) : null;
    }

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (group, share, row, column) = Place(piece);
        var last = Math.Min(size.Batch, (group + 1) * cut.Together);
        for (var product = group * cut.Together; product < last; product++)
        {
            var end = Math.Min(size.M, row + cut.Rows * cut.Blocks);
            for (var i = row; i < end; i += cut.Rows)
            {
                Block(buffers, product, share, (i, Math.Min(end, i + cut.Rows), end), column, scratch);
            }
        }
    }

    private (int Group, int Share, int Row, int Column) Place(int piece)
    {
        var (before, column) = Math.DivRem(piece, PiecesN);
        (before, var row) = Math.DivRem(before, PiecesM);
        var (group, share) = Math.DivRem(before, cut.Shares);
        return (group, share, row * cut.Rows * cut.Blocks, column * cut.Columns);
    }

    /// <summary>Some rows and columns of one product, one part of k after the other.</summary>
    private void Block(
        float** buffers, int product, int share, (int First, int End, int Piece) rows, int column, float* scratch)
    {
        var left = buffers[a.Buffer] + (long)product * size.M * size.K + rows.First * a.Outer;
        var right = buffers[b.Buffer] + (long)product * size.K * size.N + column * b.Outer;
        var shared = cut.B != Panels.Shared ? null
            : buffers[packed] + product * MatMulPanels.Size(size, cut.Panel) + (long)column * size.K;
        var target = buffers[y] + (((long)product * cut.Shares + share) * size.M + rows.First) * size.N + column;
        var (first, end) = (cut.Border(size.K, share), cut.Border(size.K, share + 1));

        // Without a depth the sum is empty, and still has to be written.
        var parts = Math.Max(1, (end - first + cut.Depth - 1) / cut.Depth);
        for (var part = 0; part < parts; part++)
        {
            var p = Border(part);
            var depth = Border(part + 1) - p;
            var work = new Part(left + p * a.Inner, right + p * b.Inner, shared + (long)p * cut.Panel, target,
                rows.End - rows.First, Math.Min(cut.Columns, size.N - column), depth, part > 0, scratch);
            Sum(work, part + 1 < parts ? NextPart(work, Border(part + 2) - p - depth)
                : parts == 1 ? NextRows(work, Math.Min(cut.Rows, rows.Piece - rows.End)) : default);
        }

        int Border(int part) => first + (int)((long)(end - first) * part / parts);
    }

    /// <summary>What the next part of k will read first, where it lies side by side.</summary>
    private Ahead NextPart(in Part work, int depth) => new(
        work.Left + work.Depth * a.Inner, a.Outer == 1 && work.Rows == size.M ? (long)depth * size.M : 0,
        work.Right + work.Depth * b.Inner,
        b.Outer == 1 && work.Columns == size.N && cut.B != Panels.Shared ? (long)depth * size.N : 0);

    private Ahead NextRows(in Part work, int rows) =>
        a.Inner == 1 ? new(work.Left + work.Rows * a.Outer, (long)rows * size.K, null, 0) : default;

    /// <summary>One part of k: panel by panel of b.</summary>
    private void Sum(in Part work, in Ahead ahead)
    {
        var heights = (work.Rows + most - 1) / most;
        for (var h = 0; cut.PackA && h < heights; h++)
        {
            var (i, end) = work.Height(h, heights);
            Packing.Pack(work.Left + i * a.Outer, a, end - i, work.Depth, end - i, work.Scratch + (long)i * work.Depth);
        }

        var slices = heights * ((work.Columns + cut.Panel - 1) / cut.Panel);
        for (var (j, slice) = (0, 0); j < work.Columns; j += cut.Panel, slice += heights)
        {
            var width = Math.Min(cut.Panel, work.Columns - j);
            if (cut.B == Panels.Shared)
            {
                var panel = work.Shared + (long)j * size.K;
                var next = j + width < work.Columns ? (long)work.Depth * cut.Panel : 0;
                Tiles(work, j, width, panel, cut.Panel, heights, ahead.Nothing
                    ? new(new(panel + (long)size.K * cut.Panel, next, null, 0), 0, heights) : new(ahead, slice, slices));
            }
            else if (cut.B == Panels.InPlace && width == cut.Panel)
            {
                Tiles(work, j, width, work.Right + j, (nint)b.Inner, heights, new(ahead, slice, slices));
            }
            else
            {
                var own = work.Scratch + SizeA;
                MatMulPanels.Pack(work.Right + j * b.Outer, b, width, work.Depth, cut.Panel, 0, own);
                Tiles(work, j, width, own, cut.Panel, heights, new(ahead, slice, slices));
            }
        }
    }

    /// <summary>All rows with one panel of b, which begins at a column and is some columns wide.</summary>
    private void Tiles(in Part work, int j, int width, float* panel, nint depthB, int heights, in Slices ahead)
    {
        var wide = cut.Vectors * code.Width;
        for (var c = 0; c < width; c += wide)
        {
            var columns = Math.Min(wide, width - c);
            var vectors = (columns + code.Width - 1) / code.Width;
            for (var h = 0; h < heights; h++)
            {
                var (i, end) = work.Height(h, heights);
                var from = cut.PackA ? work.Scratch + (long)i * work.Depth : work.Left + i * a.Outer;
                var target = work.Target + j + c;
                var (soon, step) = ahead.Of(h, work.Depth);
                var product = new Product(
                    A: (nint)from, DepthA: cut.PackA ? end - i : (nint)a.Inner,
                    B: (nint)(panel + c), DepthB: depthB,
                    Y: (nint)(target + (long)i * size.N), RowY: size.N,
                    Depth: work.Depth, Columns: columns - (vectors - 1) * code.Width, Add: work.Add ? 1 : 0,
                    NextY: (nint)(h + 1 < heights ? target + (long)end * size.N : target + columns), soon, step);
                code.Run(product, end - i, vectors);
            }
        }
    }

    /// <summary>What is summed at a time: where its sides begin, its sizes, and whether it adds to what is
    /// there.</summary>
    private readonly ref struct Part(float* left, float* right, float* shared, float* target,
        int rows, int columns, int depth, bool add, float* scratch)
    {
        public readonly float* Left = left;
        public readonly float* Right = right;
        public readonly float* Shared = shared;
        public readonly float* Target = target;
        public readonly float* Scratch = scratch;
        public readonly int Rows = rows;
        public readonly int Columns = columns;
        public readonly int Depth = depth;
        public readonly bool Add = add;

        /// <summary>The rows of one tile: as even as can be.</summary>
        public (int First, int End) Height(int h, int heights) => (Rows * h / heights, Rows * (h + 1) / heights);
    }
}

/// <summary>One side of a matrix product as it lies in memory.</summary>
/// <param name="Buffer">Its buffer.</param>
/// <param name="Outer">The distance between neighbours along the result's axis.</param>
/// <param name="Inner">The distance between neighbours along the summed axis.</param>
internal readonly record struct Side(int Buffer, long Outer, long Inner);
