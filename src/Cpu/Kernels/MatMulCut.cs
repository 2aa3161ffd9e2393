namespace AutoDiffCnn;

/// <summary>The sizes of a batch of products y[m, n] = Σₖ a[m, k] · b[k, n].</summary>
internal readonly record struct MatMulSize(int Batch, int M, int K, int N)
{
    /// <summary>How many multiplications.</summary>
    public double Work => (double)Batch * M * K * N;

    /// <summary>How long it takes, in multiplications, of which a register does sixteen at a time; an element of a or b
    /// is brought to its place in a dozen.</summary>
    public double Cost => (double)Batch * K * ((M + 12.0) * Math.Max(N, Lanes.Count) + 12.0 * M);
}

/// <summary>Where the innermost loop reads b.</summary>
internal enum Panels
{
    /// <summary>In place, as far as whole panels go.</summary>
    InPlace,

    /// <summary>In panels that each piece packs for itself.</summary>
    Own,

    /// <summary>In panels that a step before has packed for all pieces.</summary>
    Shared,
}

/// <summary>How a batch of products is cut into pieces and walked through. It follows from the sizes alone.</summary>
/// <param name="Rows">The rows of a block.</param>
/// <param name="Blocks">How many blocks below one another are a piece.</param>
/// <param name="Columns">The columns of a piece: whole panels, or all.</param>
/// <param name="Shares">Into how many parts k is cut, whose sums are added at the end.</param>
/// <param name="Together">How many products of the batch make one piece.</param>
/// <param name="Depth">How much of k is summed at a time, at most.</param>
/// <param name="Vectors">A panel's width in registers of sixteen.</param>
/// <param name="PackA">Whether a is packed, or read in place.</param>
/// <param name="B">Where b is read.</param>
internal sealed record MatMulCut(
    int Rows, int Blocks, int Columns, int Shares, int Together, int Depth, int Vectors, bool PackA, Panels B)
{
    /// <summary>The floats of a panel for one p.</summary>
    public int Panel => Vectors * Lanes.Count;

    /// <summary>Where a share of k begins.</summary>
    public int Border(int k, int share) => (int)((long)k * share / Shares);

    // Found by measuring: multiplications worth a piece, multiplications that pay for methods of their own,
    // how much of k is summed at a time, and the room for sums of shares.
    private const double PieceWork = 1 << 20;
    private const double OwnCodeWork = 1 << 23;
    private const int MostDepth = 512;
    private const long SharesFloats = 1 << 20;

    /// <summary>A good cut for some sizes and layouts.</summary>
    public static MatMulCut Of(MatMulSize size, in Side a, in Side b) =>
        size.Cost < 1.5 * PieceWork || size.Batch * size.M * size.N == 0 ? Small(size, a, b)
        : SharesOf(size) is > 1 and var shares ? Deep(size, a, b, shares)
        : size.N <= 2 * Lanes.Count && size.M is >= 64 and <= 512 ? Narrow(size, a, b)
        : size.M <= 192 || size.M <= 512 && size.N >= 4 * size.M ? Flat(size, a, b)
        : Tall(size, a, b);

    /// <summary>Little work: a piece does a whole product, or many.</summary>
    private static MatMulCut Small(MatMulSize size, in Side a, in Side b)
    {
        var one = Math.Max(1, size.Cost / Math.Max(1, size.Batch));
        var together = (int)Math.Clamp(PieceWork / one, 1, Math.Max(1, size.Batch));
        return new(Math.Max(1, size.M), 1, Math.Max(1, size.N), 1, together, DepthOf(size.K), VectorsOf(size),
            !IsColumns(a, size.M), InPlaceOr(Panels.Own, size, b));
    }

    /// <summary>A long sum for each of few results: shares of it are summed apart.</summary>
    private static MatMulCut Deep(MatMulSize size, in Side a, in Side b, int shares)
    {
        var depth = Math.Clamp((1 << 17) / (size.M + size.N), 64, 256);
        return new(size.M, 1, size.N, shares, 1, depth, VectorsOf(size),
            !IsColumns(a, size.M), b.Outer == 1 && size.N <= 256 ? Panels.InPlace : Panels.Own);
    }

    /// <summary>Few columns: a piece has all of them and some rows.</summary>
    private static MatMulCut Narrow(MatMulSize size, in Side a, in Side b)
    {
        var pieces = Math.Clamp((int)(2 * size.Cost / size.Batch / PieceWork), 1, size.M / 32);
        return new((size.M + pieces - 1) / pieces, 1, size.N, 1, 1, DepthOf(size.K), VectorsOf(size),
            !MayReadInPlace(size, a), InPlaceOr(Panels.Own, size, b));
    }

    /// <summary>Few rows: a piece has all of them and some columns.</summary>
    private static MatMulCut Flat(MatMulSize size, in Side a, in Side b)
    {
        var (vectors, cost) = (VectorsOf(size), size.Cost / size.Batch);
        var panel = vectors * Lanes.Count;
        var panels = (size.N + panel - 1) / panel;
        var pieces = (int)Math.Clamp(Math.Max(Math.Min(8, cost / PieceWork), cost / 16 / PieceWork), 1, panels);
        return new(size.M, 1, Math.Min((panels + pieces - 1) / pieces * panel, size.N), 1, 1, DepthOf(size.K), vectors,
            !MayReadInPlace(size, a), InPlaceOr(Panels.Own, size, b));
    }

    /// <summary>Many rows: a piece has some of them and all columns.</summary>
    private static MatMulCut Tall(MatMulSize size, in Side a, in Side b)
    {
        var most = Math.Clamp(size.M / 8, 64, 224);
        var blocks = (size.M + most - 1) / most;
        return new((size.M + blocks - 1) / blocks, (blocks + 31) / 32, size.N, 1, 1, DepthOf(size.K), VectorsOf(size),
            size.N > 512 || !MayReadInPlace(size, a), InPlaceOr(Panels.Shared, size, b));
    }

    private static int SharesOf(MatMulSize size) => size.K < 2048 || size.M > 2048 ? 1
        : (int)Math.Clamp(
            Math.Min(Math.Min(size.K / 512, 16 / size.Batch), SharesFloats / size.M / size.N / size.Batch), 1, 16);

    private static int DepthOf(int k)
    {
        var parts = Math.Max(1, (k + MostDepth - 1) / MostDepth);
        return Math.Max(1, (k + parts - 1) / parts);
    }

    /// <summary>The registers of columns: with few rows more of them, so that enough sums are under way.</summary>
    private static int VectorsOf(MatMulSize size) => Math.Clamp(
        (size.N + Lanes.Count - 1) / Lanes.Count, 1, size.M <= 6 ? 4 : size.M <= 8 ? 3 : 2);

    // A's rows lie beside one another, and one p is not far from the next.
    private static bool IsColumns(in Side a, int m) => a.Outer == 1 && m <= 256;

    /// <summary>Whether a's rows may be read where they are: the work pays for methods that know their distance.</summary>
    private static bool MayReadInPlace(MatMulSize size, in Side a) => IsColumns(a, size.M)
        || a.Inner == 1 && size.Work >= OwnCodeWork;

    private static Panels InPlaceOr(Panels otherwise, MatMulSize size, in Side b) =>
        b.Outer == 1 && (long)size.K * size.N <= 1 << 17 ? Panels.InPlace : otherwise;
}
