using System.Collections.Immutable;
using System.Text;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn;

/// <summary>The optimisers, by the names that users write; meant for <c>using static
/// AutoDiffCnn.Optimizers</c>.</summary>
/// <example><code>var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3));</code></example>
public static class Optimizers
{
    /// <summary>Stochastic gradient descent: see <see cref="SgdOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="momentum">How much of the last step's direction is kept.</param>
    /// <param name="nesterov">Whether the gradient is taken to be that of the point ahead.</param>
    /// <param name="weightDecay">λ: λ·w is added to the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Sgd(double rate, double momentum = 0, bool nesterov = false, double weightDecay = 0) =>
        new SgdOptimizer(rate, momentum, nesterov, weightDecay);

    /// <summary>Adaptive moments: see <see cref="AdamOptimizer"/>.</summary>
    /// <param name="rate">The learning rate.</param>
    /// <param name="beta1">How much of the gradient's running mean is kept.</param>
    /// <param name="beta2">How much of its square's running mean is kept.</param>
    /// <param name="epsilon">Keeps the quotient finite.</param>
    /// <param name="weightDecay">λ: λ·w is added to the gradient.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number lies outside its range.</exception>
    public static Optimizer Adam(double rate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0) =>
        new AdamOptimizer(rate, beta1, beta2, epsilon, weightDecay);

    /// <summary>The gradient of loss + λ/2·|w|² from that of the loss.</summary>
    internal static Node Decayed(Node w, Node dw, double weightDecay) => weightDecay == 0 ? dw : dw + weightDecay * w;
}

/// <summary>With g = dw + λ·w and momentum μ: v ← μ·v + g; w ← w − rate·v, or with Nesterov's w ← w − rate·(g + μ·v).
/// Without momentum w ← w − rate·g. As in PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Momentum">μ.</param>
/// <param name="Nesterov">Whether the gradient is taken to be that of the point ahead.</param>
/// <param name="WeightDecay">λ.</param>
/// <remarks>I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML
/// 2013.</remarks>
/// <example><code>Sgd(0.1, momentum: 0.9, nesterov: true).Slots // [v]</code></example>
public sealed record SgdOptimizer(double Rate, double Momentum, bool Nesterov, double WeightDecay) : Optimizer(Rate)
{
    /// <summary>μ, in [0, 1).</summary>
    public double Momentum { get; init; } = Share(nameof(Momentum), Momentum);

    /// <summary>λ, at least 0.</summary>
    public double WeightDecay { get; init; } = Amount(nameof(WeightDecay), WeightDecay);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots => Momentum == 0 ? [] : ["v"];

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var g = Optimizers.Decayed(w, dw, WeightDecay);
        if (slots is not [var last])
        {
            return new(w - rate * g, []);
        }

        var v = Momentum * last + g;
        return new(w - rate * (Nesterov ? g + Momentum * v : v), [v]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Layer.PrintArguments(builder, Tensor.Number(Rate),
        Momentum == 0 ? "" : $"momentum: {Tensor.Number(Momentum)}", Nesterov ? "nesterov: true" : "",
        WeightDecay == 0 ? "" : $"weightDecay: {Tensor.Number(WeightDecay)}");
}

/// <summary>With g = dw + λ·w: m ← β₁·m + (1 − β₁)·g; v ← β₂·v + (1 − β₂)·g²; w ← w − rate·m̂ / (√v̂ + ε) with
/// m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ) at step t. As in PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Beta1">β₁.</param>
/// <param name="Beta2">β₂.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="WeightDecay">λ.</param>
/// <remarks>D. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015.</remarks>
/// <example><code>Adam(1e-3).Slots // [m, v]</code></example>
public sealed record AdamOptimizer(double Rate, double Beta1, double Beta2, double Epsilon, double WeightDecay) : Optimizer(Rate)
{
    /// <summary>β₁, in [0, 1).</summary>
    public double Beta1 { get; init; } = Share(nameof(Beta1), Beta1);

    /// <summary>β₂, in [0, 1).</summary>
    public double Beta2 { get; init; } = Share(nameof(Beta2), Beta2);

    /// <summary>ε, at least 0.</summary>
    public double Epsilon { get; init; } = Amount(nameof(Epsilon), Epsilon);

    /// <summary>λ, at least 0.</summary>
    public double WeightDecay { get; init; } = Amount(nameof(WeightDecay), WeightDecay);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots => ["m", "v"];

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var g = Optimizers.Decayed(w, dw, WeightDecay);
        var m = Beta1 * slots[0] + (1 - Beta1) * g;
        var v = Beta2 * slots[1] + (1 - Beta2) * (g * g);
        var scale = rate / Correction(Beta1, step);
        return new(w - scale * m / (Sqrt(v) * Rsqrt(Correction(Beta2, step)) + Epsilon), [m, v]);
    }

    /// <summary>1 − βᵗ as −(e^(t·ln β) − 1): the difference would lose most digits in single precision while t is
    /// small.</summary>
    private static Node Correction(double beta, Node step) => -Expm1(step * Math.Log(beta));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Layer.PrintArguments(builder, Tensor.Number(Rate),
        Beta1 == 0.9 ? "" : $"beta1: {Tensor.Number(Beta1)}", Beta2 == 0.999 ? "" : $"beta2: {Tensor.Number(Beta2)}",
        Epsilon == 1e-8 ? "" : $"epsilon: {Tensor.Number(Epsilon)}", WeightDecay == 0 ? "" : $"weightDecay: {Tensor.Number(WeightDecay)}");
}
