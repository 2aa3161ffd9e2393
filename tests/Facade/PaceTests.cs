namespace FacadeTests;

public sealed class PaceTests
{
    [Fact]
    public void Images_per_second_are_those_of_the_epoch_and_time_left_follows_the_whole_run()
    {
        var clock = new Clock();
        var pace = new Pace(clock);
        pace.BeginEpoch();
        clock.Pass(2);
        pace.EndStep(64);
        Assert.Equal(32, pace.ImagesPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(14), pace.TimeFor(7));
        clock.Pass(2);
        pace.EndStep(32);
        Assert.Equal(24, pace.ImagesPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(12), pace.TimeFor(6));

        clock.Pass(5); // validation
        pace.BeginEpoch();
        clock.Pass(1);
        pace.EndStep(64);
        Assert.Equal(64, pace.ImagesPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(20), pace.TimeFor(6));
        Assert.Equal(TimeSpan.Zero, pace.TimeFor(0));
    }

    [Fact]
    public void A_clock_that_stands_still_gives_a_number_all_the_same()
    {
        var pace = new Pace(new Clock());
        pace.EndStep(64);
        Assert.True(double.IsFinite(pace.ImagesPerSecond));
        Assert.Equal(TimeSpan.Zero, pace.TimeFor(3));
    }

    private sealed class Clock : TimeProvider
    {
        private long now = 1000;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => now;

        public void Pass(long seconds) => now += seconds;
    }
}
