namespace AutoDiffCnn;

/// <summary>A real number, or a register of them: what an elementwise formula computes with. The formula is written
/// once, for any <typeparamref name="V"/>; Reference runs it in double precision, Cpu on vectors of floats.</summary>
/// <typeparam name="V">The type itself.</typeparam>
/// <remarks>All functions treat NaN, infinities and signed zeros as IEEE 754 does; <see cref="Max"/> and
/// <see cref="Min"/> return NaN if either argument is NaN.</remarks>
/// <example><code>
/// new Gaussian().Of(Tensor.Of([0, 1])) // [1, 0.367879]
///
/// public sealed record Gaussian : Map1&lt;Gaussian>, IFormula1
/// {
///     static V IFormula1.Of&lt;V>(V x) => V.Exp(-(x * x));
///     public override Node? Vjp(Node x, Node y, Node dy) => -2 * x * y * dy;
/// }
/// </code></example>
public interface IReal<V>
    where V : struct, IReal<V>
{
    /// <summary>A constant.</summary>
    static abstract V Of(double value);

    /// <summary>a + b.</summary>
    static abstract V operator +(V a, V b);

    /// <summary>a − b.</summary>
    static abstract V operator -(V a, V b);

    /// <summary>a · b.</summary>
    static abstract V operator *(V a, V b);

    /// <summary>a / b.</summary>
    static abstract V operator /(V a, V b);

    /// <summary>−a.</summary>
    static abstract V operator -(V a);

    /// <summary>a · b + c, rounded once.</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary>|a|.</summary>
    static abstract V Abs(V a);

    /// <summary>√a; NaN below zero.</summary>
    static abstract V Sqrt(V a);

    /// <summary>The largest whole number not above a.</summary>
    static abstract V Floor(V a);

    /// <summary>The larger of two.</summary>
    static abstract V Max(V a, V b);

    /// <summary>The smaller of two.</summary>
    static abstract V Min(V a, V b);

    /// <summary><paramref name="then"/> where a &lt; b, else <paramref name="otherwise"/>.</summary>
    static abstract V IfLess(V a, V b, V then, V otherwise);

    /// <summary><paramref name="then"/> where a ≤ b, else <paramref name="otherwise"/>.</summary>
    static abstract V IfLessOrEqual(V a, V b, V then, V otherwise);

    /// <summary><paramref name="then"/> where a = b, else <paramref name="otherwise"/>.</summary>
    static abstract V IfEqual(V a, V b, V then, V otherwise);

    /// <summary>eᵃ.</summary>
    static abstract V Exp(V a);

    /// <summary>eᵃ − 1, accurate near 0.</summary>
    static abstract V Expm1(V a);

    /// <summary>ln a; −∞ at 0, NaN below.</summary>
    static abstract V Log(V a);

    /// <summary>ln(1 + a), accurate near 0.</summary>
    static abstract V Log1p(V a);

    /// <summary>sin a, a in radians.</summary>
    static abstract V Sin(V a);

    /// <summary>cos a, a in radians.</summary>
    static abstract V Cos(V a);

    /// <summary>The hyperbolic tangent.</summary>
    static abstract V Tanh(V a);

    /// <summary>The error function 2/√π ∫₀ᵃ e^(−t²) dt.</summary>
    static abstract V Erf(V a);

    /// <summary>aᵇ, as IEEE 754 <c>pow</c>.</summary>
    static abstract V Pow(V a, V b);
}
