using System.Diagnostics;

/// <summary>The times of a step, in milliseconds, from the shortest to the longest.</summary>
/// <param name="Sorted">The times.</param>
/// <param name="OthersCpu">How many processors others used meanwhile.</param>
internal sealed record Timing(IReadOnlyList<double> Sorted, double? OthersCpu)
{
    private const int AtLeast = 5;

    /// <summary>Measures a step for some time. At the start of every episode it is prepared, which does not
    /// count.</summary>
    public static Timing Of(Action step, double seconds, int episode, Action prepare)
    {
        // Two hundred steps of a graph that computes nothing are not enough for the runtime to have optimised all code.
        Repeat(Math.Min(1, seconds), 3);
        GC.Collect();
        var (others, begin) = (Machine.OthersSeconds(), Stopwatch.GetTimestamp());
        var sorted = Repeat(seconds, AtLeast);
        var busy = (Machine.OthersSeconds() - others) / Stopwatch.GetElapsedTime(begin).TotalSeconds;
        sorted.Sort();
        return new(sorted, busy is null ? null : Math.Max(0, busy.Value));

        List<double> Repeat(double duration, int least)
        {
            var times = new List<double>();
            for (var start = Stopwatch.GetTimestamp();
                times.Count < least || Stopwatch.GetElapsedTime(start).TotalSeconds < duration;)
            {
                if (times.Count % episode == 0)
                {
                    prepare();
                }

                var before = Stopwatch.GetTimestamp();
                step();
                times.Add((Stopwatch.GetTimestamp() - before) * (1e3 / Stopwatch.Frequency));
            }

            return times;
        }
    }

    /// <summary>The time that a share of the steps stayed below.</summary>
    public double At(double share) => Sorted[Math.Min(Sorted.Count - 1, (int)(share * Sorted.Count))];
}
