namespace AutoDiffCnn;

/// <summary>What an op or a layer was given does not fit it: <see cref="ShapeError"/>, <see cref="KindError"/>. Raised
/// when a node is made, so never while a graph runs.</summary>
/// <remarks>The message says where, on what, which condition with which numbers, what would work instead, and inside a
/// model the shapes of the layers so far.</remarks>
/// <param name="place">The op or layer and its inputs: <c>Conv2D(16, 5) on [32, 16, 4, 4]</c>.</param>
/// <param name="reason">The violated condition with its numbers.</param>
/// <param name="repairs">What would work instead; a phrase each.</param>
/// <param name="trail">The layers and shapes up to the failing one; empty outside a model.</param>
/// <example><code>
/// (MaxPool(2) >> Dense(10)).Build([1, 1, 8, 8])
/// // ShapeError: dense1: Dense(10) on [1, 1, 4, 4]: the input needs rank 2: [n, in], not 4.
/// // Possible: Flatten before it gives [1, 16].
/// // So far: input [1, 1, 8, 8] -> pool1 [1, 1, 4, 4]
/// </code></example>
public abstract class MisfitError(string place, string reason, IReadOnlyList<string>? repairs, string trail)
    : ArgumentException
{
    /// <summary>The op or layer and its inputs.</summary>
    public string Place { get; } = place;

    /// <summary>The violated condition with its numbers.</summary>
    public string Reason { get; } = reason;

    /// <summary>What would work instead.</summary>
    public IReadOnlyList<string> Repairs { get; } = repairs ?? [];

    /// <summary>The layers and shapes up to the failing one; empty outside a model.</summary>
    public string Trail { get; } = trail;

    /// <inheritdoc/>
    public override string Message => $"{Place}: {Reason}."
        + (Repairs.Count == 0 ? "" : $"\nPossible: {string.Join(", ", Repairs)}.")
        + (Trail.Length == 0 ? "" : $"\nSo far: {Trail}");

    /// <summary>The same error, told of the layer in which it happened.</summary>
    /// <remarks>The innermost layer knows the place best: a trail that is already there stays.</remarks>
    public MisfitError In(string layerPlace, string layerTrail) => Trail.Length > 0 ? this : Told(layerPlace, layerTrail);

    /// <summary>The same error at another place.</summary>
    private protected abstract MisfitError Told(string place, string trail);
}
