namespace AutoDiffCnn;

/// <summary>An order of axes inside a plan, other than the one that users see: [n, c, spatial…] of images, [out, in,
/// spatial…] of weights. Below rank 3 there is only that one.</summary>
internal sealed record AxisOrder
{
    /// <summary>[n, spatial…, c]: vectors run along the channels.</summary>
    public static readonly AxisOrder ChannelsLast = new()
    {
        Name = nameof(ChannelsLast),
        Axes = rank => [0, .. Spatial(rank), 1],
    };

    /// <summary>[c, spatial…, n]: vectors run along the batch, for networks of few channels.</summary>
    public static readonly AxisOrder BatchLast = new()
    {
        Name = nameof(BatchLast),
        Axes = rank => [1, .. Spatial(rank), 0],
    };

    /// <summary>[spatial…, in, out], of a convolution's weights: vectors run along the channels of its
    /// result.</summary>
    public static readonly AxisOrder WeightsLast = new()
    {
        Name = nameof(WeightsLast),
        Axes = rank => [.. Spatial(rank), 1, 0],
    };

    // Half a vector of images is as fast as other kernels are with few channels, whose vectors run along rows.
    private const int LeastBatch = 8;

    // From so many channels on a vector is full.
    private const int ManyChannels = 16;

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The user's axes in this order, for a rank of 3 and more.</summary>
    public required Func<int, int[]> Axes { private get; init; }

    /// <summary>Whether there are kernels for images in this order.</summary>
    public bool IsOfImages => this != WeightsLast;

    /// <summary>The order in which kernels take the weights of convolutions of images in this order; null for the
    /// user's.</summary>
    public AxisOrder? OfWeights => this == ChannelsLast ? WeightsLast : null;

    /// <summary>The order of images that suits a graph.</summary>
    public static AxisOrder For(Graph graph)
    {
        var areNarrow = graph.Nodes.Select(node => node.Op switch
        {
            Convolution op => IsNarrow(node.Shape[0], node.Inputs[1].Shape, op.Groups),
            ConvolutionInput op => IsNarrow(node.Shape[0], node.Inputs[1].Shape, op.Groups),
            ConvolutionKernel op => IsNarrow(node.Inputs[0].Shape[0], op.W, op.Groups),
            _ => default(bool?),
        });
        return areNarrow.Contains(true) && !areNarrow.Contains(false) ? BatchLast : ChannelsLast;
    }

    /// <summary>Whether a convolution is wanted in this order.</summary>
    public bool Suits(Shape w, int groups) =>
        IsOfImages && w.Rank - 2 <= DirectShape.Axes
        && (this == BatchLast || Math.Max(w[0], w[1] * groups) >= ManyChannels);

    /// <summary>Where axis <paramref name="axis"/> of the user's order is in this one.</summary>
    public int ToLast(int axis, int rank) => rank < 3 ? axis : Array.IndexOf(Axes(rank), axis);

    /// <summary>Sizes, or anything of one number an axis, from the user's order to this one.</summary>
    public Shape ToLast(Shape first) => first.Rank < 3 ? first : Shape.From(Axes(first.Rank).Select(axis => first[axis]));

    /// <summary>Sizes, or anything of one number an axis, from this order to the user's.</summary>
    public Shape ToFirst(Shape last) =>
        last.Rank < 3 ? last : Shape.From(Arrays.Range(0, last.Rank).Select(axis => last[ToLast(axis, last.Rank)]));

    /// <summary>From the user's order to this one.</summary>
    public Transpose Last(int rank) => new(ToLast(Shape.From(Arrays.Range(0, rank))));

    /// <summary>From this order to the user's.</summary>
    public Transpose First(int rank) => new(ToFirst(Shape.From(Arrays.Range(0, rank))));

    /// <summary>Whether an op goes from the user's order to this one.</summary>
    public bool IsLast(Op op) => op is Transpose { Axes.Rank: > 2 and var rank } && op == Last(rank);

    /// <summary>Whether an op goes from this order to the user's.</summary>
    public bool IsFirst(Op op) => op is Transpose { Axes.Rank: > 2 and var rank } && op == First(rank);

    /// <summary>How many elements move when the order changes; 0 if another view of the same memory does.</summary>
    public long Cost(Shape first) =>
        first.Rank < 3 || Rules.KeepsOrder(Shape.Of(Axes(first.Rank)), first) ? 0 : first.Elements;

    /// <summary>A shape with axes of size 1 before it, as broadcasting sees it.</summary>
    public static Shape Padded(Shape shape, int rank) => [.. Arrays.Repeat(1, rank - shape.Rank), .. shape];

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static IEnumerable<int> Spatial(int rank) => Arrays.Range(2, rank - 2);

    private static bool IsNarrow(int batch, Shape w, int groups) => batch >= LeastBatch
        && Math.Max(w[0], w[1] * groups) <= ManyChannels && Math.Min(w[0], w[1] * groups) < ManyChannels;
}
