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

    // Sums of that many floats are added up in the end. Of more weights there are few shares, and the targets are divided.
    private const int MostSums = 1 << 21;
    private const int BlockTargets = 32;

    // Transformed rows of more floats are nowhere near, and many more weights are no gain.
    private const int MostSources = 1 << 19;
    private const int MostWeights = 1 << 26;

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
    public int Columns => Step.Whole(Depth);

    /// <summary>The targets in whole registers.</summary>
    public int Channels => Step.Whole(Targets);

    /// <summary>From product to product of a transformed row of the source: [product, tile, float].</summary>
    public int ProductStep => Step.Whole(Tiles * Floats) + Lanes.Count;

    /// <summary>The floats of a transformed row.</summary>
    public int RowSize => RowWinograd.Products * ProductStep;

    /// <summary>The floats of working memory for a row with all that tiles see of its surroundings.</summary>
    public int FrameSize => Step.Whole(Seen) + Lanes.Count;

    /// <summary>The floats of a gradient's sums.</summary>
    public int Sums => RowWinograd.Products * Depth * Targets;

    /// <summary>The rows of the target that are computed from rows of the source that are transformed together.</summary>
    public int Rows => Math.Clamp(
        Math.Min(NearSources / RowSize - KernelHeight, Images * Target.Height / WantedPieces), FewestRows, MostRows);

    /// <summary>How many shares the rows are divided into, each of which has sums of its own.</summary>
    public int Shares => Math.Clamp(Images * Target.Height / (2 * FewestRows), 1, Math.Clamp(MostSums / Sums, 1, WantedPieces));

    /// <summary>The targets that the gradient to the weights is computed for at once, whole registers.</summary>
    public int Block => 2 * Shares >= WantedPieces ? Channels : Math.Min(Channels, BlockTargets);

    /// <summary>The rows of cotangents that are transformed together for it.</summary>
    public int CotangentRows => Math.Clamp(NearCotangents / CotangentSize(Block), 1, MostRows);

    /// <summary>Whether the convolution pays.</summary>
    public bool Pays => Channels / Lanes.Count * (Products + TransformCost) + Inputs(Rows) < Direct / LeastGain;

    /// <summary>Whether the gradient to the weights pays.</summary>
    public bool PaysForGradient => Channels / Lanes.Count * (Products + TransformCost) + (Channels + Block - 1) / Block * Inputs(CotangentRows)
        + (double)Sums / Lanes.Count / (CotangentRows * Tiles) < Direct * (1 + FewSources / Sources) / LeastGain;

    /// <summary>Whether the transpose in an image of few channels pays.</summary>
    public bool PaysForTranspose => RowWinograd.Products * (double)Columns * Targets / Lanes.Count
        + Channels / Lanes.Count * TransformCost + 2 * Inputs(Rows)
        < ScatterCost * Target.Width / Tiles * Step.Whole(KernelHeight * KernelWidth * Sources) * Targets / Lanes.Count / LeastGain;

    private int Seen => (Tiles * Results + Taps - 1) * Floats;

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
        var row = (double)RowWinograd.Products * found.Target.Width * width.SourceStep * shape.Sources / Math.Max(1, found.Results);
        return found.Taps is >= RowWinograd.LeastTaps and <= RowWinograd.MostTaps && found.SourceRows(FewestRows) * row <= MostSources
            && (double)RowWinograd.Products * height.Taps.Length * width.SourceStep * shape.Sources * shape.Targets <= MostWeights
            ? found : null;
    }

    /// <summary>From product to product of a transformed row of cotangents of some channels: [product, tile, channel].</summary>
    public int CotangentStep(int channels) => Tiles * channels + Lanes.Count;

    /// <summary>The floats of a transformed row of cotangents.</summary>
    public int CotangentSize(int channels) => RowWinograd.Products * CotangentStep(channels);

    /// <summary>The most rows of the source that some rows of the target see.</summary>
    public int SourceRows(int rows) => (Math.Min(rows, Target.Height) - 1) * Down.SourceStep + KernelHeight;

    /// <summary>The rows of the source that rows of the target see.</summary>
    public (int First, int End) RowsOf(int first, int end) => (
        Math.Clamp(first * Down.SourceStep + Down.Taps[0].Offset, 0, Source.Height),
        Math.Clamp((end - 1) * Down.SourceStep + Down.Taps[^1].Offset + 1, 0, Source.Height));

    /// <summary>Where a row of an image lies in a frame with its surroundings: its first float that is there, that float's place, and how
    /// many there are.</summary>
    public (int From, int At, int Length) Framed
    {
        get
        {
            var before = -Across.Taps[0].Offset * Sources;
            var (from, at) = (Math.Max(0, -before), Math.Max(0, before));
            return (from, at, Math.Max(0, Math.Min(Source.Width * Sources - from, Seen - at)));
        }
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
        var (from, at, length) = Framed;
        for (var h = first; h < end; h++, to += RowSize)
        {
            new Span<float>(image + h * (nint)Source.Width * Sources + from, length).CopyTo(new Span<float>(frame + at, length));
            RowWinograd.Inputs(frame, Floats, Results * Floats, Tiles, to, ProductStep);
        }
    }

    /// <summary>Transforms some channels of a row of cotangents: [product, tile, channel].</summary>
    /// <param name="dy">The row, from the first channel on.</param>
    /// <param name="channels">How many channels.</param>
    /// <param name="to">Where they go.</param>
    /// <param name="whole">The channels there, whole registers.</param>
    public unsafe void TransformCotangents(float* dy, int channels, float* to, int whole)
    {
        for (var tile = 0; tile < Tiles; tile++)
        {
            var inside = Math.Min(Results, Target.Width - tile * Results);
            RowWinograd.Cotangent(dy + tile * Results * (nint)Targets, Targets, inside, Results, channels, to + tile * (nint)whole, CotangentStep(whole));
        }
    }

    // For each tile of a row of targets.
    private double Inputs(int rows) => (double)SourceRows(rows) / rows * Step.Whole(Floats) / Lanes.Count * TransformCost;
}
