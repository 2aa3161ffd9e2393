namespace AutoDiffCnn;

/// <summary>Shapes that do not fit.</summary>
/// <inheritdoc cref="MisfitError"/>
/// <example><code>
/// MatMul(Variable("a", [2, 3]), Variable("b", [4, 5]))
/// // ShapeError: MatMul on [2, 3] and [4, 5]: the inner sizes 3 and 4 differ.
/// // Possible: a second matrix of [3, 5].
/// </code></example>
public sealed class ShapeError(string place, string reason, IReadOnlyList<string>? repairs = null, string trail = "")
    : MisfitError(place, reason, repairs, trail)
{
    private protected override MisfitError Told(string place, string trail) => new ShapeError(place, Reason, Repairs, trail);
}
