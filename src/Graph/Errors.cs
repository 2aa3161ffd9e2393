namespace AutoDiffCnn;

/// <summary>A real was given where an index is needed, or the other way round.</summary>
/// <inheritdoc cref="MisfitError"/>
/// <example><code>
/// OneHot(Variable("x", [8]), 10)
/// // KindError: OneHot(Classes: 10) on [8]: input 0, variable x, is real, it must be an index.
/// // Possible: Variable("x", [8], Kind.Index).
/// </code></example>
public sealed class KindError(string place, string reason, IReadOnlyList<string>? repairs = null, string trail = "")
    : MisfitError(place, reason, repairs, trail)
{
    private protected override MisfitError Told(string place, string trail) => new KindError(place, Reason, Repairs, trail);
}

/// <summary>A derivative was asked for that does not exist; the message names the op and its reason.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// Gradient.Of(Sum(OneHot(ArgMax(x, 0), 3)), x) // NotDifferentiableError: OneHot is not differentiable: an index takes no values in between …
/// </code></example>
public sealed class NotDifferentiableError(string message) : InvalidOperationException(message);

/// <summary>A graph breaks one of its own laws; an op's rule or a rewrite is wrong. See
/// <see cref="Verify"/>.</summary>
/// <example><code>Verify.Check(new Graph(Variable("x", [2]) + Variable("x", [2]))) // GraphError: two variables are called x.</code></example>
public sealed class GraphError(string message) : InvalidOperationException(message);

/// <summary>A graph was run without a value for one of its variables, or with one that does not fit.</summary>
/// <example><code>Reference.Run(2 * Variable("x", [2])) // BindingError: variable x [2] has no value.</code></example>
public sealed class BindingError(string message) : ArgumentException(message);
