namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>From a function of one example to the function of a batch: y[i] = f(x[i]) for each i of the first
    /// axis. What f makes of other nodes alone is the same for all. Each op takes the whole batch at once, by its own
    /// rule.</summary>
    /// <remarks>With a gradient inside it gives the gradients of single examples: Vmap(x => Gradient.Of(loss(x), w)).
    /// After <c>jax.vmap</c>.</remarks>
    /// <param name="f">The function; it is called once, with a variable of an example's shape.</param>
    /// <exception cref="ShapeError">The argument is a scalar, which has no first axis.</exception>
    /// <exception cref="GraphError">An index that differs between examples meets an op that has no rule for
    /// it.</exception>
    public static Func<Node, Node> Vmap(Func<Node, Node> f) => x => Vmap(ones => f(ones[0]), [x]);

    /// <summary>The same for a function of two arguments: y[i] = f(a[i], b[i]).</summary>
    /// <inheritdoc cref="Vmap(Func{Node, Node})"/>
    public static Func<Node, Node, Node> Vmap(Func<Node, Node, Node> f) => (a, b) => Vmap(ones => f(ones[0], ones[1]), [a, b]);

    private static Node Vmap(Func<Node[], Node> f, Node[] all)
    {
        foreach (var node in all)
        {
            if (node.Shape.Rank == 0 || node.Shape[0] != all[0].Shape[0])
            {
                throw new ShapeError($"Vmap on {string.Join(" and ", all.Select(given => given.Shape))}",
                    "all arguments need a first axis, of the same size: the batch", [$"a batch of {all.Max(Size)} for each"]);
            }
        }

        var ones = all.Select((node, i) => Variable($"example{i}", node.Shape[1..], node.Kind)).ToArray();
        return new Batching(Size(all[0]), ones.Zip(all)).Map([f(ones)])[0];

        static int Size(Node node) => node.Shape.Rank == 0 ? 1 : node.Shape[0];
    }
}
