using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn.Tests;

/// <summary>Pools in both layouts against their meaning, with the values at which comparisons break.</summary>
public class PoolTests
{
    private static readonly Gen<(int Size, int Kernel, int Stride, int Before, int After, int Dilation)> axis =
        from kernel in Gen.Choose(1, 5)
        from stride in Gen.Frequency((6, Gen.Choose(1, 2)), (2, Gen.Choose(3, 6)))
        from dilation in Gen.Frequency((3, Gen.Constant(1)), (1, Gen.Choose(2, 4)))
        from before in Gen.Choose(0, 3)
        from after in Gen.Choose(0, 3)
        let least = Math.Max(1, dilation * (kernel - 1) + 1 - before - after)
        from size in Gen.Frequency((1, Gen.Constant(least)), (3, Gen.Choose(least, 20)), (2, Gen.Choose(30, 90)))
        select (Math.Max(size, least), kernel, stride, before, after, dilation);

    private static readonly Gen<PoolCase> cases =
        from rank in Gen.Frequency((2, Gen.Constant(1)), (4, Gen.Constant(2)), (2, Gen.Constant(3)))
        from axes in axis.ArrayOf(rank)
        from batch in Gen.Frequency((1, Gen.Constant(0)), (9, Gen.Choose(1, 3)))
        from channels in Gen.Frequency((1, Gen.Constant(1)), (3, Gen.Choose(2, 40)), (2, Gen.Elements(16, 32, 48, 64, 80, 144)))
        from wild in Gen.Choose(0, 3)
        from seed in Gen.Choose(0, 1 << 20)
        let window = new Window(
            Shape.From(axes.Select(at => at.Stride)), Shape.From(axes.Select(at => at.Before)),
            Shape.From(axes.Select(at => at.After)), Shape.From(axes.Select(at => at.Dilation)))
        let walk = new WindowCase(Shape.From(axes.Select(at => at.Size)), Shape.From(axes.Select(at => at.Kernel)), window)
        let image = (int)walk.Size.Elements
        where image <= 4_000
        select new PoolCase(walk, batch, Math.Min(channels, Math.Max(1, 8_000 / image)), wild, seed);

    private static readonly Gen<PoolCase> covering = cases.Where(at => at.Walk.Covers);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Max_pools_and_their_gradients(bool channelsLast, bool streams) => Law.ForAll(covering, at =>
    {
        var (x, dy, pool) = (at.Reals(at.X, 0), at.Reals(at.Y, 1), at.Shape(channelsLast));
        var places = new MaxPoolIndices(at.Walk.Kernel, at.Walk.Window).Reference(x);
        var y = new PlaneTake(at.Y).Reference(x, places);
        var dx = new PlanePut(at.X).Reference(dy, places);
        var runner = new PoolRunner(channelsLast, at.Seed, x, dy, places);

        Same(y, runner.Run(at.Y, to => PoolSteps.Max("", pool, 0, to, -1, streams)));
        Same(places, runner.Run(at.Y, to => PoolSteps.Max("", pool, 0, -1, to, streams), Kind.Index));
        Same(y, runner.Run(at.Y, to => PoolSteps.Max("", pool, 0, to, to + 1, streams)));
        Same(places, runner.Run(at.Y, to => PoolSteps.Max("", pool, 0, to + 1, to, streams), Kind.Index));
        Same(dx, runner.Run(at.X, to => PoolSteps.MaxInput("", pool, 1, 2, to, streams)));
    }, 150);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Sum_pools_and_their_gradients(bool channelsLast, bool streams) => Law.ForAll(cases, at =>
    {
        var (x, dy, pool) = (at.Reals(at.X, 0), at.Reals(at.Y, 1), at.Shape(channelsLast));
        var y = new SumPool(at.Walk.Kernel, at.Walk.Window).Reference(x);
        var dx = new SumPoolInput(at.Walk.Kernel, at.Walk.Window, at.X).Reference(dy);
        var runner = new PoolRunner(channelsLast, at.Seed, x, dy);

        Same(y, runner.Run(at.Y, to => PoolSteps.Sum("", pool, 0, to, streams)));
        Same(dx, runner.Run(at.X, to => PoolSteps.SumInput("", pool, 1, to, streams)));
    }, 150);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Means_of_windows(bool channelsLast, bool streams) => Law.ForAll(cases, at =>
    {
        var (x, dy, pool) = (at.Reals(at.X, 0), at.Reals(at.Y, 1), at.Shape(channelsLast));
        var scale = new[] { new Scale(0.25f, false), new Scale(9, true), new Scale(-1 / 3f, false), new Scale(0.7f, true) }[at.Seed % 4];
        Tensor Scaled(Tensor sums) => sums.Map(sum => scale.Divides ? sum / scale.Number : sum * scale.Number);
        var y = Scaled(new SumPool(at.Walk.Kernel, at.Walk.Window).Reference(x));
        var dx = Scaled(new SumPoolInput(at.Walk.Kernel, at.Walk.Window, at.X).Reference(dy));
        var runner = new PoolRunner(channelsLast, at.Seed, x, dy);

        Same(y, runner.Run(at.Y, to => Of(PoolSteps.Sum("", pool, 0, to), to)));
        Same(dx, runner.Run(at.X, to => Of(PoolSteps.SumInput("", pool, 1, to), to)));

        PoolStep Of(PoolStep sums, int to) => sums.Scaled(scale, sums, to, streams);
    }, 100);

    [Fact]
    public void A_loop_that_only_scales_is_done_by_the_pool()
    {
        var x = Variable("x", [2, 16, 12, 12]);
        foreach (var (y, scale) in new (Node, Scale?)[]
        {
            (AvgPool(x, 2), new(0.25f, false)), (AvgPool(x, 3), new(9, true)), (SumPool(x, 3) / -8, new(-0.125f, false)),
            (SumPool(x, 2) * 3, new(3, false)), (5 * SumPool(x, 2), new(5, false)), (6 / SumPool(x, 2), null), (SumPool(x, 2) + 1, null),
            (Relu(SumPool(x, 2) / 4), null), (SumPool(x, 2) / Sum(x), null),
        })
        {
            var sums = new Graph(y).Nodes.Single(node => node.Op is SumPool);
            var loop = new Unit([.. new Graph(y).Nodes.SkipWhile(node => node != sums).Skip(1).Where(node => node.Op is not (Constant or Broadcast or SumTo))], [y], true);
            Assert.Equal(scale, Means.Of(loop, sums));
            Assert.Equal(scale is null ? 0 : 1, Cpu.Compile([y]).Steps.Count(step => step is PoolStep && step.Text.Contains("then loop", StringComparison.Ordinal)));
            Runs.Agree([y, .. Gradient.Of(Sum(y * y), [x])], Runs.Uniform(x));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Planes_take_and_put_at_any_places(bool channelsLast) => Law.ForAll(cases, at =>
    {
        var (x, y) = (at.Reals(at.X, 0), at.Reals(at.Y, 1));
        var places = at.Seed % 2 == 0 && !channelsLast ? at.Y.With(1, 1) : at.Y;
        var (inside, plane) = ((int)at.X[2..].Elements, PlaneShape.Of(
            PoolRunner.InMemory(at.X, channelsLast), PoolRunner.InMemory(at.Y, channelsLast), channelsLast,
            PoolRunner.InMemory(places, channelsLast)));
        var index = Key.Of(at.Seed).FoldIn("index").Uniform(places, 0, inside + 2).Map(Math.Floor);
        var runner = new PoolRunner(channelsLast, at.Seed, x, y, index);

        Same(new PlaneTake(at.Y).Reference(x, index), runner.Run(at.Y, to => PlaneSteps.Take("", plane, 0, 2, to)));
        Same(new PlanePut(at.X).Reference(y, index), runner.Run(at.X, to => PlaneSteps.Put("", plane, 1, 2, to)));
    }, 60);

    /// <summary>Sums here are of whole numbers, so they are exact but for what denormals add.</summary>
    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        for (var i = 0; i < expected.Count; i++)
        {
            var (wanted, got) = ((float)expected.At(i), (float)actual.At(i));
            var agrees = wanted.Equals(got) && float.IsNegative(wanted) == float.IsNegative(got)
                || float.IsNaN(wanted) && float.IsNaN(got)
                || Math.Abs(wanted - got) < 1e-40;
            Assert.True(agrees, $"element {i} of {expected.Shape}: {got}, expected {wanted}");
        }
    }
}

/// <summary>A pool to try.</summary>
/// <param name="Walk">The image's size and the pool's window.</param>
/// <param name="Batch">The batch.</param>
/// <param name="Channels">The channels.</param>
/// <param name="Wild">How many tenths of the values are special.</param>
/// <param name="Seed">Decides the values.</param>
internal sealed record PoolCase(WindowCase Walk, int Batch, int Channels, int Wild, int Seed)
{
    private static readonly double[] special =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity, 0, -0.0, 1e-42, -1e-42];

    public Shape X => [Batch, Channels, .. Walk.Size];

    public Shape Y => [Batch, Channels, .. Walk.Positions];

    public PoolShape Shape(bool channelsLast) => new(Walk.Kernel, Walk.Window,
        PoolRunner.InMemory(X, channelsLast), PoolRunner.InMemory(Y, channelsLast), channelsLast);

    /// <summary>Small whole numbers, so that there are ties, and some of the special values.</summary>
    public Tensor Reals(Shape shape, int purpose)
    {
        var key = Key.Of(Seed).FoldIn($"{purpose}");
        var numbers = key.FoldIn("number").Uniform(shape, -4, 4);
        var choice = key.FoldIn("choice").Uniform(shape, 0, 10);
        return Close.Rounded(Tensor.From(shape, i => choice.At(i) < Wild
            ? special[(int)(choice.At(i) * 1000) % special.Length]
            : Math.Round(numbers.At(i))));
    }
}
