using FsCheck.Fluent;
using static AutoDiffCnn.Tests.Ops.Check;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Activations against formulas of single numbers, gradients against differences, kinks against what their doc
/// comments say.</summary>
public class ActivationTests
{
    private const double NaN = double.NaN;

    /// <summary>Each activation with its formula, written with branches on a number.</summary>
    private static readonly Dictionary<string, (Func<Node, Node> Made, Func<double, double> Formula)> all = new()
    {
        ["Relu6"] = (Relu6, v => Math.Min(Math.Max(v, 0), 6)),
        ["Elu"] = (Elu, v => v > 0 ? v : Math.Exp(v) - 1),
        ["Elu(0.3)"] = (x => Elu(x, 0.3), v => v > 0 ? v : 0.3 * (Math.Exp(v) - 1)),
        ["Selu"] = (Selu, v => 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * (Math.Exp(v) - 1))),
        ["Celu"] = (Celu, v => Math.Max(0, v) + Math.Min(0, Math.Exp(v) - 1)),
        ["Celu(2)"] = (x => Celu(x, 2), v => Math.Max(0, v) + Math.Min(0, 2 * (Math.Exp(v / 2) - 1))),
        ["GeluTanh"] = (GeluTanh, v => v / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + 0.044715 * Math.Pow(v, 3))))),
        ["Silu"] = (Silu, v => v / (1 + Math.Exp(-v))),
        ["Mish"] = (Mish, v => v * Math.Tanh(Math.Log(1 + Math.Exp(v)))),
        ["HardSigmoid"] = (HardSigmoid, v => v <= -3 ? 0 : v >= 3 ? 1 : v / 6 + 0.5),
        ["HardSwish"] = (HardSwish, v => v <= -3 ? 0 : v >= 3 ? v : v * (v + 3) / 6),
        ["HardTanh"] = (HardTanh, v => Math.Clamp(v, -1, 1)),
        ["HardTanh(-2, 0.5)"] = (x => HardTanh(x, -2.05, 0.55), v => Math.Clamp(v, -2.05, 0.55)),
        ["Clamp"] = (x => Clamp(x, -2.05, 1.05), v => Math.Clamp(v, -2.05, 1.05)),
        ["HardShrink"] = (x => HardShrink(x, 1.05), v => Math.Abs(v) > 1.05 ? v : 0),
        ["SoftShrink"] = (x => SoftShrink(x, 1.05), v => v > 1.05 ? v - 1.05 : v < -1.05 ? v + 1.05 : 0),
        ["Tanhshrink"] = (Tanhshrink, v => v - Math.Tanh(v)),
        ["Softsign"] = (Softsign, v => v / (1 + Math.Abs(v))),
        ["Softplus(2, 3)"] = (x => Softplus(x, 2, 3.05), v => 2 * v > 3.05 ? v : Math.Log(1 + Math.Exp(2 * v)) / 2),
        ["LogSigmoid"] = (LogSigmoid, v => Math.Log(1 / (1 + Math.Exp(-v)))),
        ["Threshold"] = (x => Threshold(x, 1.05, 7), v => v > 1.05 ? v : 7),
    };

    public static TheoryData<string> Names => [.. all.Keys];

    [Theory, MemberData(nameof(Names))]
    public void An_activation_is_its_formula_and_has_its_gradient(string name) => Law.ForAll(
        from x in Values.In(Domain.Fractional, [2, 3])
        select x.Map(v => v + 0.02 * Math.Sign(v)), x =>
    {
        // Kinks lie at whole numbers and 0.05 beside them; x is moved off both by more than the differences reach.
        var away = x.Map(v => Math.Abs(v * 20 - Math.Round(v * 20)) < 0.1 ? v + 0.01 : v);
        Close([.. away.ToDoubles().Select(all[name].Formula)], all[name].Made(away).Value);
        SmoothAt(all[name].Made, away);
    }, times: 10);

    [Theory, MemberData(nameof(Names))]
    public void What_is_not_a_number_stays_so_and_large_numbers_keep_a_slope(string name)
    {
        Assert.Equal(NaN, all[name].Made(NaN).Value.Scalar);
        Assert.All(Slope(all[name].Made, -900, 900).ToDoubles(), slope => Assert.True(double.IsFinite(slope)));
    }

    [Theory]
    [InlineData("Relu6", 0, 0), InlineData("Relu6", 6, 0)]
    [InlineData("Elu(0.3)", 0, 0.3), InlineData("Celu(2)", 0, 1), InlineData("Softsign", 0, 1)]
    [InlineData("HardSigmoid", -3, 0), InlineData("HardSigmoid", 3, 0)]
    [InlineData("HardSwish", -3, 0), InlineData("HardSwish", 3, 1)]
    [InlineData("HardTanh", -1, 0), InlineData("HardTanh", 1, 0)]
    [InlineData("Clamp", -2.05, 1), InlineData("Clamp", 1.05, 1)]
    [InlineData("HardShrink", -1.05, 0), InlineData("HardShrink", 1.05, 0)]
    [InlineData("SoftShrink", -1.05, 0), InlineData("SoftShrink", 1.05, 0)]
    [InlineData("Threshold", 1.05, 0)]
    public void At_a_kink_the_slope_is_the_documented_one(string name, double at, double slope) =>
        Assert.Equal(slope, Slope(all[name].Made, at).At(0), 1e-15);

    [Fact]
    public void Selu_at_0_has_the_lower_slope() =>
        Assert.Equal(1.0507009873554805 * 1.6732632423543772, Slope(Selu, 0).At(0), 1e-15);

    [Fact]
    public void Prelu_has_a_slope_for_each_channel_or_one_for_all()
    {
        var x = Tensor.Of([[[-1, 2], [-3, 4]]]);
        Assert.Equal(Tensor.Of([[[-0.5, 2], [-6, 4]]]), PRelu(x, Tensor.Of([0.5, 2])).Value);
        Assert.Equal(Tensor.Of([[[-0.5, 2], [-1.5, 4]]]), PRelu(x, Tensor.Of([0.5])).Value);
        SmoothIn(xs => PRelu(xs[0], xs[1]), x, Tensor.Of([0.5, 2]));
        var zero = Variable("x", [1, 1]);
        Assert.Equal(0.5, Reference.Run(Gradient.Of(Sum(PRelu(zero, Tensor.Of([0.5]))), zero), (zero, Tensor.Of([[0]]))).At(0));
    }

    [Fact]
    public void Glu_gates_one_half_by_the_other() => Law.ForAll(Values.Real([2, 4, 3]), x =>
    {
        var y = Glu(x, 1).Value;
        for (var i = 0; i < 2; i++)
            for (var j = 0; j < 2; j++)
                for (var k = 0; k < 3; k++)
                    Assert.Equal(x[i, j, k] / (1 + Math.Exp(-x[i, j + 2, k])), y[i, j, k], 1e-14);
        SmoothAt(z => Glu(z, 1), x);
    }, times: 5);

    [Fact]
    public void Softmin_is_softmax_of_the_negative() => Close(
        [1 / (1 + Math.Exp(-1)), Math.Exp(-1) / (1 + Math.Exp(-1))], Softmin(Tensor.Of([2, 3])).Value);

    /// <summary>The paper's algorithm: sort, find how many of the largest are in the support, subtract.</summary>
    private static double[] SparsemaxBySorting(double[] x)
    {
        var sorted = x.OrderDescending().ToArray();
        var count = Enumerable.Range(1, x.Length).Last(k => 1 + k * sorted[k - 1] > sorted.Take(k).Sum());
        var threshold = (sorted.Take(count).Sum() - 1) / count;
        return [.. x.Select(v => Math.Max(v - threshold, 0))];
    }

    [Fact]
    public void Sparsemax_is_the_papers_algorithm() => Law.ForAll(Values.Real([2, 5]), x =>
    {
        Close([.. SparsemaxBySorting(x.Part(0).ToDoubles()), .. SparsemaxBySorting(x.Part(1).ToDoubles())], Sparsemax(x).Value);
        Close(Sparsemax(x).Value.ToDoubles(), Transpose(Sparsemax(Transpose((Node)x), 0)).Value);
    }, times: 100);

    [Fact]
    public void Sparsemax_has_the_stated_derivative()
    {
        // p = [0, 0.35, 0.65]: the support is {1, 2}, in which the mean of dy is taken away.
        var x = Variable("x", [3]);
        var (y, at) = (Sparsemax(x), Tensor.Of([-1, 0.2, 0.5]));
        Close([0, 0.35, 0.65], Reference.Run(y, (x, at)));
        Close([0, -2, 2], Reference.Run(Gradient.Vjp(y, Tensor.Of([7, 1, 5]), [x])[0], (x, at)));
        SmoothAt(z => Sparsemax(z), at);

        // On the border of the support, x₀ = τ: not in it.
        Close([0, 0], Reference.Run(Gradient.Vjp(Sparsemax(Part(x, 0, 0, 2)), Tensor.Of([1, 5]), [x])[0], (x, Tensor.Of([0, 1, 0]))).Slice(0, 2));
    }
}
