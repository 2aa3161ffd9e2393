namespace AutoDiffCnn;

/// <summary>y = f(x), of which nothing is kept for the backward pass: that computes f again, by
/// <see cref="Recompute"/>.</summary>
/// <param name="Body">f, of x and of what it captures.</param>
internal sealed record Checkpoint(Body Body) : BodyOp(Body)
{
    /// <inheritdoc/>
    public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy) =>
        Cotangents(dy, body => new Recompute(body).Of([.. inputs, dy]));
}
