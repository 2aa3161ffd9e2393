namespace AutoDiffCnn;

/// <summary>Lines of cells as text in columns.</summary>
internal static class TextTable
{
    /// <summary>The first columns and one more to the left, the others, which are numbers, to the right.</summary>
    /// <param name="words">How many columns are words.</param>
    /// <param name="lines">The lines, each with as many cells.</param>
    /// <param name="last">One more column of words.</param>
    public static string Of(int words, string[][] lines, int last = -1)
    {
        var widths = lines[0].Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        return string.Join("\n", lines.Select(line => string.Join("  ", line.Select((cell, column) =>
            column < words || column == last ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd()));
    }
}
