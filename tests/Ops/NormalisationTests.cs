using static AutoDiffCnn.Tests.Ops.Check;
using static AutoDiffCnn.Tests.Ops.Rejected;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Normalisations against loops over what shares a mean.</summary>
public class NormalisationTests
{
    private static readonly Tensor x = Key.Of(8).Normal([2, 4, 3], 1, 2);

    /// <summary>Each element less the mean and over the deviation of those with the same number.</summary>
    private static double[] Standardised(Func<int, int> part, double epsilon = 1e-5) => [.. Enumerable.Range(0, x.Count).Select(i =>
    {
        var same = Enumerable.Range(0, x.Count).Where(k => part(k) == part(i)).Select(x.At).ToArray();
        return (x.At(i) - same.Average()) / Math.Sqrt(same.Average(v => Math.Pow(v - same.Average(), 2)) + epsilon);
    })];

    [Fact]
    public void Layer_norm_takes_the_last_axes()
    {
        Close(Standardised(i => i / 3), LayerNorm(x).Value);
        Close(Standardised(i => i / 12, 0.1), LayerNorm(x, axis: 1, epsilon: 0.1).Value);
        var (scale, shift) = (Tensor.Of([1, -2, 3]), Tensor.Of([5, 6, 7]));
        Close([.. Standardised(i => i / 3).Select((v, i) => v * scale.At(i % 3) + shift.At(i % 3))], LayerNorm(x, scale, shift).Value);
        SmoothIn(xs => LayerNorm(xs[0], xs[1], xs[2]), x, scale, shift);
    }

    [Fact]
    public void Rms_norm_leaves_the_mean_alone()
    {
        Close([.. Enumerable.Range(0, 24).Select(i =>
            x.At(i) / Math.Sqrt(Enumerable.Range(i / 3 * 3, 3).Average(k => x.At(k) * x.At(k)) + 1e-5) * (i % 3))], RmsNorm(x, Tensor.Of([0, 1, 2])).Value);
        SmoothAt(y => RmsNorm(y), x);
    }

    [Fact]
    public void Group_and_instance_norm_take_channels()
    {
        Close(Standardised(i => i / 6), GroupNorm(x, 2).Value);
        Close(Standardised(i => i / 12), GroupNorm(x, 1).Value);
        Close(Standardised(i => i / 3), InstanceNorm(x).Value);
        var (scale, shift) = (Tensor.Of([1, -2, 3, 0.5]), Tensor.Of([5, 6, 7, 8]));
        Close([.. Standardised(i => i / 6).Select((v, i) => v * scale.At(i / 3 % 4) + shift.At(i / 3 % 4))], GroupNorm(x, 2, scale, shift).Value);
        SmoothIn(xs => GroupNorm(xs[0], 2, xs[1], xs[2]), x, scale, shift);
        Rejects("GroupNorm on [2, 4, 3]: 3 groups do not divide axis 1.\nPossible: 2 groups, 4 groups.",
            () => GroupNorm(Of(2, 4, 3), 3), () => GroupNorm(Of(2, 4, 3), 2), () => GroupNorm(Of(2, 4, 3), 4));
        Rejects("GroupNorm on [2, 4, 3] and [3]: x needs rank 2 or more, [n, c, …], and the second one number or one a channel.\nPossible: [4] instead of [3].",
            () => GroupNorm(Of(2, 4, 3), 2, Of(3)), () => GroupNorm(Of(2, 4, 3), 2, Of(4)));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Local_response_norm_sums_the_channels_around(int size)
    {
        double Around(int i) => Enumerable.Range(i / 3 % 4 - size / 2, size).Where(c => c is >= 0 and < 4)
            .Sum(c => Math.Pow(x[i / 12, c, i % 3], 2));
        Close([.. Enumerable.Range(0, 24).Select(i => x.At(i) / Math.Pow(2 + 0.3 / size * Around(i), 0.75))],
            LocalResponseNorm(x, size, 0.3, 0.75, 2).Value);
        SmoothAt(y => LocalResponseNorm(y, size, 0.3), x);
    }
}
