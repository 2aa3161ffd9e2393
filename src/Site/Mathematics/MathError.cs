namespace AutoDiffCnn.Site;

/// <summary>LaTeX that cannot be drawn.</summary>
internal sealed class MathError(string formula, int at, string expected, string got, string possible)
    : FormatException($"the formula '{formula}', sign {at + 1}: expected {expected}, got {got}.")
{
    /// <summary>What would work.</summary>
    public string Possible => possible;
}
