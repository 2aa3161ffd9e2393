namespace AutoDiffCnn;

/// <summary>How fast a run is, and so how long the rest of it will take.</summary>
/// <param name="clock">The time.</param>
internal sealed class Pace(TimeProvider clock)
{
    private readonly long begun = clock.GetTimestamp();
    private long epochBegun = clock.GetTimestamp();
    private long images;
    private long steps;

    /// <summary>In this epoch.</summary>
    public double ImagesPerSecond => images / Math.Max(1e-9, clock.GetElapsedTime(epochBegun).TotalSeconds);

    public void BeginEpoch() => (epochBegun, images) = (clock.GetTimestamp(), 0);

    public void EndStep(int count) => (images, steps) = (images + count, steps + 1);

    /// <summary>The time for so many steps, if they take as long as those so far with all that came between them.</summary>
    public TimeSpan TimeFor(long more) => clock.GetElapsedTime(begun) * (more / Math.Max(1.0, steps));
}
