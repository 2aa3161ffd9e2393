using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A statement about every case, which a case either obeys or falsifies.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Proves">What it says, with the tolerance.</param>
/// <example><code>
/// Property.Linear.Proves // Jᵀ(3u − v) = 3 Jᵀu − Jᵀv, to 1e-9 of the largest term
/// </code></example>
public sealed partial record Property(string Name, string Proves)
{
    /// <summary>It is tried in the cases whose seed this divides: what costs much is not tried in each.</summary>
    public int Every { get; init; } = 1;

    private Func<Case, Key, Verdict> Checks { get; init; } = (_, _) => Verdict.Holds;

    /// <summary>All that hold for any graph, in the order in which they are tried: what spoils others comes first.</summary>
    public static ImmutableArray<Property> All =>
        [Shapes, Repeatable, Linear, Differences, EachOp, Differences2, Transposed, Symmetric, Vmapped, Rewritten, OnCpu, Threads];

    /// <summary>Those of a gradient alone, without what is said of executors and passes.</summary>
    public static ImmutableArray<Property> OfGradients => [Shapes, Repeatable, Linear, Differences, EachOp, Differences2];

    /// <summary>Whether a case obeys; the key chooses directions and cotangents.</summary>
    internal Verdict Check(Case at, Key key)
    {
        try
        {
            return Checks(at, key);
        }
        catch (NotDifferentiableError error)
        {
            return Verdict.None($"no derivative, as it says: {error.Message}");
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What a property says of a case: it holds, it does not, or there is nothing to say.</summary>
/// <param name="Ok">Null if there is nothing to say.</param>
/// <param name="Text">Why not.</param>
internal sealed record Verdict(bool? Ok, string Text = "")
{
    public static Verdict Holds { get; } = new(true);

    public bool IsFalse => Ok == false;

    /// <summary>Found at a tie or a kink: which element of the subdifferential was taken.</summary>
    public bool AtKink { get; init; }

    public static Verdict None(string why) => new(null, why);

    public static Verdict False(string text) => new(false, text);
}
