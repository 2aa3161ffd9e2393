using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Tests.Ops.Check;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Functions made of ops: values against formulas written independently, gradients against
/// differences.</summary>
public class CompositeTests
{
    private const double Inf = double.PositiveInfinity;

    [Theory, InlineData(0.0, 0.0), InlineData(0.1, 0.1124629160182849), InlineData(0.5, 0.5204998778130465), InlineData(1.0, 0.8427007929497149)]
    [InlineData(2.0, 0.9953222650189527), InlineData(2.5, 0.9995930479825550), InlineData(3.0, 0.9999779095030014), InlineData(6.0, 1.0), InlineData(Inf, 1.0)]
    public void Erf_has_its_known_values(double x, double y)
    {
        Assert.Equal(y, Erf(x).Value.Scalar, 1e-15);
        Assert.Equal(-y, Erf(-x).Value.Scalar, 1e-15);
    }

    [Fact]
    public void Activations_are_their_formulas() => Law.ForAll(Values.In(Domain.Fractional, [3, 4]), x =>
    {
        void Is(Func<Node, Node> f, Func<double, double> formula)
        {
            Close([.. x.ToDoubles().Select(formula)], f(x).Value);
            SmoothAt(f, x);
        }

        Is(y => Sigmoid(y), v => (Math.Tanh(v / 2) + 1) / 2);
        Is(y => Tanh(y), v => (Math.Exp(2 * v) - 1) / (Math.Exp(2 * v) + 1));
        Is(y => Softplus(y), v => Math.Log(1 + Math.Exp(v)));
        Is(y => Relu(y), v => v > 0 ? v : 0);
        Is(LeakyRelu, v => v > 0 ? v : 0.01 * v);
        Is(y => LeakyRelu(y, 0.3), v => v > 0 ? v : 0.3 * v);

        // Φ by Simpson's rule over the density: independent of any error function.
        Is(Gelu, v => v * (0.5 + Simpson(t => Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI), v)));
    }, times: 20);

    private static double Simpson(Func<double, double> f, double to)
    {
        const int n = 2000;
        var h = to / n;
        return Enumerable.Range(0, n + 1).Sum(i => (i is 0 or n ? 1 : i % 2 == 1 ? 4 : 2) * f(i * h)) * h / 3;
    }

    [Fact]
    public void Extreme_arguments_do_not_overflow()
    {
        Assert.Equal(1000, Softplus(1000).Value.Scalar);
        Assert.Equal(0, Softplus(-1000).Value.Scalar);
        Assert.Equal(0, Sigmoid(-1000).Value.Scalar);
        Assert.Equal(1, Sigmoid(1000).Value.Scalar);
        Assert.Equal(1e-20, Log1p(1e-20).Value.Scalar);
        Assert.Equal(1e-20, Expm1(1e-20).Value.Scalar);
        Close([0, 1], Softmax(Tensor.Of([-1000, 1000])).Value);
        Close([-2000, 0], LogSoftmax(Tensor.Of([-1000, 1000])).Value);
    }

    [Fact]
    public void Softmax_gives_a_distribution_along_its_axis() => Law.ForAll(Values.Real([3, 4, 2]), x =>
    {
        var p = Softmax(x, 1);
        Close([.. Enumerable.Repeat(1.0, 6)], Sum(p, [1]).Value);
        Close(Log(p).Value.ToDoubles(), LogSoftmax(x, 1).Value);
        Close(Softmax(x).Value.ToDoubles(), Softmax((Node)x + 100, -1).Value);
        SmoothAt(y => Softmax(y, 1), x);
        SmoothAt(y => LogSoftmax(y, 1), x);
    }, times: 20);

    [Fact]
    public void Softmax_is_its_formula() =>
        Close([1 / (1 + Math.E + Math.E * Math.E), Math.E / (1 + Math.E + Math.E * Math.E), 1 / (1 + 1 / Math.E + Math.Exp(-2))],
            Softmax(Tensor.Of([0, 1, 2])).Value);

    [Fact]
    public void Log_sum_exp_knows_infinities()
    {
        static double At(params double[] x) => LogSumExp(Tensor.Of(x), 0).Value.Scalar;
        Assert.Equal(Math.Log(Math.E + Math.Exp(2)), At(1, 2), 1e-15);
        Assert.Equal(1000 + Math.Log(2), At(1000, 1000), 1e-12);
        Assert.Equal(3, At(-Inf, 3));
        Assert.Equal(-Inf, At(-Inf, -Inf));
        Assert.Equal(Inf, At(Inf, 3));
        Assert.Equal(Inf, At(Inf, -Inf));
        Assert.Equal(double.NaN, At(1, double.NaN));
        Law.ForAll(Values.Real([2, 3]), x => SmoothAt(y => LogSumExp(y, 1), x), times: 10);
    }

    [Fact]
    public void A_product_with_zeros_has_its_gradient()
    {
        static Tensor Slope(params double[] at)
        {
            var x = Variable("x", [at.Length]);
            return Reference.Run(Gradient.Of(Prod(x, 0), x), (x, Tensor.Of(at)));
        }

        Assert.Equal(Tensor.Of([12, 8, 6]), Slope(2, 3, 4));
        Assert.Equal(Tensor.Of([0, 8, 0]), Slope(2, 0, 4));
        Assert.Equal(Tensor.Of([0, 0, 0]), Slope(0, 0, 4));
        Assert.Equal(1, Prod(Zeros([0]), 0).Value.Scalar);
        Law.ForAll(Shapes.WithAxis.SelectMany(at => Values.Real(at.Shape).Select(x => (at.Axis, x))), at =>
        {
            SmoothAt(y => Prod(y, at.Axis), at.x);
            var inner = (int)at.x.Shape[(at.Axis + 1)..].Elements;
            var (size, given) = (at.x.Shape[at.Axis], Prod(at.x, at.Axis).Value);
            Close([.. Enumerable.Range(0, given.Count).Select(i => Enumerable.Range(0, size)
                .Aggregate(1.0, (product, k) => product * at.x.At((i / inner * size + k) * inner + i % inner)))], given);
        }, times: 30);
    }

    [Fact]
    public void Reductions_are_sums_over_axes() => Law.ForAll(Values.Real([2, 3, 4]), x =>
    {
        double[] Over(Func<IEnumerable<double>, double> of) =>
            [.. Enumerable.Range(0, 3).Select(j => of(from i in Enumerable.Range(0, 2) from k in Enumerable.Range(0, 4) select x[i, j, k]))];
        Close(Over(v => v.Sum()), Sum(x, [0, -1]).Value);
        Close(Over(v => v.Average()), Mean(x, [0, 2]).Value);
        Assert.Equal([1, 3, 1], Sum(x, [0, 2], keepDims: true).Shape);
        Assert.Equal(x.ToDoubles().Max(), Max(x).Value.Scalar);
        Assert.Equal(x.ToDoubles().Min(), Min(x).Value.Scalar);
        Assert.Equal(x.ToDoubles().Average(), Mean(x).Value.Scalar, 1e-14);
        Assert.Equal([2, 3], Max(x, -1).Shape);
        Assert.Equal([2, 1, 4], Min(x, 1, keepDims: true).Shape);
    }, times: 20);

    [Fact]
    public void Batch_norm_centres_and_scales_each_channel() => Law.ForAll(Values.Real([3, 2, 2, 2]), x =>
    {
        var (scale, shift) = (Tensor.Of([1, 2, 1, 1], [2, 0.5]), Tensor.Of([1, 2, 1, 1], [-1, 3]));
        var (mean, variance) = Moments(x, [0, 2, 3]);
        var y = BatchNorm(x, mean, variance, scale, shift, 1e-3).Value;
        for (var c = 0; c < 2; c++)
        {
            var channel = Enumerable.Range(0, 24).Where(i => i / 4 % 2 == c).ToArray();
            var m = channel.Average(x.At);
            var v = channel.Average(i => (x.At(i) - m) * (x.At(i) - m));
            Assert.All(channel, i => Assert.Equal((x.At(i) - m) / Math.Sqrt(v + 1e-3) * scale.At(c) + shift.At(c), y.At(i), 1e-12));
        }

        SmoothAt(z => Moments(z, [0, 2, 3]) is var (m, v) ? BatchNorm(z, m, v, scale, shift) : z, x);
    }, times: 20);

    [Fact]
    public void Losses_are_their_formulas()
    {
        Assert.Equal((0.25 + 4) / 2, MeanSquaredError(Tensor.Of([1.5, 2]), Tensor.Of([1, 4])).Value.Scalar);
        var logits = Tensor.Of([[1, 2, 3], [0, 0, 0]]);
        var expected = (Math.Log(Math.Exp(-2) + Math.Exp(-1) + 1) + Math.Log(3)) / 2;
        Assert.Equal(expected, SoftmaxCrossEntropy(logits, Indices(Tensor.Of([2, 0]))).Value.Scalar, 1e-15);
        Assert.Equal(expected, SoftmaxCrossEntropy(logits, Tensor.Of([[0, 0, 1], [1, 0, 0]])).Value.Scalar, 1e-15);
    }

    [Fact]
    public void Dense_and_matmul_are_sums_of_products()
    {
        var (x, w) = (Tensor.Of([[1, 2]]), Tensor.Of([[3, 4], [5, 6], [7, 8]]));
        Assert.Equal(Tensor.Of([[11, 17, 23]]), Dense(x, w).Value);
        Assert.Equal(Tensor.Of([[12, 17, 22]]), Dense(x, w, Tensor.Of([1, 0, -1])).Value);
        var batch = MatMul(Tensor.Of([[[1, 0], [0, 1]], [[0, 1], [1, 0]]]), Tensor.Of([[1, 2], [3, 4]]));
        Assert.Equal(Tensor.Of([[[1, 2], [3, 4]], [[3, 4], [1, 2]]]), batch.Value);
    }

    [Fact]
    public void Separable_convolution_is_depthwise_then_pointwise() => Law.ForAll(
        from x in Values.Real([1, 2, 4, 4])
        from depthwise in Values.Real([4, 1, 3, 3])
        from pointwise in Values.Real([3, 4, 1, 1])
        select (x, depthwise, pointwise), at =>
    {
        // One full convolution with the product of both kernels does the same.
        var product = from o in Enumerable.Range(0, 3)
                      from c in Enumerable.Range(0, 2)
                      from k in Enumerable.Range(0, 9)
                      select Enumerable.Range(0, 2).Sum(m => at.pointwise[o, 2 * c + m, 0, 0] * at.depthwise.At((2 * c + m) * 9 + k));
        var whole = Conv2D(at.x, Tensor.Of([3, 2, 3, 3], product.ToArray()), padding: 1);
        Close(whole.Value.ToDoubles(), SeparableConv2D(at.x, at.depthwise, at.pointwise, padding: 1).Value);
    }, times: 10);

    [Fact]
    public void A_transposed_convolution_has_the_documented_size_and_undoes_the_size_of_a_convolution() => Law.ForAll(
        from n in Gen.Choose(1, 5)
        from k in Gen.Choose(1, 3)
        from stride in Gen.Choose(1, 3)
        from dilation in Gen.Choose(1, 2)
        from padding in Gen.Choose(0, 1)
        from extra in Gen.Choose(0, stride - 1)
        let size = (n - 1) * stride - 2 * padding + dilation * (k - 1) + 1 + extra
        where size >= 1
        select (n, k, stride, dilation, padding, extra, size), at =>
    {
        var y = ConvTranspose2D(Ones([1, 4, at.n, at.n]), Ones([4, 3, at.k, at.k]), at.padding, at.stride, at.dilation, 2, at.extra);
        Assert.Equal([1, 6, at.size, at.size], y.Shape);
        Assert.Equal([1, 2, at.n, at.n], Conv2D(y, Ones([2, 3, at.k, at.k]), at.padding, at.stride, at.dilation, 2).Shape);
    }, times: 300);

    [Fact]
    public void A_transposed_convolution_spreads_the_kernel() => Assert.Equal(
        Tensor.Of([[[1, 10, 102, 20, 200]]]),
        ConvTranspose1D(Tensor.Of([[[1, 2]]]), Tensor.Of([[[1, 10, 100]]]), stride: 2).Value);
}
