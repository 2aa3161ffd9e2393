using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Finds the layers that a batch should go through in rounds, and rewrites a graph so: convolutions of large images and
/// what goes image by image between them, of which only the last result is needed.</summary>
/// <remarks>The first layers of a network that is used and not trained: 4 images of 112x112 and 64 channels are 13 MB, so each layer reads
/// from memory what the one before wrote there; of one image half is in each of two second caches. Where images are small or weights
/// large, more images at a time are faster.</remarks>
internal static class RoundSearch
{
    /// <summary>The floats that a layer should read and write in a round.</summary>
    public const long Few = 400_000;

    // Layers of less than so many times that are not worth it.
    private const int Worth = 4;

    // A convolution's weights are read in each round, Winograd's transformed ones four times as large.
    private const int Weights = 4;

    /// <summary>An equal graph, with rounds if some layers are worth it.</summary>
    /// <param name="given">The graph.</param>
    /// <param name="few">The floats that a layer should read and write in a round.</param>
    public static Arrangement Split(Arrangement given, long few)
    {
        var section = Section(given.Graph, few);
        if (section.Count == 0)
        {
            return given;
        }

        var rounds = Rounds.Of(section[^1].Shape[0], (int)Math.Max(1, few / section.Max(node => Floats(node) / node.Shape[0])));
        return rounds.Count < 2 ? given : Rewritten(given, rounds, section);
    }

    /// <summary>The layers, the last one last; none if no two convolutions are worth it.</summary>
    private static List<Node> Section(Graph graph, long few)
    {
        var nodes = graph.Nodes.Where(node => MayGo(node, few)).ToList();
        if (nodes.Count(IsConvolution) < 2)
        {
            return [];
        }

        var (users, outputs) = (new Users(graph), graph.Outputs.ToHashSet());
        var ends = new Dictionary<Node, Node>();
        foreach (var node in Enumerable.Reverse(nodes))
        {
            ends[node] = (outputs.Contains(node) ? null : End(node, users[node], ends)) ?? node;
        }

        // A node's end is the last one of the largest section that it may be in.
        return nodes.GroupBy(node => ends[node])
            .Where(group => group.Count(IsConvolution) > 1)
            .MaxBy(group => group.Sum(node => node.Shape.Elements))?.ToList() ?? [];
    }

    /// <summary>The end that all users have in common; null if there is none, or one does not read the node image by image.</summary>
    private static Node? End(Node node, ReadOnlySpan<Node> users, Dictionary<Node, Node> ends)
    {
        var common = default(Node);
        foreach (var user in users)
        {
            if (!ends.TryGetValue(user, out var end) || common is not null && end != common
                || Arrays.Range(0, user.Inputs.Length).Any(i => user.Inputs[i] == node && !IsImages(user, i)))
            {
                return null;
            }

            common = end;
        }

        return common;
    }

    /// <summary>Whether a node may be computed image by image, and is worth it.</summary>
    private static bool MayGo(Node node, long few) => node is { Kind: Kind.Real, Shape: [> 1, ..], Shape.Elements: > 0 } && OpOf(node) switch
    {
        Convolution => IsWorth(node, few),
        MaxPool or SumPool => true,
        IElementwise => node.Inputs.All(input => input.Shape == node.Shape),
        Concat concat => concat.Axis > 0,
        Reshape => node.Inputs[0].Shape is [var n, ..] && n == node.Shape[0],
        Broadcast => HasImages(node),
        _ => false,
    };

    private static bool IsWorth(Node convolution, long few) =>
        Floats(convolution) >= Worth * few && convolution.Inputs[1].Shape.Elements * Weights <= few;

    private static bool IsConvolution(Node node) => OpOf(node) is Convolution;

    /// <summary>The op, whether the channels of its images are last or as the user sees them: the batch is first in both.</summary>
    private static Op OpOf(Node node) => node.Op is Reordered { Order: var order, Inner: var inner } && order == AxisOrder.ChannelsLast ? inner : node.Op;

    /// <summary>Whether a broadcast repeats within images, and not an image.</summary>
    private static bool HasImages(Node broadcast) =>
        broadcast.Inputs[0].Shape is var x && x.Rank == broadcast.Shape.Rank && x[0] == broadcast.Shape[0];

    /// <summary>Whether a node of a section reads an input image by image.</summary>
    private static bool IsImages(Node node, int input) => input == 0 || !IsConvolution(node);

    /// <summary>The floats that a node reads and writes; a broadcast is read in its place.</summary>
    private static long Floats(Node node) => node.Op is Broadcast or Reshape ? 0 : node.Shape.Elements + node.Inputs
        .Where((input, i) => IsImages(node, i) && input.Op is not Broadcast).Distinct().Sum(input => input.Shape.Elements);

    private static Arrangement Rewritten(Arrangement given, Rounds rounds, List<Node> section)
    {
        var (graph, inRounds) = (given.Graph, section.ToHashSet());
        var (whole, parts) = (new Dictionary<Node, Node>(), new Dictionary<Node, Node>());
        foreach (var node in graph.Nodes)
        {
            if (!inRounds.Contains(node))
            {
                whole[node] = node.With([.. node.Inputs.Select(input => whole[input])]);
                continue;
            }

            parts[node] = Part(node, [.. node.Inputs.Select((input, i) => IsImages(node, i) ? PartOf(input) : whole[input])]);
            Node.Mark(parts[node], parts[node].Inputs, node.Origin ?? new Origin(""));
            if (node == section[^1])
            {
                whole[node] = new AllRounds(rounds).Of(parts[node]);
            }
        }

        var after = new Graph([.. graph.Outputs.Select(output => whole[output])]);
        return given with { Graph = after, Wanted = [.. given.Wanted.Select((kept, i) => kept.By(after.Outputs[i], null))] };

        Node PartOf(Node input) =>
            parts.TryGetValue(input, out var known) ? known
            : parts[input] = input.Op is Broadcast && !HasImages(input)
                ? Broadcast.To(whole[input.Inputs[0]], [rounds.Images, .. input.Shape[1..]])
                : new RoundOf(rounds).Of(whole[input]);
    }

    /// <summary>A node of a section for the images of a round.</summary>
    private static Node Part(Node node, ImmutableArray<Node> inputs) => node.Op switch
    {
        Broadcast => Broadcast.To(inputs[0], [inputs[0].Shape[0], .. node.Shape[1..]]),
        Reshape => Functions.Reshape(inputs[0], [inputs[0].Shape[0], .. node.Shape[1..]]),
        var op => op.Apply(inputs),
    };
}
