using FsCheck.Fluent;
using static AutoDiffCnn.Tests.Ops.Check;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Reductions over several axes, norms and running sums, against loops over arrays.</summary>
public class ReductionTests
{
    [Fact]
    public void The_position_of_all_elements_is_counted_in_row_order()
    {
        var x = Tensor.Of([[3, 7, 7], [0, 0, 5]]);
        Assert.Equal(Tensor.Of([1]), ArgMax(x).Value);
        Assert.Equal(Tensor.Of([3]), ArgMin(x).Value);
    }

    private const double Inf = double.PositiveInfinity;

    /// <summary>A function of the numbers that differ in axes 0 and 2 only, for each position on axis 1.</summary>
    private static double[] Over(Tensor x, Func<double[], double> of) => [.. Enumerable.Range(0, x.Shape[1]).Select(j =>
        of([.. from i in Enumerable.Range(0, x.Shape[0]) from k in Enumerable.Range(0, x.Shape[2]) select x[i, j, k]]))];

    [Fact]
    public void Reductions_run_over_any_axes() => Law.ForAll(Values.In(Domain.Distinct, [2, 3, 4]), x =>
    {
        void Is(Func<Node, int[], bool, Node> reduce, Func<double[], double> formula)
        {
            Close(Over(x, formula), reduce(x, [0, -1], false).Value, 1e-11);
            Close(Over(x, formula), reduce(x, [2, 0], true).Value, 1e-11);
            Assert.Equal([1, 3, 1], reduce(x, [2, 0], true).Shape);
            Assert.Equal([], reduce(x, [0, 1, 2], false).Shape);
            SmoothAt(y => reduce(y, [0, 2], false), x);
        }

        Is((y, axes, keep) => Max(y, axes, keep), v => v.Max());
        Is(Min, v => v.Min());
        Is((y, axes, keep) => Prod(y, axes, keep), v => v.Aggregate(1.0, (a, b) => a * b));
        Is(LogSumExp, v => Math.Log(v.Sum(Math.Exp)));
        Is((y, axes, keep) => Variance(y, axes, keepDims: keep), v => v.Sum(a => Math.Pow(a - v.Average(), 2)) / (v.Length - 1));
        Is((y, axes, keep) => Variance(y, axes, 0, keep), v => v.Average(a => Math.Pow(a - v.Average(), 2)));
        Is((y, axes, keep) => Std(y, axes, keepDims: keep), v => Math.Sqrt(v.Sum(a => Math.Pow(a - v.Average(), 2)) / (v.Length - 1)));
        Is((y, axes, keep) => Norm(y, 2, axes, keep), v => Math.Sqrt(v.Sum(a => a * a)));
        Is((y, axes, keep) => Norm(y, 1, axes, keep), v => v.Sum(Math.Abs));
        Is((y, axes, keep) => Norm(y, 3, axes, keep), v => Math.Cbrt(v.Sum(a => Math.Abs(a * a * a))));
        Is((y, axes, keep) => Norm(y, 0.5, axes, keep), v => Math.Pow(v.Sum(a => Math.Sqrt(Math.Abs(a))), 2));
    }, times: 3);

    [Fact]
    public void Norms_of_other_powers()
    {
        Node x = Tensor.Of([[3, -4], [0, 1]]);
        Assert.Equal(Tensor.Of([4, 1]), Norm(x, Inf, [1]).Value);
        Assert.Equal(Tensor.Of([3, 0]), Norm(x, -Inf, [1]).Value);
        Assert.Equal(Tensor.Of([2, 1]), Norm(x, 0, [1]).Value);
        Assert.Equal(0, Norm(x, -1, [1]).Value.At(1));
        Assert.Equal(Math.Sqrt(26), Norm(x).Value.Scalar, 1e-15);
        Close([0.6, -0.8, 0, 1], Normalize(x).Value);
        Close([0.96], CosineSimilarity(Tensor.Of([[3, 4]]), Tensor.Of([[4, 3]])).Value);
    }

    [Fact]
    public void At_0_norms_and_deviations_have_slope_0()
    {
        Assert.All([0.5, 1, 2, 3, Inf], (double p) => Assert.All(Slope(x => Norm(x, p), 0, 0).ToDoubles(), slope => Assert.Equal(0, slope, 0)));
        Assert.Equal(Tensor.Of([0, 1]), Slope(x => Norm(x, 2), 0, 3));
        Assert.Equal(Tensor.Of([0, 0]), Slope(x => Std(x, [0]), 5, 5));
        Close([0, 1, 0], Slope(x => Norm(x, Inf), 1, 2, -2), 0);
    }

    [Fact]
    public void A_tie_over_several_axes_belongs_to_the_first_in_row_order()
    {
        var x = Variable("x", [2, 2]);
        Assert.Equal(Tensor.Of([[0, 1], [0, 0]]), Reference.Run(Gradient.Of(Max(x, [0, 1]), x), (x, Tensor.Of([[1, 7], [7, 7]]))));
    }

    [Fact]
    public void A_variance_of_one_number_is_not_a_number() =>
        Assert.Equal(double.NaN, Variance(Tensor.Of([3]), [0]).Value.Scalar);

    [Fact]
    public void A_running_sum_adds_what_came_before() => Law.ForAll(
        Shapes.WithAxis.SelectMany(at => Values.Real(at.Shape.With(at.Axis, 7)).Select(x => (at.Axis, x))), at =>
    {
        var (inner, size) = ((int)at.x.Shape[(at.Axis + 1)..].Elements, 7);
        Close([.. Enumerable.Range(0, at.x.Count).Select(i =>
            Enumerable.Range(0, i / inner % size + 1).Sum(back => at.x.At(i - back * inner)))], CumSum(at.x, at.Axis).Value, 1e-12);
        SmoothAt(y => CumSum(y, at.Axis), at.x);
    }, times: 10);

    [Fact]
    public void A_running_sum_does_not_look_ahead() =>
        Assert.Equal(Tensor.Of([1, 3, double.NaN, double.NaN]), CumSum(Tensor.Of([1, 2, double.NaN, 4]), 0).Value);
}
