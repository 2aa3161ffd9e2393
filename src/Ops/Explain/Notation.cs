namespace AutoDiffCnn;

/// <summary>How derivatives are written.</summary>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 1, 3, 3]), Variable("w", [1, 1, 2, 2]));
/// var loss = Sum(Relu(Conv2D(x, w)));
/// Derivation.Of(loss, w, Notation.Differential).Backward[^1].Formula.Unicode // dw = x ⋆ dZ₁
/// Derivation.Of(loss, w, Notation.Delta).Backward[^1].Formula.Unicode // ∇w = x ⋆ δ₁
/// </code></example>
public enum Notation
{
    /// <summary>dV = ∂L/∂V for each value V, a line for each.</summary>
    Differential,

    /// <summary>The error δₗ = ∂L/∂Zₗ of each layer, from that of the next in one line, and ∇W = ∂L/∂W.</summary>
    Delta,
}
