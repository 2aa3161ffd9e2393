namespace AutoDiffCnn;

/// <summary>y = tanh x.</summary>
/// <example><code>new Tanh().Of(Tensor.Of([0, 1])) // [0, 0.761594]</code></example>
public sealed record Tanh : Map1<Tanh>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Tanh(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * (1 - y * y);
}
