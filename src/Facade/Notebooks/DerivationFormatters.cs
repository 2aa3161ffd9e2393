namespace AutoDiffCnn;

/// <summary>Shows derivations in notebooks as mathematics.</summary>
internal sealed class DerivationFormatters
{
    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
        [new ValueFormatter<Derivation>("text/latex", derivation => $"$$\n{derivation.ToLatex()}\n$$"), ValueFormatter.Plain];
}
