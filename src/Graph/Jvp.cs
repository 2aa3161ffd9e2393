using System.Collections.Immutable;

namespace AutoDiffCnn;

// Forward mode, by transposing twice.
public static partial class Gradient
{
    /// <summary>The Jacobian-vector product (∂y/∂x) dx: how y moves when x moves along dx.</summary>
    /// <param name="y">The result.</param>
    /// <param name="x">With respect to what.</param>
    /// <param name="dx">Its tangent, of x's shape.</param>
    /// <inheritdoc cref="Jvp(Node, IReadOnlyList{Node}, IReadOnlyList{Node})"/>
    public static Node Jvp(Node y, Node x, Node dx) => Jvp(y, [x], [dx]);

    /// <summary>The Jacobian-vector product Σ (∂y/∂x) dx, of y's shape: how y moves when each x moves along its dx.
    /// </summary>
    /// <remarks>(∂y/∂x)ᵀu is linear in u, so its Vjp with respect to u, under the cotangent dx, is (∂y/∂x) dx. No op
    /// needs a second rule, and u itself is gone from the result. After J. Townsend, A new trick for calculating
    /// Jacobian vector products, 2017.</remarks>
    /// <param name="y">The result.</param>
    /// <param name="xs">With respect to what.</param>
    /// <param name="dxs">A tangent for each, of its shape.</param>
    /// <exception cref="ShapeError">An x and its tangent differ in shape, or there is not one tangent for each
    /// x.</exception>
    /// <exception cref="NotDifferentiableError">An x reaches y through an op without a derivative.</exception>
    /// <exception cref="GraphError">A rule is not linear in its cotangent: it is quadratic say, or adds something. An
    /// op unknown to the library is believed to be 0 where its inputs are.</exception>
    public static Node Jvp(Node y, IReadOnlyList<Node> xs, IReadOnlyList<Node> dxs)
    {
        if (xs.Count != dxs.Count)
        {
            throw new ShapeError($"Gradient.Jvp of {y.Op.Name} {y.Shape}",
                $"{xs.Count} inputs have {dxs.Count} tangents", [$"{xs.Count} tangents"]);
        }

        if (xs.Zip(dxs).FirstOrDefault(pair => pair.First.Shape != pair.Second.Shape) is ({ } x, { } dx))
        {
            throw new ShapeError($"Gradient.Jvp of {y.Op.Name} {y.Shape}",
                $"{x.Op.Name} has {x.Shape}, its tangent {dx.Shape}", [$"a tangent of {x.Shape}"]);
        }

        var u = new Variable("u", y.Shape, Kind.Real).Of();
        var cotangents = Vjp(y, u, xs);

        // What does not depend on u would be gone from the result, and nobody would know.
        var backward = new Graph(cotangents);
        var vanishing = Vanishing(backward.Nodes, [u]);
        if (cotangents.Any(cotangent => !vanishing.Contains(cotangent)))
        {
            var varying = Active(backward.Nodes, [u]);
            var constant = backward.Nodes.FirstOrDefault(node => varying.Contains(node) && !vanishing.Contains(node));
            throw NotLinear(y, constant);
        }

        var dy = Pull([.. cotangents.Zip(dxs)], [u], node => throw NotLinear(y, node))[0];
        return new Graph(dy).Variables.Contains(u)
            ? throw NotLinear(y, Culprit(u, backward, dy))
            : dy;
    }

    /// <summary>The backward node that is not linear in u: the rule for it mentions u. Null if it
    /// cannot be told.</summary>
    private static Node? Culprit(Node u, Graph backward, Node dy)
    {
        var nodes = new Graph(dy).Nodes;
        var (varying, mentions) = (Active(backward.Nodes, [u]), Active(nodes, [u]));
        return nodes.Where(mentions.Contains).Select(node => node.Origin?.Forward)
            .FirstOrDefault(forward => forward is not null && varying.Contains(forward));
    }

    /// <summary>The nodes that are 0 where some are, as far as the ops tell: those that are linear in them.</summary>
    internal static HashSet<Node> Vanishing(ImmutableArray<Node> nodes, IEnumerable<Node> where)
    {
        var zeros = new HashSet<Node>(where);
        foreach (var node in nodes)
        {
            if (node.Op is Constant { Kind: Kind.Real, Value: var value }
                ? Enumerable.Range(0, value.Count).All(i => value.At(i) == 0)
                : node.Op.VanishesWith([.. node.Inputs.Select(zeros.Contains)]))
            {
                zeros.Add(node);
            }
        }

        return zeros;
    }

    private static GraphError NotLinear(Node y, Node? backward) => new(backward?.Origin?.Forward is { Op: var op }
        ? $"the Vjp of {op} is not linear in its cotangent: it gave {backward.Op} of it, so there is no Jvp."
        : $"a Vjp behind {y.Op} {y.Shape} is not linear in its cotangent, so there is no Jvp.");
}
