using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Nodes that are computed together: a fused loop, or an op alone.</summary>
/// <param name="Nodes">The nodes, each after its inputs.</param>
/// <param name="Results">Those that others need.</param>
/// <param name="IsLoop">Whether it is a loop over elements.</param>
internal sealed record Unit(ImmutableArray<Node> Nodes, ImmutableArray<Node> Results, bool IsLoop)
{
    /// <summary>The last node.</summary>
    public Node Root => Nodes[^1];

    /// <summary>The stored nodes that the unit reads.</summary>
    public ImmutableArray<Node> Sources { get; } =
    [
        .. Nodes.SelectMany(node => node.Inputs)
            .Select(input => IsLoop && input.Op is Broadcast ? input.Inputs[0] : input)
            .Select(Storage)
            .Where(node => !Nodes.Contains(node) && !(IsLoop && IsNumber(node)))
            .Distinct(),
    ];

    /// <summary>The node whose memory a node shares: a reshape is only another view.</summary>
    public static Node Storage(Node node)
    {
        while (node.Op is Reshape)
        {
            node = node.Inputs[0];
        }

        return node;
    }

    /// <summary>Whether the node is a number that a loop can hold in a register.</summary>
    public static bool IsNumber(Node node) => node.Op is Constant { Value.Count: 1, Kind: Kind.Real };
}
