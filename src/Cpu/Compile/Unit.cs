using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Nodes that are computed together: a fused loop, or an op alone.</summary>
/// <param name="Nodes">The nodes, each after its inputs.</param>
/// <param name="Results">Those that others need.</param>
/// <param name="IsLoop">Whether it is a loop over elements.</param>
/// <param name="Moments">Set if it is a mean and the squared deviations from it.</param>
/// <param name="Parts">Set if it is units that run together row by row.</param>
internal sealed record Unit(ImmutableArray<Node> Nodes, ImmutableArray<Node> Results, bool IsLoop,
    Moments? Moments = null, ImmutableArray<Unit> Parts = default)
{
    private const long LeastRun = 32;

    /// <summary>The last node.</summary>
    public Node Root => Nodes[^1];

    /// <summary>The shape over which a loop goes.</summary>
    public Shape Shape => Nodes[0].Op is SumTo or Max ? Nodes[0].Inputs[0].Shape : Nodes[0].Shape;

    /// <summary>The stored nodes that the unit reads.</summary>
    public ImmutableArray<Node> Sources { get; } =
        Moments is null ? ReadBy(Nodes, IsLoop || !Parts.IsDefault) : [Storage(Moments.X)];

    /// <summary>The nodes that a loop's nodes read and that are not among them.</summary>
    public IEnumerable<Node> Reads => Nodes.SelectMany(node => node.Inputs)
        .Where(input => IsRead(input) || !Nodes.Contains(input)).Distinct();

    /// <summary>The loops that do the same one after the other: for moments the sum, the mean and the
    /// squares.</summary>
    public ImmutableArray<Unit> Apart => Moments is not { } moments
        ? [this]
        : [new([moments.Sum], [moments.Sum], true),
            new([Storage(moments.Mean.Inputs[0])], [Storage(moments.Mean.Inputs[0])], true),
            new([moments.Deviation, moments.Square, moments.Squares], [moments.Squares], true)];

    /// <summary>The node whose memory a node shares: a reshape is only another view.</summary>
    public static Node Storage(Node node)
    {
        while (node.Op is Reshape)
        {
            node = node.Inputs[0];
        }

        return node;
    }

    /// <summary>What is done, for the plan's print.</summary>
    public override string ToString() =>
        !Parts.IsDefault ? $"rows {string.Join(" | ", Parts.Select(part => part.Names))} : {Parts[0].Shape}"
        : Moments is not null ? $"moments {Moments.Sum.Shape} : {Shape}"
        : IsLoop ? $"loop {Names} : {Shape}" : $"{Root.Op} : {Root.Shape}";

    private string Names => string.Join(", ", Nodes.Select(Name));

    private static string Name(Node node) => node.Op is SumTo sum ? $"SumTo {sum.Shape}" : node.Op.Name;

    private static ImmutableArray<Node> ReadBy(ImmutableArray<Node> nodes, bool isLoop)
    {
        var sources = ImmutableArray.CreateBuilder<Node>();
        foreach (var node in nodes)
        {
            foreach (var input in node.Inputs)
            {
                var source = Seen.IsCopy(node) ? Seen.Of(input).Origin : Storage(isLoop ? Origin(input) : input);
                if (!nodes.Contains(source) && !(isLoop && IsNumber(source)) && !sources.Contains(source))
                {
                    sources.Add(source);
                }
            }
        }

        return sources.ToImmutable();
    }

    /// <summary>Whether a loop reads a node's input in its place: a smaller value that is repeated, an index of what is 1 in
    /// a row of zeros, or a larger value of which the node is a part.</summary>
    public static bool IsRead(Node node) => node.Op is Broadcast || IsRow(node) || IsPart(node);

    /// <summary>Whether a loop reads a part where it lies: if its elements lie side by side for long enough that they are not
    /// better copied first.</summary>
    public static bool IsPart(Node node) => node.Op is Slice && Seen.IsThrough(node) && Seen.Through(node).Run(node.Shape) >= LeastRun;

    /// <summary>What a loop reads for an input.</summary>
    public static Node Origin(Node node) => IsPart(node) ? Seen.Through(node).Origin : IsRead(node) ? node.Inputs[0] : node;

    /// <summary>Whether a loop reads the index instead of the row of zeros; a row of one is stored like anything
    /// else.</summary>
    public static bool IsRow(Node node) => node.Op is OneHot { Classes: > 1 };

    /// <summary>Whether the node is a number that a loop can hold in a register.</summary>
    public static bool IsNumber(Node node) => node.Op is Constant { Value.Count: 1, Kind: Kind.Real };
}
