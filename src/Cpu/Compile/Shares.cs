namespace AutoDiffCnn;

/// <summary>A sum that is cut into shares, so that several threads have something to do: each share is summed by itself,
/// then they are added in order.</summary>
internal static class Shares
{
    /// <summary>The steps of a sum in shares; one share is summed where the result lies.</summary>
    /// <param name="table">Where results lie.</param>
    /// <param name="result">The buffer of the result.</param>
    /// <param name="size">Its size.</param>
    /// <param name="count">How many shares.</param>
    /// <param name="sum">From the buffer of [shares, result] to the steps that fill it.</param>
    public static IEnumerable<Step> Steps(
        BufferTable table, int result, int size, int count, Func<int, IEnumerable<Step>> sum)
    {
        var sums = count == 1 ? result : table.Workspace((long)count * size);
        foreach (var step in sum(sums))
        {
            yield return step;
        }

        if (count > 1)
        {
            yield return new SumStep($"add {count} shares", [count, size], [1, size], sums, result);
        }
    }
}
