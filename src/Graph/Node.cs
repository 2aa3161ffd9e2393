using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What a node's numbers are.</summary>
/// <example><code>
/// Variable("x", [64, 10]).Kind // Real
/// Variable("labels", [64], Kind.Index).Kind // Index
/// </code></example>
public enum Kind
{
    /// <summary>Real numbers.</summary>
    Real,

    /// <summary>Whole numbers from 0 to 2³² − 1: labels, positions, keys. They have no derivative.</summary>
    Index,
}

/// <summary>One value in a computation: an op applied to nodes. Only ops make nodes; a node is checked when it is made
/// and never changes. Two nodes are the same only if they are the same object.</summary>
/// <example><code>
/// var x = Variable("x", [2, 3]);
/// var y = 2 * Relu(x) + 1;
/// y.Shape // [2, 3]
/// </code></example>
[TypeFormatterSource("AutoDiffCnn.NodeFormatters, AutoDiffCnn")]
public sealed partial class Node
{
    // Nodes are looked up in tables by the thousand, mostly in the order in which they were made: consecutive hashes
    // keep neighbours together in memory, where the runtime's own random ones would scatter them.
    // Nothing else depends on it.
    private static int made;

    private readonly int hash = Interlocked.Increment(ref made);

    private Node(Op op, ImmutableArray<Node> inputs, Shape shape)
    {
        (Op, Inputs, Shape) = (op, inputs, shape);
    }

    /// <summary>What is computed.</summary>
    public Op Op { get; }

    /// <summary>From what.</summary>
    public ImmutableArray<Node> Inputs { get; }

    /// <summary>The inferred shape of the result.</summary>
    public Shape Shape { get; }

    /// <summary>Whether the result is real or an index.</summary>
    public Kind Kind => Op.Kind;

    /// <summary>Where the node comes from: a layer, or the rule that derived it.
    /// Null for what the user made directly.</summary>
    public Origin? Origin { get; private set; }

    /// <summary>Whether the value depends on no variable, so that it can be computed now.</summary>
    public bool IsClosed => new Graph([this]).Variables.IsEmpty;

    /// <summary>The value of a closed node, computed in double precision, each time it is asked for: keep what is used
    /// again.</summary>
    /// <exception cref="BindingError">The value depends on a variable.</exception>
    public Tensor Value => Reference.Run(this);

    /// <summary>A number; two nodes are equal only if they are the same object.</summary>
    public override int GetHashCode() => hash;

    internal static Node Make(Op op, ImmutableArray<Node> inputs)
    {
        for (var i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Kind != op.InputKind(i))
            {
                throw Misfit(op, inputs, i);
            }
        }

        return new Node(op, inputs, op.InferAll(inputs));
    }

    /// <summary>The same op on other inputs, with the same origin; the node itself if nothing differs.</summary>
    internal Node With(ImmutableArray<Node> inputs) =>
        inputs.AsSpan().SequenceEqual(Inputs.AsSpan(), ReferenceEqualityComparer.Instance)
        ? this
        : new Node(Op, inputs, Op.InferAll(inputs)) { Origin = Origin };

    /// <summary>Says where all nodes between <paramref name="boundary"/> and <paramref name="result"/> come from, as
    /// far as that is not said yet. It is said once, before anyone else sees the nodes.</summary>
    internal static void Mark(Node result, IEnumerable<Node> boundary, Origin origin) =>
        Mark(result, boundary.ToHashSet(), origin);

    /// <inheritdoc cref="Mark(Node, IEnumerable{Node}, Origin)"/>
    internal static void Mark(Node result, HashSet<Node> boundary, Origin origin)
    {
        var seen = new HashSet<Node>();
        var open = new Stack<Node>([result]);
        while (open.TryPop(out var node))
        {
            if (node.Origin is null && node.Op is not Variable && !boundary.Contains(node) && seen.Add(node))
            {
                node.Origin = origin;
                foreach (var input in node.Inputs)
                {
                    open.Push(input);
                }
            }
        }
    }

    private static KindError Misfit(Op op, ImmutableArray<Node> inputs, int at)
    {
        var (input, wanted) = (inputs[at], op.InputKind(at));
        var repair = (input.Op, wanted) switch
        {
            (Variable { Name: var name }, Kind.Real) => $"Variable(\"{name}\", {input.Shape})",
            (Variable { Name: var name }, Kind.Index) => $"Variable(\"{name}\", {input.Shape}, Kind.Index)",
            (Constant, Kind.Index) => "Indices of these values",
            (_, Kind.Index) => "ArgMax, which gives positions",
            _ => "OneHot, which gives reals",
        };
        return new KindError($"{op} on {string.Join(" and ", inputs.Select(each => each.Shape))}",
            $"input {at}, {input.Title}, is {Word(input.Kind)}, it must be {Word(wanted)}", [repair]);

        static string Word(Kind kind) => kind == Kind.Real ? "real" : "an index";
    }

    private string Title => Op is Variable { Name: var name } ? $"variable {name}" : $"the {Op.Name} {Shape}";

    /// <summary>The value if the node is closed and small, otherwise the op with its shape.</summary>
    public override string ToString() => Op switch
    {
        Variable variable => $"{variable.Name} : {Shape}",
        Constant constant => constant.Value.ToString(),
        _ when IsClosed => Value.ToString(),
        _ => $"{Op}({string.Join(", ", Inputs.Select(input => input.Shape))}) : {Shape}",
    };
}

/// <summary>Where a node comes from.</summary>
/// <param name="Path">The path of the layer that made it, such as <c>block2.conv1</c>; empty outside a layer.</param>
/// <param name="Forward">For a node of a backward pass: the forward node whose rule made it.</param>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 1, 4, 4]), Variable("w", [1, 1, 3, 3]));
/// var dw = Gradient.Of(Sum(Conv2D(x, w)), w);
/// dw.Origin // Vjp of Conv2D
/// </code></example>
public sealed record Origin(string Path, Node? Forward = null)
{
    /// <summary>The rule that made a backward node; null for a forward node.</summary>
    public string? Rule => Forward is null ? null : $"Vjp of {Forward.Op.Name}";

    /// <summary>The path and the rule, as far as there are any.</summary>
    public override string ToString() => (Path, Rule) switch
    {
        ("", null) => "",
        ("", var rule) => rule,
        (var path, null) => path,
        var (path, rule) => $"{rule}, {path}",
    };
}
