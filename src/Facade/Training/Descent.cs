using System.Collections.Immutable;
using System.Text;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn;

/// <summary>With momentum μ: v ← μ·v + dw; w ← w − rate·v, or with Nesterov's w ← w − rate·(dw + μ·v). Without momentum
/// w ← w − rate·dw. As in PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Momentum">μ.</param>
/// <param name="Nesterov">Whether the gradient is taken to be that of the point ahead.</param>
/// <remarks>I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML
/// 2013.</remarks>
/// <example><code>Sgd(0.1, momentum: 0.9, nesterov: true).Slots // [v]</code></example>
public sealed record SgdOptimizer(double Rate, double Momentum, bool Nesterov) : Optimizer(Rate)
{
    /// <summary>μ, in [0, 1).</summary>
    public double Momentum { get; init; } = Share(nameof(Momentum), Momentum);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots => Momentum == 0 ? [] : ["v"];

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        if (slots is not [var last])
        {
            return new(w - rate * dw, []);
        }

        var v = Momentum * last + dw;
        return new(w - rate * (Nesterov ? dw + Momentum * v : v), [v]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Layer.PrintArguments(builder, Tensor.Number(Rate),
        Argument("momentum", Momentum, 0), Nesterov ? "nesterov: true" : "");
}

/// <summary>w ← w − rate·sign(β₁·m + (1 − β₁)·dw); m ← β₂·m + (1 − β₂)·dw. Every weight moves by the rate. With the
/// paper's weight decay it is <c>Lion(…).DecoupledDecay(λ)</c>.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <remarks>X. Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023.</remarks>
/// <example><code>Lion(1e-4).Slots // [m]</code></example>
public sealed record LionOptimizer(double Rate, double Beta1, double Beta2) : Optimizer(Rate)
{
    /// <summary>β₁, in [0, 1).</summary>
    public double Beta1 { get; init; } = Share(nameof(Beta1), Beta1);

    /// <summary>β₂, in [0, 1).</summary>
    public double Beta2 { get; init; } = Share(nameof(Beta2), Beta2);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots => ["m"];

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step) => new(
        w - rate * Sign(Beta1 * slots[0] + (1 - Beta1) * dw),
        [Beta2 * slots[0] + (1 - Beta2) * dw]);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Layer.PrintArguments(builder, Tensor.Number(Rate),
        Argument("beta1", Beta1, 0.9), Argument("beta2", Beta2, 0.99));
}
