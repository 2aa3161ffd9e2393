namespace AutoDiffCnn;

/// <summary>A 3 × 3 convolution in steps of one by Winograd's tiles: sizes, and how tiles are divided into
/// blocks. What is transformed has whole registers of channels: where images have others, zeros or what is left out.</summary>
/// <param name="Images">How many images.</param>
/// <param name="Channels">The source's and the target's channels.</param>
/// <param name="Source">The source's height and width.</param>
/// <param name="Target">The target's height and width.</param>
/// <param name="Offset">Where the first target's first source lies, at most 0.</param>
/// <param name="Transposed">Whether it is the transpose: weights w[source, target], turned.</param>
internal sealed record WinogradShape(
    int Images, (int Sources, int Targets) Channels, (int Height, int Width) Source, (int Height, int Width) Target,
    (int Height, int Width) Offset, bool Transposed)
{
    // A block's transformed sources and products are read at once, from the second cache.
    private const int BlockFloats = 1 << 16;

    // The height of a product's tile on a machine with many registers.
    private const int TileRows = 14;

    /// <summary>The channels of a packed panel of weights.</summary>
    public static int PanelWidth => Math.Max(Lanes.Count, 2 * Code.Width);

    /// <summary>The source's channels when transformed.</summary>
    public int Sources => Step.Whole(Channels.Sources);

    /// <summary>The target's channels when transformed.</summary>
    public int Targets => Step.Whole(Channels.Targets);

    /// <summary>Whether channels are transformed that images do not have.</summary>
    public bool IsPadded => (Sources, Targets) != Channels;

    /// <summary>The tiles along the height and the width of an image.</summary>
    public (int Down, int Across) Grid =>
        ((Target.Height + Winograd.Edge - 1) / Winograd.Edge, (Target.Width + Winograd.Edge - 1) / Winograd.Edge);

    /// <summary>All tiles.</summary>
    public int Tiles => Images * Grid.Down * Grid.Across;

    /// <summary>How many blocks the tiles are divided into.</summary>
    public int Blocks => Math.Max(1, (int)(((long)Units * Unit + WantedTiles - 1) / WantedTiles));

    /// <summary>The most tiles of a block.</summary>
    public int MostTiles => (Units + Blocks - 1) / Blocks * Unit;

    // Whole rows of tiles, so that what a block writes lies together, if they are not too long for that.
    private int Unit => Grid.Across <= 4 * WantedTiles ? Grid.Across : 1;

    private int Units => Tiles / Unit;

    private int WantedTiles => Math.Max(1, BlockFloats / (Winograd.Products * (Sources + Targets)) / TileRows) * TileRows;

    /// <summary>The height of a product's tile.</summary>
    public static int Rows => Tile.MostRows(PanelWidth);

    /// <summary>The floats of transformed weights.</summary>
    public long Weights => (long)Winograd.Products * Sources * Targets;

    /// <summary>The shape of a convolution or its transpose, if it can be done so.</summary>
    public static WinogradShape? Of(DirectShape shape)
    {
        if (shape is not { Groups: 1, Phases: [[{ Taps: [{ Offset: 0 }] }, var height, var width]] }
            || shape.Kernel is not [1, 3, 3] || shape.Source[0] != 1
            || height is not { SourceStep: 1, OffsetStep: 1 } || width is not { SourceStep: 1, OffsetStep: 1 })
        {
            return null;
        }

        return new WinogradShape(shape.Images, (shape.Sources, shape.Targets), (shape.Source[1], shape.Source[2]),
            (shape.Target[1], shape.Target[2]), (height.Taps[0].Offset, width.Taps[0].Offset), shape.Transposed);
    }

    // What it takes, in cycles of a core that does 32 multiplications in each; as measured. Transforms cost what they
    // write to the second cache: an image's sixteen channels of a tile there and back, and sixteen weights that are
    // transformed for each block of tiles.
    private const double ImageCycles = 350;
    private const double WeightCycles = 200;

    private double DirectCycles => 9.0 / 32 * Images * Target.Height * Target.Width * Channels.Sources * Targets;

    private double ProductCycles => 1.1 * Winograd.Products / 32 * Tiles * Sources * Targets;

    private double TransformCycles => ImageCycles / Lanes.Count * Tiles * (Sources + Targets);

    /// <summary>Whether transforming the weights as they are needed pays.</summary>
    public bool PaysByPanels =>
        ProductCycles + TransformCycles + WeightCycles / Lanes.Count * Sources * Targets < DirectCycles;

    /// <summary>Whether all is done block of tiles by block, and weights, which grow by 36/9 then and have to stay
    /// near, are transformed before.</summary>
    public bool PaysByBlocks => (long)Sources * Targets <= 1 << 14 && Tiles >= 7 * TileRows
        && ProductCycles + TransformCycles < DirectCycles;

    /// <summary>Whether the gradient to the weights pays: its transformed tiles go through memory, which fewer channels
    /// are not worth.</summary>
    public bool PaysForGradient => PaysByPanels && (long)Channels.Sources * Channels.Targets >= 1 << 10;

    /// <summary>The first tile of a block.</summary>
    public int First(int block) => (int)((long)Units * block / Blocks) * Unit;

    /// <summary>The floats of a frame, in which tiles that reach beyond an image are.</summary>
    public int Frame => Winograd.Products * Math.Max(Sources, Targets);

    /// <summary>The elements of the result that a block writes, if they lie together.</summary>
    public (long First, long End)? Range(int block)
    {
        var row = (long)Target.Width * Channels.Targets;
        return Unit == Grid.Across ? (Row(First(block)), Row(First(block + 1))) : null;

        long Row(int tile)
        {
            var (n, down) = Math.DivRem(tile / Grid.Across, Grid.Down);
            return (n * (long)Target.Height + down * Winograd.Edge) * row;
        }
    }

    /// <summary>Transforms weights w[k, in, out] of some targets and sources to rows of targets, one a source.</summary>
    /// <param name="w">All weights.</param>
    /// <param name="target">The first target.</param>
    /// <param name="targets">How many targets, a multiple of sixteen.</param>
    /// <param name="source">The first source.</param>
    /// <param name="sources">How many sources, a multiple of sixteen.</param>
    /// <param name="to">Where the first one goes.</param>
    /// <param name="row">From row to row there.</param>
    public unsafe void TransformWeights(
        float* w, int target, int targets, int source, int sources, Field to, int row)
    {
        var plane = (nint)Sources * Targets;
        if (!Transposed)
        {
            var from = new Field(w + source * (nint)Targets + target, 3 * plane, plane);
            for (var c = 0; c < sources; c++)
            {
                WinogradKernels.Weights(from.Plus(c * Targets), to.Plus(c * row), targets);
            }

            return;
        }

        // Of a transpose they are w[k, target, source].
        for (var t = 0; t < targets; t += Lanes.Count)
        {
            var rows = w + (target + t) * (nint)Sources + source;
            WinogradKernels.TurnedWeights(rows, plane, Sources, sources, to.Plus(t), row);
        }
    }

    /// <summary>A tile's sources, in the image or, if some are outside, with zeros in a frame.</summary>
    public unsafe Field SourceOf(int tile, float* x, float* frame)
    {
        var (n, top, left) = Place(tile);
        return new Cut(n, top + Offset.Height, left + Offset.Width, Winograd.Wide, Source, Channels.Sources).Read(x, frame);
    }

    /// <summary>A tile's targets, in the image or, if some are outside, with zeros in a frame.</summary>
    public unsafe Field TargetOf(int tile, float* y, float* frame)
    {
        var (n, top, left) = Place(tile);
        return new Cut(n, top, left, Winograd.Edge, Target, Channels.Targets).Read(y, frame);
    }

    /// <summary>Transforms products back to some channels of a tile's targets; what is outside the image is left
    /// out.</summary>
    public unsafe void WriteTarget(int tile, int channel, int channels, Field products, float* y, float* frame, float* room)
    {
        var (n, top, left) = Place(tile);
        var cut = new Cut(n, top, left, Winograd.Edge, Target, Channels.Targets);
        if (cut.IsInside && channel + channels <= Channels.Targets)
        {
            Winograd.Transform<WinogradOutput>(products, cut.Of(y + channel), channels, room);
            return;
        }

        Winograd.Transform<WinogradOutput>(products, new(frame, Winograd.Edge * channels, channels), channels, room);
        cut.Write(y + channel, frame, channels, Math.Min(channels, Channels.Targets - channel));
    }

    private (int N, int Top, int Left) Place(int tile)
    {
        var (row, across) = Math.DivRem(tile, Grid.Across);
        var (n, down) = Math.DivRem(row, Grid.Down);
        return (n, down * Winograd.Edge, across * Winograd.Edge);
    }

    /// <summary>A square of an image that may reach beyond it.</summary>
    private readonly unsafe record struct Cut(int N, int Top, int Left, int Edge, (int Height, int Width) Size, int Channels)
    {
        public bool IsInside => Top >= 0 && Left >= 0 && Top + Edge <= Size.Height && Left + Edge <= Size.Width;

        private nint Row => (nint)Size.Width * Channels;

        private (int First, int End) Down => (Math.Max(0, -Top), Math.Min(Edge, Size.Height - Top));

        private (int First, int End) Across => (Math.Max(0, -Left), Math.Min(Edge, Size.Width - Left));

        /// <summary>In the image.</summary>
        public Field Of(float* image) => new(image + (N * (nint)Size.Height + Top) * Row + Left * (nint)Channels, Row, Channels);

        /// <summary>In the image, or if some is outside or channels do not fill registers copied to a frame.</summary>
        public Field Read(float* image, float* frame)
        {
            var (from, whole) = (Of(image), Step.Whole(Channels));
            if (IsInside && Channels == whole)
            {
                return from;
            }

            var to = new Field(frame, Edge * whole, whole);
            new Span<float>(frame, Edge * Edge * whole).Clear();
            for (var i = Down.First; i < Down.End && Across.First < Across.End; i++)
            {
                var (pixels, length) = Channels == whole ? (1, (Across.End - Across.First) * Channels) : (Across.End - Across.First, Channels);
                for (var j = Across.First; j < Across.First + pixels; j++)
                {
                    new Span<float>(from.At + i * from.Row + j * Channels, length).CopyTo(new Span<float>(to.At + i * to.Row + j * whole, length));
                }
            }

            return to;
        }

        /// <summary>From a frame, which has some channels only, to the image.</summary>
        /// <param name="image">The first of them in the image.</param>
        /// <param name="frame">The frame.</param>
        /// <param name="channels">From pixel to pixel in the frame.</param>
        /// <param name="count">How many of them the image has.</param>
        public void Write(float* image, float* frame, int channels, int count)
        {
            var to = Of(image);
            for (var i = Down.First; i < Down.End; i++)
            {
                for (var j = Across.First; j < Across.End; j++)
                {
                    new Span<float>(frame + (i * Edge + j) * channels, count)
                        .CopyTo(new Span<float>(to.At + i * to.Row + j * to.Column, count));
                }
            }
        }
    }
}
