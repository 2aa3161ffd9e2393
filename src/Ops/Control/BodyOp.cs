namespace AutoDiffCnn;

/// <summary>An op that means a function of nodes. Gradients see the op and its rule; whoever computes may put the
/// function in its place.</summary>
/// <param name="Body">The function, which captures nothing.</param>
internal abstract record BodyOp(Body Body) : OpN
{
    /// <inheritdoc/>
    public sealed override Kind Kind => Body.Result.Kind;

    /// <inheritdoc/>
    public sealed override Kind InputKind(int index) =>
        index < Body.Parameters.Length ? Body.Parameters[index].Kind : Kind.Real;

    internal override bool VanishesWith(ReadOnlySpan<bool> zeros)
    {
        var given = zeros.ToArray();
        return Gradient.Vanishing(new Graph(Body.Results).Nodes, Body.Parameters.Where((_, i) => given[i]))
            .Contains(Body.Result);
    }

    /// <inheritdoc/>
    public sealed override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        var shapes = Body.Parameters.Select(parameter => parameter.Shape).ToArray();
        return inputs.SequenceEqual(shapes)
            ? Body.Result.Shape
            : throw Rejects($"its function takes {string.Join(" and ", shapes)}",
                [$"inputs of {string.Join(" and ", shapes)}"], [.. inputs]);
    }

    /// <inheritdoc/>
    public sealed override Tensor Reference(ReadOnlySpan<Tensor> inputs) => AutoDiffCnn.Reference.Run([Body.Result],
        Body.Parameters.Zip(inputs.ToArray()).ToDictionary(pair => pair.First, pair => pair.Second))[0];

    /// <summary>The cotangent of each input, as a function of the inputs and dy, applied by one who is given it; none
    /// where there is none.</summary>
    protected IEnumerable<Node?> Cotangents(Node dy, Func<Body, Node> apply)
    {
        var u = Body.Parameter(dy);
        return Body.Vjp(u).Select(part => part is null or { Op: NoCotangent }
            ? part
            : apply(new([.. Body.Parameters, u], part)));
    }

    /// <summary>The function applied.</summary>
    public virtual Node Inlined(IReadOnlyList<Node> inputs) => Body.On([.. inputs])[0];
}
