using System.Collections.Immutable;
using System.Text;
using static AutoDiffCnn.Functions;
using static AutoDiffCnn.Optimizers;

namespace AutoDiffCnn;

/// <summary>What Adam and its relatives have in common: m ← β₁·m + (1 − β₁)·dw and v ← β₂·v + (1 − β₂)·dw².</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <example><code>Adam(1e-3) is MomentsOptimizer { Beta1: 0.9 } // True</code></example>
public abstract record MomentsOptimizer(double Rate, double Beta1, double Beta2, double Epsilon) : Optimizer(Rate)
{
    /// <summary>β₁, in [0, 1).</summary>
    public double Beta1 { get; init; } = Share(nameof(Beta1), Beta1);

    /// <summary>β₂, in [0, 1).</summary>
    public double Beta2 { get; init; } = Share(nameof(Beta2), Beta2);

    /// <summary>ε, at least 0.</summary>
    public double Epsilon { get; init; } = Amount(nameof(Epsilon), Epsilon);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots => ["m", "v"];

    /// <summary>The next m and v, and √v̂ + ε with v̂ = v/(1 − β₂ᵗ) at step t.</summary>
    private protected (Node M, Node V, Node Root) Moments(Node dw, ImmutableArray<Node> slots, Node step)
    {
        var m = Beta1 * slots[0] + (1 - Beta1) * dw;
        var v = Beta2 * slots[1] + (1 - Beta2) * (dw * dw);
        return (m, v, Sqrt(v) * Rsqrt(Correction(Beta2, step)) + Epsilon);
    }

    /// <summary>Writes the arguments, those that are the standard left out.</summary>
    private protected bool Print(StringBuilder builder, double epsilon, string more) => Layer.PrintArguments(builder,
        Tensor.Number(Rate), Argument("beta1", Beta1, 0.9), Argument("beta2", Beta2, 0.999),
        Argument("epsilon", Epsilon, epsilon), more);
}

/// <summary>m ← β₁·m + (1 − β₁)·dw; v ← β₂·v + (1 − β₂)·dw²; w ← w − rate·m̂ / (√v̂ + ε) with m̂ = m/(1 − β₁ᵗ),
/// v̂ = v/(1 − β₂ᵗ) at step t. As in PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <remarks>D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015.</remarks>
/// <example><code>Adam(1e-3).Slots // [m, v]</code></example>
public sealed record AdamOptimizer(double Rate, double Beta1, double Beta2, double Epsilon)
    : MomentsOptimizer(Rate, Beta1, Beta2, Epsilon)
{
    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var (m, v, root) = Moments(dw, slots, step);
        return new(w - rate / Correction(Beta1, step) * m / root, [m, v]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Print(builder, 1e-8, "");
}

/// <summary>Adam's m, v and √v̂ + ε, and μₜ = β₁·(1 − ½·0.96^(t·ψ)): w ← w − rate·((1 − μₜ)/(1 − Πᵢ≤ₜ μᵢ)·dw +
/// μₜ₊₁/(1 − Πᵢ≤ₜ₊₁ μᵢ)·m) / (√v̂ + ε). As in PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="MomentumDecay">ψ.</param>
/// <remarks>T. Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016.</remarks>
/// <example><code>NAdam().Slots // [m, v, learnt]</code></example>
public sealed record NAdamOptimizer(double Rate, double Beta1, double Beta2, double Epsilon, double MomentumDecay)
    : MomentsOptimizer(Rate, Beta1, Beta2, Epsilon)
{
    /// <summary>ψ, at least 0.</summary>
    public double MomentumDecay { get; init; } = Amount(nameof(MomentumDecay), MomentumDecay);

    /// <summary>m, v, and 1 − Πᵢ≤ₜ μᵢ, a scalar, which starts at 0 as a slot does.</summary>
    public override ImmutableArray<string> Slots => ["m", "v", "learnt"];

    /// <inheritdoc/>
    public override Shape ShapeOf(string slot, Shape parameter) => slot == "learnt" ? [] : parameter;

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var (m, v, root) = Moments(dw, slots, step);
        var (mu, ahead) = (Mu(step), Mu(step + 1));

        // 1 − p·μ from 1 − p, without the cancellation.
        var learnt = slots[2] * mu + (1 - mu);
        var direction = (1 - mu) / learnt * dw + ahead / (learnt * ahead + (1 - ahead)) * m;
        return new(w - rate * direction / root, [m, v, learnt]);
    }

    private Node Mu(Node step) => Beta1 * (1 - 0.5 * Exp(step * (MomentumDecay * Math.Log(0.96))));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        Print(builder, 1e-8, Argument("momentumDecay", MomentumDecay, 4e-3));
}

/// <summary>With Adam's m̂ and v̂: u = m̂ / (√v̂ + ε) + λ·w; w ← w − rate·‖w‖/‖u‖·u, where the quotient is 1 if one of
/// the norms, taken over the whole parameter, is 0.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
/// <remarks>Y. You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, ICLR 2020,
/// with φ(x) = x.</remarks>
/// <example><code>Lamb(0.01).Slots // [m, v]</code></example>
public sealed record LambOptimizer(double Rate, double Beta1, double Beta2, double Epsilon, double WeightDecay)
    : MomentsOptimizer(Rate, Beta1, Beta2, Epsilon)
{
    /// <summary>λ, at least 0.</summary>
    public double WeightDecay { get; init; } = Amount(nameof(WeightDecay), WeightDecay);

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var (m, v, root) = Moments(dw, slots, step);
        var u = m / Correction(Beta1, step) / root + WeightDecay * w;
        var (size, length) = (Norm(w), Norm(u));
        var trust = Where(Less(0, size * length), size / length, 1);
        return new(w - rate * trust * u, [m, v]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        Print(builder, 1e-6, Argument("weightDecay", WeightDecay, 1e-2));
}
