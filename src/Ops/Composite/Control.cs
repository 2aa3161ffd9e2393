namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>The sum of x over all processes that run the same graph, x itself where there is one; see
    /// <see cref="AutoDiffCnn.AllReduce"/>.</summary>
    public static Node AllReduce(Node x) => new AllReduce().Of(x);

    /// <summary>f with a derivative of your own: for a stable formula, a clipped or reversed gradient, a
    /// straight-through estimate. Reference and Cpu compute f as if it stood there; only its gradient is the rule's.
    /// Its Jvp is the rule's transpose, its second derivative the rule's derivative.</summary>
    /// <param name="f">The function. Real values that it captures have no derivative: make them arguments.</param>
    /// <param name="rule">(x, y, dy) ↦ dx = (∂y/∂x)ᵀ dy, of x's shape; null for a derivative of 0.</param>
    /// <remarks>The function that is given throws a <see cref="GraphError"/> if the rule gives another shape than
    /// x's.</remarks>
    public static Func<Node, Node> CustomVjp(Func<Node, Node> f, Func<Node, Node, Node, Node?> rule) => x =>
        AutoDiffCnn.CustomVjp.Of([x], xs => f(xs[0]), (xs, y, dy) => [rule(xs[0], y, dy)]);

    /// <summary>A function of two arguments with a derivative of your own.</summary>
    /// <param name="f">The function. Real values that it captures have no derivative: make them arguments.</param>
    /// <param name="rule">(a, b, y, dy) ↦ (da, db), of a's and b's shape; null for a derivative of 0.</param>
    /// <inheritdoc cref="CustomVjp(Func{Node, Node}, Func{Node, Node, Node, Node?})"/>
    public static Func<Node, Node, Node> CustomVjp(
        Func<Node, Node, Node> f, Func<Node, Node, Node, Node, (Node? Da, Node? Db)> rule) => (a, b) =>
        AutoDiffCnn.CustomVjp.Of([a, b], xs => f(xs[0], xs[1]),
            (xs, y, dy) => rule(xs[0], xs[1], y, dy) is var (da, db) ? [da, db] : []);

    /// <summary>f, of which the backward pass keeps nothing but the argument: it computes f again. Values and gradients
    /// are the same; a deep network needs less memory, for about one more forward pass.</summary>
    /// <param name="f">The function, a block of layers say. What it captures, such as its parameters, has derivatives
    /// as always. Random numbers are drawn once and kept.</param>
    /// <remarks>T. Chen et al., Training Deep Nets with Sublinear Memory Cost, 2016. Of second derivatives nothing is
    /// computed again.</remarks>
    public static Func<Node, Node> Checkpoint(Func<Node, Node> f) => x =>
    {
        var parameter = Body.Parameter(x);
        var (body, captured) = new Body([parameter], f(parameter)).Closed();
        return new Checkpoint(body).Of([x, .. captured]);
    };

    /// <summary>A loop over the first axis of xs: (carry, yᵢ) = f(carry, xsᵢ). It is unrolled, so it has derivatives
    /// like anything else, and the graph grows with the number of steps.</summary>
    /// <param name="f">A step. It is called once, so parameters made in it are the same at each step. The carry keeps
    /// its shape.</param>
    /// <param name="carry">The carry before the first step.</param>
    /// <param name="xs">What is looped over, [n, …].</param>
    /// <returns>The carry after the last step, and all y stacked, [n, …].</returns>
    /// <exception cref="ShapeError">A step changes the carry's shape, or xs is a scalar.</exception>
    /// <exception cref="KindError">xs or y is an index.</exception>
    public static (Node Carry, Node Ys) Scan(Func<Node, Node, (Node Carry, Node Y)> f, Node carry, Node xs)
    {
        if (xs.Shape.Rank == 0)
        {
            throw new ShapeError("Scan over []", "a scalar has no first axis", ["Reshape [] to [1]"]);
        }

        var (before, x) = (Body.Parameter(carry), Variable("x", xs.Shape[1..], xs.Kind));
        var (after, y) = f(before, x);
        if (after.Shape != carry.Shape)
        {
            throw new ShapeError($"Scan over {xs.Shape}", $"the carry has {carry.Shape}, a step makes it {after.Shape}",
                [$"a carry of {after.Shape}", $"a step that gives {carry.Shape}"]);
        }

        var step = new Body([before, x], after, y);
        var ys = new List<Node>();
        foreach (var part in Singles(xs))
        {
            var results = step.On(carry, Reshape(part, x.Shape));
            carry = results[0];
            ys.Add(Reshape(results[1], [1, .. y.Shape]));
        }

        return (carry, ys.Count == 0 ? Zeros([0, .. y.Shape]) : Concat(0, [.. ys]));
    }

    /// <summary>The parts of size 1 along the first axis. They are cut by halves: so the gradient, which puts them
    /// together, adds up n · log n elements and not n².</summary>
    private static IEnumerable<Node> Singles(Node xs) => xs.Shape[0] switch
    {
        0 => [],
        1 => [xs],
        var size => Singles(Part(xs, 0, 0, size / 2)).Concat(Singles(Part(xs, 0, size / 2, size - size / 2))),
    };
}
