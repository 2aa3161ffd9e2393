using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Reverse-mode differentiation: from a graph to the graph of its gradient.</summary>
/// <remarks>Each node's cotangent is the sum over its uses of what their rules give (the chain rule); every node
/// between the variables and the result is visited once, so the cost is linear. Since the rules are made of ops that
/// have rules themselves, a gradient can be differentiated again. After A. Griewank and A.
/// Walther, Evaluating Derivatives, 2nd ed., ch. 3.</remarks>
/// <example><code>
/// var x = Variable("x", [3]);
/// var dx = Gradient.Of(Sum(x * x), x);
/// Reference.Run(dx, (x, Tensor.Of([1, 2, 3]))) // [2, 4, 6]
/// </code></example>
public static partial class Gradient
{
    /// <summary>∂loss/∂x, of x's shape; zeros if the loss does not depend on x.</summary>
    /// <param name="loss">A real node with one element.</param>
    /// <param name="x">Any node, usually a variable.</param>
    /// <exception cref="ShapeError">The loss has more than one element.</exception>
    /// <exception cref="NotDifferentiableError">x reaches the loss through an op without a derivative.</exception>
    public static Node Of(Node loss, Node x) => Of(loss, [x])[0];

    /// <summary>∂loss/∂x for each x, derived in one pass.</summary>
    /// <inheritdoc cref="Of(Node, Node)"/>
    public static ImmutableArray<Node> Of(Node loss, IReadOnlyList<Node> xs) => loss switch
    {
        { Kind: Kind.Index } => throw new NotDifferentiableError(
            $"the loss is an index, the {loss.Op.Name} {loss.Shape}; indices have no derivative."),
        { Shape.Elements: 1 } => Vjp(loss, Constant.Fill(loss.Shape, 1), xs),
        _ => throw new ShapeError($"Gradient.Of {loss.Op.Name} {loss.Shape}",
            $"a loss has 1 element, this has {loss.Shape.Elements}",
            ["Sum(loss)", "Mean(loss)", "Gradient.Vjp with a cotangent of this shape"]),
    };

    /// <summary>The vector-Jacobian products (∂y/∂x)ᵀ dy for each x, derived in one pass.</summary>
    /// <param name="y">The result.</param>
    /// <param name="dy">Its cotangent, of y's shape.</param>
    /// <param name="xs">With respect to what.</param>
    /// <exception cref="ShapeError">y and dy differ in shape.</exception>
    /// <exception cref="NotDifferentiableError">An x reaches y through an op without a derivative.</exception>
    /// <exception cref="GraphError">A rule gave a cotangent of the wrong shape.</exception>
    public static ImmutableArray<Node> Vjp(Node y, Node dy, IReadOnlyList<Node> xs)
    {
        if (y.Shape != dy.Shape)
        {
            throw new ShapeError($"Gradient.Vjp of {y.Op.Name}", $"y has {y.Shape}, its cotangent {dy.Shape}",
                [$"a cotangent of {y.Shape}"]);
        }

        if (y.Kind == Kind.Index)
        {
            throw new NotDifferentiableError(
                $"the result is an index, the {y.Op.Name} {y.Shape}; indices have no derivative.");
        }

        if (xs.FirstOrDefault(x => x.Kind == Kind.Index) is { } index)
        {
            throw new NotDifferentiableError(
                $"the gradient with respect to {index.Op.Name} {index.Shape} does not exist: it is an index.");
        }

        return Pull([(y, dy)], xs, _ => { });
    }

    /// <summary>Σ (∂y/∂x)ᵀ dy for each x, derived in one pass.</summary>
    /// <param name="given">The results with their cotangents.</param>
    /// <param name="xs">With respect to what.</param>
    /// <param name="stopped">Told of each node that has a cotangent and depends on an x, but gives it none.</param>
    private static ImmutableArray<Node> Pull(
        IReadOnlyList<(Node Y, Node Dy)> given, IReadOnlyList<Node> xs, Action<Node> stopped)
    {
        var nodes = new Graph([.. given.Select(pair => pair.Y)]).Nodes;
        var active = Active(nodes, xs);
        var cotangents = new Dictionary<Node, Node>(nodes.Length);
        foreach (var (y, dy) in given)
        {
            cotangents[y] = cotangents.TryGetValue(y, out var before) ? before + dy : dy;
        }

        foreach (var node in nodes.Reverse())
        {
            if (node.Inputs.IsEmpty || !active.Contains(node) || !cotangents.TryGetValue(node, out var cotangent))
            {
                continue;
            }

            var parts = node.Op.VjpAll(node, cotangent);

            // One set for all inputs: a concatenation of many must not cost their square.
            HashSet<Node> known = [node, cotangent, .. node.Inputs];
            for (var i = 0; i < node.Inputs.Length; i++)
            {
                if (!active.Contains(node.Inputs[i]))
                {
                    continue;
                }

                if (parts[i] is { } part)
                {
                    Check(node, i, part);
                    Accumulate(cotangents, node, known, node.Inputs[i], part);
                }
                else
                {
                    stopped(node);
                }
            }
        }

        return [.. xs.Select(x => cotangents.TryGetValue(x, out var dx) ? dx : Constant.Fill(x.Shape, 0))];
    }

    /// <summary>The nodes that depend on an x: only they have a cotangent worth knowing.</summary>
    private static HashSet<Node> Active(ImmutableArray<Node> nodes, IReadOnlyList<Node> xs)
    {
        var active = new HashSet<Node>(xs);
        foreach (var node in nodes)
        {
            if (node.Inputs.Any(active.Contains))
            {
                active.Add(node);
            }
        }

        return active;
    }

    private static void Accumulate(Dictionary<Node, Node> cotangents, Node node,
        HashSet<Node> known, Node input, Node part)
    {
        var total = part;
        if (cotangents.TryGetValue(input, out var before))
        {
            known.Add(before);
            total = before + part;
        }

        Node.Mark(total, known, new Origin(node.Origin?.Path ?? "", node));
        cotangents[input] = total;
    }

    private static void Check(Node node, int input, Node part)
    {
        if (part.Op is NoCotangent { Reason: var reason })
        {
            throw new NotDifferentiableError($"{reason} (in the gradient with respect to input {input} of {node.Op}).");
        }

        if (part.Shape != node.Inputs[input].Shape)
        {
            throw new GraphError(
                $"the Vjp of {node.Op} gave {part.Shape} for input {input}, which has {node.Inputs[input].Shape}.");
        }
    }
}
