using System.Globalization;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>What a tutorial says and checks at once: a cell fails if its claim does not hold.</summary>
/// <example><code>
/// Claim.That(Shape.Of(3, 4).Elements == 12);
/// Claim.Near(Math.Sqrt(2), 1.41421, within: 1e-5);
/// Claim.Same(CrossCorrelate(Tensor.Of([[1, 2], [3, 4]]), Tensor.Of([[1, 0], [0, 1]])), Tensor.Of([[5]]));
/// </code></example>
public static class Claim
{
    /// <summary>A condition.</summary>
    /// <param name="holds">Whether it holds.</param>
    /// <param name="text">The condition, for the message; the compiler gives it.</param>
    /// <exception cref="ClaimError">It does not hold.</exception>
    public static void That(bool holds, [CallerArgumentExpression(nameof(holds))] string text = "")
    {
        if (!holds)
        {
            throw new ClaimError($"{Named(text)} does not hold.");
        }
    }

    /// <summary>A number is another, or close to it: |actual − expected| ≤ within · max(1, |expected|).</summary>
    /// <param name="actual">The number.</param>
    /// <param name="expected">What it should be.</param>
    /// <param name="within">How far it may be away.</param>
    /// <param name="text">Where the number is from, for the message; the compiler gives it.</param>
    /// <exception cref="ClaimError">It is farther away, or not a number.</exception>
    public static void Near(double actual, double expected, double within = 1e-9,
        [CallerArgumentExpression(nameof(actual))] string text = "")
    {
        if (!IsNear(actual, expected, within))
        {
            throw new ClaimError(string.Create(CultureInfo.InvariantCulture, $"{Named(text)} is {actual:R}, not {expected:R} to {within:R}."));
        }
    }

    /// <summary>A tensor is another, or its elements are close to the other's, as <see cref="Near"/> means it.</summary>
    /// <param name="actual">The tensor.</param>
    /// <param name="expected">What it should be.</param>
    /// <param name="within">How far elements may be away; 0 if they are to be equal.</param>
    /// <param name="text">Where it is from, for the message; the compiler gives it.</param>
    /// <exception cref="ClaimError">Shapes or elements differ.</exception>
    public static void Same(Node actual, Tensor expected, double within = 0, [CallerArgumentExpression(nameof(actual))] string text = "")
    {
        if (!IsSame(actual.Value, expected, within))
        {
            throw new ClaimError(string.Create(CultureInfo.InvariantCulture,
                $"{Named(text)} is {actual.Value} of {actual.Shape}, not {expected} of {expected.Shape}{(within > 0 ? $" to {within:R}" : "")}."));
        }
    }

    internal static bool IsNear(double actual, double expected, double within) =>
        Math.Abs(actual - expected) <= within * Math.Max(1, Math.Abs(expected));

    internal static bool IsSame(Tensor actual, Tensor expected, double within) => actual.Shape == expected.Shape
        && Enumerable.Range(0, actual.Count).All(i => IsNear(actual.At(i), expected.At(i), within));

    private static string Named(string text) => text.Length > 0 ? $"'{text}'" : "A claim";
}

/// <summary>A claim of a tutorial does not hold.</summary>
/// <param name="message">Which, and the numbers.</param>
/// <example><code>
/// try { Claim.That(1 + 1 == 3); } catch (ClaimError error) { Console.WriteLine(error.Message); } // '1 + 1 == 3' does not hold.
/// </code></example>
public sealed class ClaimError(string message) : Exception(message);
