using System.Reflection;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Random numbers: the published test vectors, moments, independence.</summary>
public class KeyTests
{
    private const int Many = 100_000;

    /// <summary>Known answers of Random123's own test (kat_vectors, threefry2x32 20).</summary>
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0x6b200159u, 0x99ba4efeu)]
    [InlineData(0xffffffffu, 0xffffffffu, 0xffffffffu, 0xffffffffu, 0x1cb996fcu, 0xbb002be7u)]
    [InlineData(0x13198a2eu, 0x03707344u, 0x243f6a88u, 0x85a308d3u, 0xc4923a9cu, 0x483df7a0u)]
    public void Threefry_gives_the_known_answers(uint high, uint low, uint a, uint b, uint first, uint second)
    {
        var threefry = typeof(Key).GetMethod("Threefry", BindingFlags.NonPublic | BindingFlags.Static)!;
        Assert.Equal((first, second), threefry.Invoke(null, [new Key(high, low), a, b]));
    }

    [Fact]
    public void Bits_are_the_words_of_counter_half_the_index()
    {
        Assert.Equal(0x6b200159u, new Key(0, 0).Bits(0));
        Assert.Equal(0x99ba4efeu, new Key(0, 0).Bits(1));
        Assert.Equal(new Key(0x1cb996fc, 0xbb002be7), new Key(0xffffffff, 0xffffffff).FoldIn(0xffffffff));
    }

    [Fact]
    public void Uniform_numbers_have_their_moments_and_fill_every_tenth()
    {
        var u = Key.Of(1).Uniform([Many]).ToDoubles();
        Assert.All(u, v => Assert.True(v is >= 0 and < 1 && v * (1 << 24) % 1 == 0));

        // Four standard deviations of each estimate: 1/√12/√n and √(1/180)/√n.
        Assert.Equal(0.5, u.Average(), 4 * Math.Sqrt(1.0 / 12 / Many));
        Assert.Equal(1.0 / 12, u.Average(v => (v - 0.5) * (v - 0.5)), 4 * Math.Sqrt(1.0 / 180 / Many));
        Assert.All(u.CountBy(v => (int)(10 * v)), tenth => Assert.Equal(Many / 10.0, tenth.Value, 4 * Math.Sqrt(Many * 0.09)));
    }

    [Fact]
    public void Normal_numbers_have_four_moments()
    {
        var z = Key.Of(2).Normal([Many]).ToDoubles();
        double Moment(int power) => z.Average(v => Math.Pow(v, power));
        Assert.Equal(0, Moment(1), 4 * Math.Sqrt(1.0 / Many));
        Assert.Equal(1, Moment(2), 4 * Math.Sqrt(2.0 / Many));
        Assert.Equal(0, Moment(3), 4 * Math.Sqrt(15.0 / Many));
        Assert.Equal(3, Moment(4), 4 * Math.Sqrt(96.0 / Many));
        Assert.Equal(0.6826894921, z.Count(v => Math.Abs(v) < 1) / (double)Many, 4 * Math.Sqrt(0.22 / Many));
    }

    [Fact]
    public void Ranges_and_deviations_are_as_asked()
    {
        var u = Key.Of(3).Uniform([1000], -2, 6).ToDoubles();
        Assert.True(u.Min() is >= -2 and < -1.9 && u.Max() is > 5.9 and < 6);
        Assert.Equal(10 + 3 * Key.Of(3).Normal(5), Key.Of(3).Normal([8], 10, 3).At(5), 1e-12);
    }

    [Fact]
    public void Keys_folded_with_different_numbers_or_names_are_uncorrelated()
    {
        var key = Key.Of(4);
        Key[] keys = [key, key.FoldIn(0), key.FoldIn(1), key.FoldIn("weight"), key.FoldIn("bias"), key.FoldIn(0).FoldIn(1), Key.Of(5)];
        var streams = keys.Select(k => k.Normal([10_000]).ToDoubles()).ToArray();
        for (var i = 0; i < keys.Length; i++)
            for (var j = 0; j < i; j++)
                Assert.Equal(0, streams[i].Zip(streams[j], (a, b) => a * b).Average(), 0.045);

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(key.FoldIn("weight"), key.FoldIn("weight"));
    }

    [Fact]
    public void The_seed_fills_the_whole_key() => Assert.Equal(new Key(0x12345678, 0x9abcdef0), Key.Of(0x12345678_9abcdef0));

    [Fact]
    public void A_permutation_has_each_number_once_and_each_number_everywhere()
    {
        Law.ForAll(from n in Gen.Choose(0, 50) from seed in Gen.Choose(0, int.MaxValue) select (n, seed),
            at => Assert.Equal(Enumerable.Range(0, at.n), Key.Of(at.seed).Permutation(at.n).Order()));
        var firsts = Enumerable.Range(0, 6000).CountBy(seed => string.Concat(Key.Of(seed).Permutation(3))).ToArray();
        Assert.Equal(6, firsts.Length);
        Assert.All(firsts, order => Assert.Equal(1000, order.Value, 4 * Math.Sqrt(6000 * 5.0 / 36)));
    }

    [Fact]
    public void A_graphs_random_ops_give_the_keys_numbers()
    {
        var key = Key.Of(6);
        var node = Indices(key.ToTensor());
        Assert.Equal(key.Uniform([3, 2]), Uniform([3, 2], node).Value);
        Assert.Equal(key.Normal([3, 2]), Normal([3, 2], node).Value);
        Assert.Equal(key.FoldIn(9).ToTensor(), FoldIn(node, 9).Value);
        Assert.Equal(key.Uniform([5]).Map(u => u < 0.3 ? 1 : 0), Bernoulli([5], 0.3, node).Value);
    }

    [Fact]
    public void Dropout_keeps_the_mean_and_repeats_with_its_key()
    {
        var (x, key) = (Ones([Many]), Indices(Key.Of(7).ToTensor()));
        var y = Dropout(x, 0.3, key).Value;
        Assert.All(y.ToDoubles().Distinct(), v => Assert.True(v == 0 || Math.Abs(v - 1 / 0.7) < 1e-15));
        Assert.Equal(1, y.ToDoubles().Average(), 4 * Math.Sqrt(0.3 / 0.7 / Many));
        Assert.Equal(y, Dropout(x, 0.3, key).Value);
        Assert.NotEqual(y, Dropout(x, 0.3, FoldIn(key, 1)).Value);
        Assert.Equal(x.Value, Dropout(x, 0, key).Value);

        // The gradient passes where the value did.
        var v = Variable("v", [Many]);
        Assert.Equal(y, Reference.Run(Gradient.Of(Sum(Dropout(v, 0.3, key)), v), (v, x.Value)));
    }

    [Theory, InlineData(-0.1), InlineData(1), InlineData(double.NaN)]
    public void A_rate_outside_0_to_1_is_refused(double rate)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => Dropout(Ones([2]), rate, Indices(Key.Of(1).ToTensor())));
        Assert.StartsWith("A dropout rate lies in [0, 1): 0 keeps all, 1 would keep nothing.", error.Message);
    }
}
