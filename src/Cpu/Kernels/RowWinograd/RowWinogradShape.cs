namespace AutoDiffCnn;

/// <summary>A convolution by <see cref="RowWinograd"/>: with steps of s along a row its kernel has r = ⌈width/s⌉ taps, each of s neighbouring
/// pixels, whose floats lie side by side.</summary>
/// <param name="Images">How many images.</param>
/// <param name="Sources">The source's channels.</param>
/// <param name="Targets">The target's channels.</param>
/// <param name="Source">The source's height and width.</param>
/// <param name="Target">The target's height and width.</param>
/// <param name="Down">The walk along the height.</param>
/// <param name="Across">The walk along the width.</param>
/// <param name="IsTurned">Whether it is the transpose of one in steps of one: weights w[k, target, source].</param>
internal sealed record RowWinogradShape(
    int Images, int Sources, int Targets, (int Height, int Width) Source, (int Height, int Width) Target, Walk Down, Walk Across, bool IsTurned)
{
    // Transformed rows of an image, or of cotangents, that stay in the second cache.
    private const int NearSources = 1 << 17;
    private const int NearCotangents = 3 << 14;

    // Sums of that many floats are added up in the end.
    private const int MostSums = 1 << 20;

    // Shares and bands must not depend on the machine: so many occupy most.
    private const int WantedPieces = 16;
    private const int MostRows = 16;
    private const int FewestRows = 4;

    // What it takes, in products of a register, as measured: to transform a register of inputs of a tile, or of its results.
    private const double TransformCost = 60;
    private const double LeastGain = 1.15;

    // What the others take of the same: a direct gradient to the weights has tiles as high as there are sources, and what is
    // scattered is read and written.
    private const double FewSources = 1.5;
    private const double ScatterCost = 1.7;

    /// <summary>The elements of the kernel's row.</summary>
    public int KernelWidth => Across.Taps.Length;

    /// <summary>The kernel's height.</summary>
    public int KernelHeight => Down.Taps.Length;

    /// <summary>r.</summary>
    public int Taps => (KernelWidth + Across.SourceStep - 1) / Across.SourceStep;

    /// <summary>m.</summary>
    public int Results => RowWinograd.Span - Taps;

    /// <summary>The tiles of a row.</summary>
    public int Tiles => (Target.Width + Results - 1) / Results;

    /// <summary>The floats of a tap.</summary>
    public int Floats => Across.SourceStep * Sources;

    /// <summary>How many of them the last tap has, which alone counts at infinity.</summary>
    public int LastFloats => (KernelWidth - (Taps - 1) * Across.SourceStep) * Sources;

    /// <summary>The floats of one tap of all the kernel's rows.</summary>
    public int Depth => KernelHeight * Floats;

    /// <summary>The same in whole registers.</summary>
    public int Columns => Whole(Depth);

    /// <summary>The targets in whole registers.</summary>
    public int Channels => Whole(Targets);

    /// <summary>From product to product of a transformed row of the source: [product, tile, float].</summary>
    public int ProductStep => Tiles * Floats + Lanes.Count;

    /// <summary>The floats of a transformed row.</summary>
    public int RowSize => RowWinograd.Products * ProductStep;

    /// <summary>From product to product of a transformed row of cotangents: [product, tile, channel].</summary>
    public int CotangentStep => Tiles * Channels + Lanes.Count;

    /// <summary>The floats of a transformed row of cotangents.</summary>
    public int CotangentSize => RowWinograd.Products * CotangentStep;

    /// <summary>The floats of a row with all that tiles see of its surroundings.</summary>
    public int FrameSize => (Tiles * Results + Taps - 1) * Floats + Lanes.Count;

    /// <summary>The floats of a gradient's sums.</summary>
    public int Sums => RowWinograd.Products * Depth * Targets;

    /// <summary>The rows of the target that are computed from rows of the source that are transformed together.</summary>
    public int Rows => Math.Clamp(
        Math.Min(NearSources / RowSize - KernelHeight, Images * Target.Height / WantedPieces), FewestRows, MostRows);

    /// <summary>The rows of cotangents that are transformed together.</summary>
    public int CotangentRows => Math.Clamp(NearCotangents / CotangentSize, 1, MostRows);

    /// <summary>How many shares the rows are divided into, each of which has sums of its own.</summary>
    public int Shares =>
        Math.Clamp(Images * Target.Height / (2 * CotangentRows), 1, Math.Clamp(MostSums / Sums, 1, WantedPieces));

    /// <summary>Whether the convolution pays.</summary>
    public bool Pays => Channels / Lanes.Count * (Products + TransformCost) + Inputs(Rows) < Direct / LeastGain;

    /// <summary>Whether the gradient to the weights pays.</summary>
    public bool PaysForGradient => Channels / Lanes.Count * (Products + TransformCost) + Inputs(CotangentRows)
        + (double)Sums / Lanes.Count / (CotangentRows * Tiles) < Direct * (1 + FewSources / Sources) / LeastGain;

    /// <summary>Whether the transpose in an image of few channels pays.</summary>
    public bool PaysForTranspose => RowWinograd.Products * (double)Columns * Targets / Lanes.Count
        + Channels / Lanes.Count * TransformCost + 2 * Inputs(Rows)
        < ScatterCost * Target.Width / Tiles * Whole(KernelHeight * KernelWidth * Sources) * Targets / Lanes.Count / LeastGain;

    // Of a tile of a row.
    private double Direct => (double)Target.Width / Tiles * KernelHeight * KernelWidth * Sources * (Channels / Lanes.Count);

    private double Products => KernelHeight * ((RowWinograd.Products - 1.0) * Floats + LastFloats);

    /// <summary>The shape of a convolution, or of a transpose in steps of one, if it can be done so.</summary>
    public static RowWinogradShape? Of(DirectShape shape)
    {
        if (shape is not { Groups: 1, Phases: [[{ Taps: [{ Offset: 0 }] }, { Taps.Length: > 0, Step: 1 } height, { Taps.Length: > 1, Step: 1 } width]] }
            || shape.Source[0] != 1 || width.OffsetStep != 1 || height is { Taps.Length: > 1, OffsetStep: not 1 }
            || shape.Images * shape.Target.Elements == 0)
        {
            return null;
        }

        var found = new RowWinogradShape(shape.Images, shape.Sources, shape.Targets, (shape.Source[1], shape.Source[2]),
            (shape.Target[1], shape.Target[2]), height, width, shape.Transposed);
        return found.Taps is >= RowWinograd.LeastTaps and <= RowWinograd.MostTaps ? found : null;
    }

    /// <summary>The most rows of the source that some rows of the target see.</summary>
    public int SourceRows(int rows) => (Math.Min(rows, Target.Height) - 1) * Down.SourceStep + KernelHeight;

    /// <summary>The rows of the source that rows of the target see.</summary>
    public (int First, int End) RowsOf(int first, int end) => (
        Math.Clamp(first * Down.SourceStep + Down.Taps[0].Offset, 0, Source.Height),
        Math.Clamp((end - 1) * Down.SourceStep + Down.Taps[^1].Offset + 1, 0, Source.Height));

    /// <summary>Where a row of an image lies in a frame with its surroundings.</summary>
    /// <param name="from">The first float that a frame has.</param>
    /// <param name="at">Its place there.</param>
    /// <returns>How many it has.</returns>
    public int Framed(out int from, out int at)
    {
        var before = -Across.Taps[0].Offset * Sources;
        (from, at) = (Math.Max(0, -before), Math.Max(0, before));
        return Math.Max(0, Math.Min(Source.Width * Sources - from, FrameSize - Lanes.Count - at));
    }

    /// <summary>Transforms some rows of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="first">The first row.</param>
    /// <param name="end">The row behind the last.</param>
    /// <param name="to">Where they go: [row, product, tile, float].</param>
    /// <param name="frame">Working memory.</param>
    public unsafe void Transform(float* image, int first, int end, float* to, float* frame)
    {
        // What lies left and right of the image is zero, and stays so.
        new Span<float>(frame, FrameSize).Clear();
        var length = Framed(out var from, out var at);
        for (var h = first; h < end; h++, to += RowSize)
        {
            new Span<float>(image + h * (nint)Source.Width * Sources + from, length).CopyTo(new Span<float>(frame + at, length));
            RowWinograd.Inputs(frame, Floats, Results * Floats, Tiles, to, ProductStep);
        }
    }

    /// <summary>Transforms a row of cotangents: [product, tile, channel].</summary>
    /// <param name="dy">The row.</param>
    /// <param name="to">Where it goes.</param>
    public unsafe void TransformCotangents(float* dy, float* to)
    {
        for (var tile = 0; tile < Tiles; tile++)
        {
            var inside = Math.Min(Results, Target.Width - tile * Results);
            RowWinograd.Cotangent(dy + tile * Results * (nint)Targets, inside, Results, Targets, to + tile * (nint)Channels, CotangentStep);
        }
    }

    private static int Whole(int count) => (count + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    // For each tile of a row of targets.
    private double Inputs(int rows) => (double)SourceRows(rows) / rows * Whole(Floats) / Lanes.Count * TransformCost;
}
