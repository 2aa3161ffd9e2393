using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Nodes that are computed together: a fused loop, or an op alone.</summary>
/// <param name="Nodes">The nodes, each after its inputs.</param>
/// <param name="Results">Those that others need.</param>
/// <param name="IsLoop">Whether it is a loop over elements.</param>
/// <param name="Moments">Set if it is a mean and the squared deviations from it.</param>
internal sealed record Unit(
    ImmutableArray<Node> Nodes, ImmutableArray<Node> Results, bool IsLoop, Moments? Moments = null)
{
    /// <summary>The last node.</summary>
    public Node Root => Nodes[^1];

    /// <summary>The shape over which a loop goes.</summary>
    public Shape Shape => Nodes[0].Op is SumTo ? Nodes[0].Inputs[0].Shape : Nodes[0].Shape;

    /// <summary>The stored nodes that the unit reads.</summary>
    public ImmutableArray<Node> Sources { get; } = Moments is null ? ReadBy(Nodes, IsLoop) : [Storage(Moments.X)];

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
        Moments is not null ? $"moments {Moments.Sum.Shape} : {Shape}"
        : IsLoop ? $"loop {string.Join(", ", Nodes.Select(Name))} : {Shape}" : $"{Root.Op} : {Root.Shape}";

    private static string Name(Node node) => node.Op is SumTo sum ? $"SumTo {sum.Shape}" : node.Op.Name;

    private static ImmutableArray<Node> ReadBy(ImmutableArray<Node> nodes, bool isLoop)
    {
        var sources = ImmutableArray.CreateBuilder<Node>();
        foreach (var node in nodes)
        {
            foreach (var input in node.Inputs)
            {
                var source = Storage(isLoop && input.Op is Broadcast ? input.Inputs[0] : input);
                if (!nodes.Contains(source) && !(isLoop && IsNumber(source)) && !sources.Contains(source))
                {
                    sources.Add(source);
                }
            }
        }

        return sources.ToImmutable();
    }

    /// <summary>Whether the node is a number that a loop can hold in a register.</summary>
    public static bool IsNumber(Node node) => node.Op is Constant { Value.Count: 1, Kind: Kind.Real };
}
