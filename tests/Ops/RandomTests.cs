using static AutoDiffCnn.Tests.Ops.Check;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Randomness from a key: what is dropped and what stays.</summary>
public class RandomTests
{
    private static readonly Node key = Indices(Key.Of(11).ToTensor());
    private static readonly Tensor x = Key.Of(12).Normal([50, 40, 3]);

    [Fact]
    public void A_permutation_is_the_keys_own()
    {
        var order = Permutation(100, key).Value;
        Assert.Equal(Key.Of(11).Permutation(100).Select(i => (double)i), order.ToDoubles());
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (double)i), order.ToDoubles().Order());
        var shuffled = Gather(x, Permutation(50, key), 0).Value;
        Assert.All(Key.Of(11).Permutation(50).Index(), pair => Assert.Equal(x[pair.Item, 0, 0], shuffled[pair.Index, 0, 0]));
    }

    [Fact]
    public void A_dropped_channel_is_dropped_as_a_whole()
    {
        var y = ChannelDropout(x, 0.25, key).Value;
        var kept = 0;
        for (var plane = 0; plane < 2000; plane++)
        {
            var isKept = y.At(plane * 3) != 0;
            kept += isKept ? 1 : 0;
            Assert.All(Enumerable.Range(plane * 3, 3), i => Assert.Equal(isKept ? x.At(i) / 0.75 : 0, y.At(i), 1e-14));
        }

        // 1500 expected, a standard deviation of 19.
        Assert.InRange(kept, 1400, 1600);
        SmoothAt(z => ChannelDropout(z, 0.25, key), x.Slice(0, 2));
    }

    [Fact]
    public void Alpha_dropout_keeps_mean_0_and_variance_1()
    {
        var y = AlphaDropout(x, 0.2, key).Value.ToDoubles();
        var (mean, dropped) = (y.Average(), y.GroupBy(v => v).Max(same => same.Count()));
        Assert.InRange(mean, -0.05, 0.05);
        Assert.InRange(y.Average(v => (v - mean) * (v - mean)), 0.93, 1.07);
        Assert.InRange(dropped, 1050, 1350);

        // What is dropped is −λα, scaled by a and shifted by a·rate·λα.
        var least = 1.0507009873554805 * 1.6732632423543772;
        var a = 1 / Math.Sqrt(0.8 * (1 + 0.2 * least * least));
        Assert.Equal(-a * least * 0.8, y.GroupBy(v => v).MaxBy(same => same.Count())!.Key, 1e-12);
        SmoothAt(z => AlphaDropout(z, 0.2, key), x.Slice(0, 1));
    }

    [Fact]
    public void A_rate_is_below_1()
    {
        foreach (var drop in new Func<Node, double, Node, Node>[] { Dropout, ChannelDropout, AlphaDropout })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => drop(x, 1, key));
            Assert.Throws<ArgumentOutOfRangeException>(() => drop(x, -0.1, key));
            Assert.Throws<ArgumentOutOfRangeException>(() => drop(x, double.NaN, key));
        }
    }

    [Fact]
    public void Rounding_takes_halves_to_even_numbers()
    {
        double[] values = [0.5, 1.5, 2.5, -0.5, -1.5, 0.3, -0.7, 0.49999999999999994, 7, double.PositiveInfinity, double.NaN];
        Close([.. values.Select(v => Math.Round(v))], Round(Tensor.Of(values)).Value, 0);
        Close([.. values.Select(Math.Ceiling)], Ceil(Tensor.Of(values)).Value, 0);
        Assert.All(Slope(v => Round(v) + Ceil(v), 0.5, 1.2).ToDoubles(), slope => Assert.Equal(0, slope));
    }
}
