using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Schedules;

namespace FacadeTests;

public sealed class ScheduleTests
{
    private static Gen<double> Points => Gen.Choose(0, 1_000_000).Select(n => n / 1e6);

    public static TheoryData<Func<double, double>, double, double, double> Known => new()
    {
        { Constant, 1, 1, 1 },
        { Linear, 1, 0.5, 0 },
        { Cosine, 1, 0.5, 0 },
        { Polynomial(2), 1, 0.25, 0 },
        { Polynomial(0), 1, 1, 1 },
        { Exponential(0.01), 1, 0.1, 0.01 },
        { Steps(0.1, 0.5, 0.75), 1, 0.1, 0.01 },
        { OneCycle(0.5, 0.04, 1e-4), 0.04, 1, 1e-4 },
        { WarmUp(0.5, Linear), 0, 1, 0 },
        { Join(0.5, Linear, Polynomial(3)), 1, 1, 0 },
        { WarmUp(0.2, Join(0.375, Constant, Cosine)), 0, 1, 0 },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void At_the_beginning_in_the_middle_and_at_the_end(Func<double, double> schedule, double first, double middle, double last)
    {
        Assert.Equal(first, schedule(0), 1e-12);
        Assert.Equal(middle, schedule(0.5), 1e-12);
        Assert.Equal(last, schedule(1), 1e-12);
    }

    [Fact]
    public void None_leaves_0_to_1() => Law.ForAll(Points.Zip(Gen.Choose(0, 10)), at => Assert.All(
        Known.Select(row => (Func<double, double>)row[0]), schedule => Assert.InRange(schedule(at.Item1), 0, 1)), times: 1000);

    [Fact]
    public void They_fall_but_for_where_they_are_meant_to_rise() => Law.ForAll(Points.Zip(Points), at =>
    {
        var (a, b) = (Math.Min(at.Item1, at.Item2), Math.Max(at.Item1, at.Item2));
        Assert.All([Constant, Linear, Cosine, Polynomial(1.5), Exponential(0.1), Steps(0.5, 0.3, 0.3, 0.9)],
            schedule => Assert.True(schedule(a) >= schedule(b), $"{a} {b}"));
        var cycle = OneCycle(0.3);
        Assert.True(b <= 0.3 ? cycle(a) <= cycle(b) : a < 0.3 || cycle(a) >= cycle(b), $"{a} {b}");
    }, times: 1000);

    [Fact]
    public void Joined_there_is_no_jump() => Law.ForAll(Gen.Choose(1, 99).Select(n => n / 100.0), at =>
    {
        Assert.All([WarmUp(at, Cosine), OneCycle(at)], schedule => Assert.Equal(schedule(at - 1e-9), schedule(at), 1e-6));
        Assert.Equal(1, WarmUp(at, Cosine)(at), 1e-12);
    });

    [Fact]
    public void A_cosine_is_a_cosine_behind_any_warm_up() => Law.ForAll(Points, t =>
        Assert.Equal(Math.Pow(Math.Cos(Math.PI * t / 2), 2), WarmUp(0.25, Cosine)(0.25 + 0.75 * t), 1e-9));

    [Fact]
    public void Numbers_out_of_range()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Polynomial(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Exponential(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Steps(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => WarmUp(0, Linear));
        Assert.Throws<ArgumentOutOfRangeException>(() => Join(1, Linear, Linear));
        Assert.Throws<ArgumentOutOfRangeException>(() => OneCycle(first: -1));
    }
}
