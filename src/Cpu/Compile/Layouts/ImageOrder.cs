namespace AutoDiffCnn;

/// <summary>An order of an image's axes inside a plan, other than [n, c, spatial…], which users see. Below rank 3 there is only that one.</summary>
internal sealed record ImageOrder
{
    /// <summary>[n, spatial…, c]: vectors run along the channels.</summary>
    public static readonly ImageOrder ChannelsLast = new() { Name = nameof(ChannelsLast) };

    /// <summary>[c, spatial…, n]: vectors run along the batch, for networks of few channels.</summary>
    public static readonly ImageOrder BatchLast = new() { Name = nameof(BatchLast) };

    // From so many channels on a vector is full.
    private const int ManyChannels = 16;

    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The order that suits a graph.</summary>
    public static ImageOrder For(Graph graph)
    {
        var isNarrow = graph.Nodes.All(node => node.Op switch
        {
            Convolution op => IsNarrow(node.Shape[0], node.Inputs[1].Shape, op.Groups),
            ConvolutionInput op => IsNarrow(node.Shape[0], node.Inputs[1].Shape, op.Groups),
            ConvolutionKernel op => IsNarrow(node.Inputs[0].Shape[0], op.W, op.Groups),
            _ => true,
        });
        return isNarrow
            ? BatchLast
            : ChannelsLast;
    }

    /// <summary>Whether a convolution is wanted in this order.</summary>
    public bool Suits(Shape w, int groups) =>
        w.Rank - 2 <= DirectShape.Axes && (this == BatchLast || Math.Max(w[0], w[1] * groups) >= ManyChannels);

    /// <summary>Where axis <paramref name="axis"/> of [n, c, spatial…] is in this order.</summary>
    public int ToLast(int axis, int rank) => (rank < 3, this == ChannelsLast, axis) switch
    {
        (true, _, _) or (_, true, 0) => axis,
        (_, true, 1) or (_, false, 0) => rank - 1,
        _ => axis - 1,
    };

    /// <summary>Sizes, or anything of one number an axis, from [n, c, spatial…] to this order.</summary>
    public Shape ToLast(Shape first) => first switch
    {
        not [_, _, _, ..] => first,
        [var n, var c, .. var spatial] when this == ChannelsLast => Shape.From([n, .. spatial, c]),
        [var n, .. var rest] => Shape.From([.. rest, n]),
    };

    /// <summary>Sizes, or anything of one number an axis, from this order to [n, c, spatial…].</summary>
    public Shape ToFirst(Shape last) => last switch
    {
        not [_, _, _, ..] => last,
        [var n, .. var spatial, var c] when this == ChannelsLast => Shape.From([n, c, .. spatial]),
        [.. var rest, var n] => Shape.From([n, .. rest]),
    };

    /// <summary>[n, c, spatial…] to this order.</summary>
    public Transpose Last(int rank) => new(ToLast(Shape.From(Enumerable.Range(0, rank))));

    /// <summary>This order to [n, c, spatial…].</summary>
    public Transpose First(int rank) => new(ToFirst(Shape.From(Enumerable.Range(0, rank))));

    /// <summary>How many elements move when the order changes; 0 if another view of the same memory does.</summary>
    public long Cost(Shape first) => first switch
    {
        not [_, _, _, ..] => 0,
        [_, var c, .. var spatial] when this == ChannelsLast => c == 1 || spatial.Elements == 1 ? 0 : first.Elements,
        [var n, .. var rest] => n == 1 || rest.Elements == 1 ? 0 : first.Elements,
    };

    /// <summary>A shape with axes of size 1 before it, as broadcasting sees it.</summary>
    public static Shape Padded(Shape shape, int rank) => Shape.From(Enumerable.Repeat(1, rank - shape.Rank).Concat(shape));

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool IsNarrow(int batch, Shape w, int groups) => batch > 0 && batch % Lanes.Count == 0
        && Math.Max(w[0], w[1] * groups) <= ManyChannels && Math.Min(w[0], w[1] * groups) < ManyChannels;
}
