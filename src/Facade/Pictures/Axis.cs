using System.Collections.Immutable;
using System.Globalization;

namespace AutoDiffCnn;

/// <summary>A mark on an axis.</summary>
internal readonly record struct Tick(double At, string Label);

/// <summary>A range of numbers, or of names, along one side of a chart.</summary>
internal sealed record Axis(double Low, double High, bool IsLog, ImmutableArray<Tick> Ticks)
{
    // Beyond this a double's differences overflow.
    private const double Largest = 1e300;

    /// <summary>Whether a value has a place on an axis of this kind.</summary>
    public static bool Has(double value, bool log) => Math.Abs(value) <= Largest && (!log || value > 1 / Largest);

    /// <summary>The axis that holds these values, with some room at the ends, or up to a round number.</summary>
    /// <param name="values">Values; those without a place are left out.</param>
    /// <param name="log">Whether equal ratios are equally far apart.</param>
    /// <param name="most">About how many marks there are room for.</param>
    /// <param name="exact">Whether it ends where the values end.</param>
    public static Axis Of(IEnumerable<double> values, bool log, int most, bool exact = false)
    {
        var held = values.Where(value => Has(value, log)).Select(value => log ? Math.Log10(value) : value).ToArray();
        var (low, high) = held.Length == 0 ? (0, 1) : (held.Min(), held.Max());
        var least = Math.Max(Math.Abs(low), Math.Abs(high)) * 1e-9;
        if (high - low <= least)
        {
            var around = low == 0 || log ? 1 : Math.Abs(low) / 2;
            (low, high) = (low - around, high + around);
        }

        var step = Step(high - low, most);
        if (!exact)
        {
            var (down, up) = (Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step);
            var room = (high - low) / 20;
            (low, high) = (low - down > 3 * room ? low - room : down, up - high > 3 * room ? high + room : up);
        }

        return new(low, high, log, log ? Powers(low, high, most) : Round(low, high, step));
    }

    /// <summary>One place for each name.</summary>
    public static Axis Of(IReadOnlyList<string> names, int most)
    {
        var every = Math.Max(1, (names.Count + most - 1) / Math.Max(1, most));
        return new(-0.5, names.Count - 0.5, false, [.. names.Select((name, i) => new Tick(i, name)).Where(tick => tick.At % every == 0)]);
    }

    /// <summary>Where a value is, from 0 at the low end to 1 at the high one.</summary>
    public double Place(double value) => ((IsLog ? Math.Log10(value) : value) - Low) / (High - Low);

    /// <summary>The round number, 1, 2 or 5 times a power of ten, that divides a length in at most so many parts.</summary>
    public static double Step(double length, int most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(length / most)));
        return new[] { 1, 2, 5, 10 }.Select(times => times * power).FirstOrDefault(step => length / step <= most * (1 + 1e-9), 20 * power);
    }

    private static ImmutableArray<Tick> Round(double low, double high, double step)
    {
        var (first, last) = (Math.Ceiling(low / step - 1e-9), Math.Floor(high / step + 1e-9));
        var largest = Math.Max(Math.Abs(low), Math.Abs(high));
        var decimals = (int)Math.Clamp(-Math.Floor(Math.Log10(step) + 1e-9), 0, 15);
        var digits = (int)Math.Clamp(Math.Floor(Math.Log10(largest) + 1e-9) - Math.Floor(Math.Log10(step) + 1e-9), 0, 15);
        return [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => (first + i) * step).Select(at => new Tick(at,
            at == 0 ? "0" : largest is >= 1e6 or < 1e-4 ? Power(at, digits) : Signed(at.ToString($"F{decimals}", CultureInfo.InvariantCulture))))];
    }

    /// <summary>Marks at powers of ten; where there are few, also at twice and five times them. The range is of
    /// logarithms.</summary>
    private static ImmutableArray<Tick> Powers(double low, double high, int most)
    {
        var (first, last) = ((int)Math.Floor(low), (int)Math.Ceiling(high));
        var every = Math.Max(1, (last - first) / Math.Max(1, most) + ((last - first) % most == 0 ? 0 : 1));
        double[] times = last - first <= 3 ? [1, 2, 5] : [1];
        var ticks = Enumerable.Range(first, last - first + 1).Where(power => (power - first) % every == 0)
            .SelectMany(power => times.Select(factor => (Power: power, Factor: factor)))
            .Where(mark => mark.Power + Math.Log10(mark.Factor) is var at && at >= low - 1e-9 && at <= high + 1e-9)
            .Select(mark => new Tick(mark.Factor * Math.Pow(10, mark.Power), mark.Power is >= -3 and <= 4
                ? Short(mark.Factor * Math.Pow(10, mark.Power))
                : Power(mark.Factor * Math.Pow(10, mark.Power), 1))).ToImmutableArray();
        return ticks.Length >= 2 ? ticks
            : [.. Round(Math.Pow(10, low), Math.Pow(10, high), Step(Math.Pow(10, high) - Math.Pow(10, low), most)).Where(tick => tick.At > 0)];
    }

    /// <summary>A number of few digits.</summary>
    public static string Short(double value) => value switch
    {
        double.NaN => "NaN",
        double.PositiveInfinity => "∞",
        double.NegativeInfinity => "−∞",
        0 => "0",
        _ when Math.Abs(value) is >= 1e-4 and < 1e6 =>
            Signed(value.ToString(Math.Abs(value) >= 1000 ? "0" : "G4", CultureInfo.InvariantCulture)),
        _ => Power(value, 3),
    };

    private static string Power(double value, int digits) =>
        Signed(value.ToString("0." + new string('#', digits) + "e0", CultureInfo.InvariantCulture));

    private static string Signed(string number) => number.Replace('-', '−');
}
