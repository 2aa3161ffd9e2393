namespace AutoDiffCnn;

/// <summary>y = ln x; −∞ at 0, NaN below.</summary>
/// <example><code>new Log().Of(x)</code></example>
public sealed record Log : Map1<Log>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Log(x);

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy / x;
}
