namespace AutoDiffCnn;

/// <summary>The derivative at 0 of a function of one number, measured, with what is known of its error.</summary>
internal readonly record struct Slope(double Value, double Error, double Step)
{
    /// <summary>Steps far apart: where one scale meets a kink or drowns in rounding, another does not.</summary>
    private static readonly double[] Steps = [1.0 / 128, 1.0 / (1 << 11), 1.0 / (1 << 15), 1.0 / (1 << 19), 1.0 / (1 << 23)];

    /// <summary>Measured at scale after scale until somebody is content with one.</summary>
    /// <remarks>Central differences at h, h/2, h/4, extrapolated twice (Richardson): the error is of order h⁶. What the
    /// last extrapolation changed, and the rounding of the differences, estimate it.</remarks>
    public static IEnumerable<Slope> Of(Func<double, double> f)
    {
        foreach (var h in Steps)
        {
            var largest = 0.0;
            var (a, b, c) = (Central(h), Central(h / 2), Central(h / 4));
            var (ab, bc) = ((4 * b - a) / 3, (4 * c - b) / 3);
            var best = (16 * bc - ab) / 15;
            yield return new(best, Math.Abs(best - bc) + 2e-15 * largest / h, h);

            double Central(double step)
            {
                var (after, before) = (f(step), f(-step));
                largest = Math.Max(largest, Math.Max(Math.Abs(after), Math.Abs(before)));
                return (after - before) / (2 * step);
            }
        }
    }

    /// <summary>Whether it is known well enough to say anything about numbers of a scale.</summary>
    public bool IsKnown(double scale) => 20 * Error <= 1e-4 * scale;

    /// <summary>Whether a number is this slope as far as both are known: 1e-8 of the scale beyond the error.</summary>
    public bool Is(double given, double scale) => Math.Abs(given - Value) <= 20 * Error + 1e-8 * scale;
}
