using System.Collections.Immutable;
using System.Text;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn;

/// <summary>s ← s + dw²; w ← w − rate·dw / (√s + ε). As in PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Epsilon">ε.</param>
/// <remarks>J. Duchi, E. Hazan, Y. Singer, Adaptive Subgradient Methods for Online Learning and Stochastic
/// Optimization, JMLR 12, 2011.</remarks>
/// <example><code>Adagrad(0.01).Slots // [s]</code></example>
public sealed record AdagradOptimizer(double Rate, double Epsilon) : Optimizer(Rate)
{
    /// <summary>ε, at least 0.</summary>
    public double Epsilon { get; init; } = Amount(nameof(Epsilon), Epsilon);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots => ["s"];

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var s = slots[0] + dw * dw;
        return new(w - rate * dw / (Sqrt(s) + Epsilon), [s]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        Layer.PrintArguments(builder, Tensor.Number(Rate), Argument("epsilon", Epsilon, 1e-10));
}

/// <summary>v ← α·v + (1 − α)·dw²; u = dw / (√v + ε), centred with a ← α·a + (1 − α)·dw and √(v − a²) in place of √v;
/// w ← w − rate·u, or with momentum μ b ← μ·b + u; w ← w − rate·b. As in PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Alpha">α.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Momentum">μ.</param>
/// <param name="Centered">Whether the mean is taken off.</param>
/// <remarks>T. Tieleman, G. Hinton, lecture 6.5 of Neural Networks for Machine Learning, 2012; centred: A. Graves,
/// Generating Sequences With Recurrent Neural Networks, 2013.</remarks>
/// <example><code>RmsProp(momentum: 0.9, centered: true).Slots // [v, a, b]</code></example>
public sealed record RmsPropOptimizer(double Rate, double Alpha, double Epsilon, double Momentum, bool Centered)
    : Optimizer(Rate)
{
    /// <summary>α, in [0, 1).</summary>
    public double Alpha { get; init; } = Share(nameof(Alpha), Alpha);

    /// <summary>ε, at least 0.</summary>
    public double Epsilon { get; init; } = Amount(nameof(Epsilon), Epsilon);

    /// <summary>μ, in [0, 1).</summary>
    public double Momentum { get; init; } = Share(nameof(Momentum), Momentum);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots =>
        ["v", .. Centered ? (string[])["a"] : [], .. Momentum > 0 ? (string[])["b"] : []];

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var v = Alpha * slots[0] + (1 - Alpha) * (dw * dw);
        Node[] a = Centered ? [Alpha * slots[1] + (1 - Alpha) * dw] : [];

        // v ≥ a² but for rounding.
        var u = dw / (Sqrt(Centered ? Relu(v - a[0] * a[0]) : v) + Epsilon);
        Node[] b = Momentum > 0 ? [Momentum * slots[^1] + u] : [];
        return new(w - rate * (Momentum > 0 ? b[0] : u), [v, .. a, .. b]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Layer.PrintArguments(builder, Tensor.Number(Rate),
        Argument("alpha", Alpha, 0.99), Argument("epsilon", Epsilon, 1e-8), Argument("momentum", Momentum, 0),
        Centered ? "centered: true" : "");
}

/// <summary>v ← ρ·v + (1 − ρ)·dw²; δ = √(u + ε)/√(v + ε) · dw; u ← ρ·u + (1 − ρ)·δ²; w ← w − rate·δ. As in
/// PyTorch.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Rho">ρ.</param>
/// <param name="Epsilon">ε.</param>
/// <remarks>M. Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012.</remarks>
/// <example><code>Adadelta().Slots // [v, u]</code></example>
public sealed record AdadeltaOptimizer(double Rate, double Rho, double Epsilon) : Optimizer(Rate)
{
    /// <summary>ρ, in [0, 1).</summary>
    public double Rho { get; init; } = Share(nameof(Rho), Rho);

    /// <summary>ε, at least 0.</summary>
    public double Epsilon { get; init; } = Amount(nameof(Epsilon), Epsilon);

    /// <inheritdoc/>
    public override ImmutableArray<string> Slots => ["v", "u"];

    /// <inheritdoc/>
    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step)
    {
        var v = Rho * slots[0] + (1 - Rho) * (dw * dw);
        var delta = Sqrt(slots[1] + Epsilon) * Rsqrt(v + Epsilon) * dw;
        return new(w - rate * delta, [v, Rho * slots[1] + (1 - Rho) * (delta * delta)]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => Layer.PrintArguments(builder, Tensor.Number(Rate),
        Argument("rho", Rho, 0.9), Argument("epsilon", Epsilon, 1e-6));
}
