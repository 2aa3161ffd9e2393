using System.Globalization;

namespace AutoDiffCnn;

/// <summary>Numbers of groups that divide what is grouped.</summary>
internal static class Groups
{
    /// <summary>The nearest numbers below and above one that does not divide all of these counts.</summary>
    public static IReadOnlyList<string> Repairs(int groups, params ReadOnlySpan<int> counts)
    {
        var common = 0;
        foreach (var count in counts)
        {
            common = Common(common, count);
        }

        var divisors = new List<int>();
        for (var d = 1; (long)d * d <= common; d++)
        {
            divisors.AddRange(common % d == 0 ? [d, common / d] : []);
        }

        int?[] near = [divisors.Where(d => d < groups).Max(d => (int?)d), divisors.Where(d => d > groups).Min(d => (int?)d)];
        string[] repairs = [.. near.Where(d => d is not null).Select(d => string.Create(CultureInfo.InvariantCulture, $"{d} group{(d == 1 ? "" : "s")}"))];
        return repairs.Length == 0 ? ["1 group"] : repairs;
    }

    /// <summary>The greatest common divisor, by Euclid.</summary>
    private static int Common(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
