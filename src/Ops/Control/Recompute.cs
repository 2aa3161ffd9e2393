using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A cotangent (∂f/∂input)ᵀ dy of a <see cref="Checkpoint"/> from f's inputs and dy, computed without what the
/// forward pass made. Its own derivative is that of the function, with nothing computed twice.</summary>
/// <param name="Body">The function of f's inputs and, last, dy.</param>
internal sealed record Recompute(Body Body) : BodyOp(Body)
{
    /// <inheritdoc/>
    public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy) =>
        Cotangents(dy, body => body.On([.. inputs, dy])[0]);

    /// <summary>The function applied, to f's argument after dy is known. All of f's intermediates depend on the
    /// argument, so none is merged with the equal one of the forward pass, which would have to be kept.</summary>
    public override Node Inlined(IReadOnlyList<Node> inputs) =>
        Body.On(inputs.ToImmutableArray().SetItem(0, After.Known(inputs[0], inputs[^1])))[0];
}
