namespace AutoDiffCnn;

/// <summary>An exercise in a tutorial. The answer is compared with what the library computes; none yet is no error, so that a
/// notebook runs to its end before anyone has answered.</summary>
/// <example><code>
/// double? width = null; // how wide is the result of a 5 x 5 kernel on 28 x 28 pixels?
/// Exercise.Check(width, Conv2D(Tensor.Fill([1, 1, 28, 28], 1), Tensor.Fill([1, 1, 5, 5], 1)).Shape[3]) // Your turn: put an answer into the cell and run it again.
/// Exercise.Check(24, 28 - 5 + 1) // Right.
/// </code></example>
public static class Exercise
{
    private const string Open = "Your turn: put an answer into the cell and run it again.";

    /// <summary>Says whether a number is right.</summary>
    /// <param name="answer">The answer; null if there is none yet.</param>
    /// <param name="expected">The right one.</param>
    /// <param name="within">How far the answer may be away, as <see cref="Claim.Near"/> means it.</param>
    public static string Check(double? answer, double expected, double within = 1e-9) =>
        answer is { } given ? Said(Claim.IsNear(given, expected, within), Tensor.Number(given)) : Open;

    /// <summary>Says whether a tensor is right.</summary>
    /// <param name="answer">The answer; null if there is none yet.</param>
    /// <param name="expected">The right one.</param>
    /// <param name="within">How far its elements may be away, as <see cref="Claim.Same"/> means it.</param>
    public static string Check(Tensor? answer, Tensor expected, double within = 1e-9) =>
        answer is null ? Open : Said(Claim.IsSame(answer, expected, within), $"{answer}");

    /// <summary>Says whether a word is right; case does not matter.</summary>
    /// <param name="answer">The answer; null if there is none yet.</param>
    /// <param name="expected">The right one.</param>
    public static string Check(string? answer, string expected) =>
        answer is null ? Open : Said(string.Equals(answer.Trim(), expected, StringComparison.OrdinalIgnoreCase), answer);

    private static string Said(bool right, string answer) => right ? "Right." : $"Not yet: it is not {answer}.";
}
