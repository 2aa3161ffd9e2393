namespace OutsideTests;

/// <summary>x + sin² x, with the slope 1 + sin 2x.</summary>
/// <remarks>L. Ziyin et al., Neural Networks Fail to Learn Periodic Functions and How to Fix It, NeurIPS
/// 2020.</remarks>
public sealed record Snake : Map1<Snake>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x + V.Sin(x) * V.Sin(x);

    public override Node? Vjp(Node x, Node y, Node dy) => dy * (1 + Sin(2 * x));
}
