using FsCheck.Fluent;
using static AutoDiffCnn.Tests.Ops.Check;
using static AutoDiffCnn.Tests.Ops.Rejected;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Pools beside those with a fixed window, against loops over windows.</summary>
public class AdaptivePoolTests
{
    [Fact]
    public void Adaptive_windows_cover_the_image() => Law.ForAll(
        from h in Gen.Choose(1, 7)
        from w in Gen.Choose(1, 7)
        from rows in Gen.Choose(1, 8)
        from columns in Gen.Choose(1, 8)
        from x in Values.In(Domain.Distinct, [1, 2, h, w])
        select (x, Size: Shape.Of(rows, columns)), at =>
    {
        var (h, w, rows, columns) = (at.x.Shape[2], at.x.Shape[3], at.Size[0], at.Size[1]);
        double[] Over(Func<IEnumerable<double>, double> of) =>
            [.. from c in Enumerable.Range(0, 2)
                from i in Enumerable.Range(0, rows)
                from j in Enumerable.Range(0, columns)
                select of(from r in Enumerable.Range(0, h)
                          where r >= Math.Floor((double)i * h / rows) && r < Math.Ceiling((i + 1.0) * h / rows)
                          from s in Enumerable.Range(0, w)
                          where s >= Math.Floor((double)j * w / columns) && s < Math.Ceiling((j + 1.0) * w / columns)
                          select at.x[0, c, r, s])];
        Close(Over(v => v.Average()), AdaptiveAvgPool(at.x, at.Size).Value);
        Close(Over(v => v.Max()), AdaptiveMaxPool(at.x, at.Size).Value);
        SmoothAt(y => AdaptiveAvgPool(y, at.Size), at.x);
        SmoothAt(y => AdaptiveMaxPool(y, at.Size), at.x);
    }, times: 40);

    [Fact]
    public void A_tie_in_an_adaptive_max_pool_belongs_to_the_first_in_row_order()
    {
        var x = Variable("x", [1, 1, 2, 2]);
        var dx = Gradient.Of(Sum(AdaptiveMaxPool(x, [1, 1])), x);
        Assert.Equal(Tensor.Of([[[[0, 1], [0, 0]]]]), Reference.Run(dx, (x, Tensor.Of([[[[3, 7], [7, 7]]]]))));
        Assert.Equal(Tensor.Of([[[[1, 0], [0, 0]]]]), Reference.Run(dx, (x, Tensor.Of([[[[7, 7], [7, 7]]]]))));
    }

    [Fact]
    public void An_adaptive_pool_of_a_divisor_is_a_pool() => Law.ForAll(Values.Real([1, 2, 6, 4]), x =>
    {
        Close(AvgPool(x, 2).Value.ToDoubles(), AdaptiveAvgPool(x, [3, 2]).Value);
        Close(MaxPool(x, 2).Value.ToDoubles(), AdaptiveMaxPool(x, [3, 2]).Value);
    }, times: 10);

    [Fact]
    public void A_size_that_does_not_fit() => Rejects(
        "AdaptiveAvgPool on [1, 4, 4]: the size [2, 2] needs one number of at least 1 for each spatial axis.\nPossible: a size of [1].",
        () => AdaptiveAvgPool(Of(1, 4, 4), [2, 2]), () => AdaptiveAvgPool(Of(1, 4, 4), [1]));

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void An_lp_pool_is_the_norm_of_each_window(int p) => Law.ForAll(Values.In(Domain.Fractional, [1, 2, 5]), x =>
    {
        double At(int c, int i) => Math.Pow(Enumerable.Range(2 * i, 2).Where(k => k < 5).Sum(k => Math.Pow(Math.Abs(x[0, c, k]), p)), 1.0 / p);
        Close([At(0, 0), At(0, 1), At(1, 0), At(1, 1)], LpPool(x, p, 2).Value);
        Close([At(0, 0), At(0, 1), At(0, 2), At(1, 0), At(1, 1), At(1, 2)], LpPool(x, p, 2, ceil: true).Value);
        Close([.. Enumerable.Range(0, 2).Select(c => Math.Pow(Enumerable.Range(0, 5).Sum(k => Math.Pow(Math.Abs(x[0, c, k]), p)), 1.0 / p))], GlobalLpPool(x, p).Value);
        SmoothAt(y => LpPool(y, p, 2), x);
    }, times: 5);

    [Fact]
    public void An_lp_pool_of_zeros_has_slope_0() => Assert.Equal(
        Tensor.Fill([1, 1, 2], 0), Variable("x", [1, 1, 2]) is var x ? Reference.Run(Gradient.Of(Sum(LpPool(x, 2, 2)), x), (x, Tensor.Fill([1, 1, 2], 0))) : null);

    [Fact]
    public void Unpooling_puts_the_maxima_back()
    {
        Node x = Tensor.Of([[[[1, 2, 5, 6], [3, 4, 8, 7]]]]);
        var y = MaxUnpool(MaxPool(x, 2), MaxPoolIndices(x, 2), [2, 4]);
        Assert.Equal(Tensor.Of([[[[0, 0, 0, 0], [0, 4, 8, 0]]]]), y.Value);
        SmoothAt(z => MaxUnpool(z, MaxPoolIndices(x, 2), [2, 4]), Tensor.Of([[[[4, 8]]]]));
    }
}
