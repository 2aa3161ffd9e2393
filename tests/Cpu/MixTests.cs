using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Parts that are taken along an axis at known places, weighed and added.</summary>
public class MixTests
{
    /// <summary>Shapes with axes of 0, 1 and any other size; positions outside are left out.</summary>
    [Fact]
    public void What_is_taken_weighed_and_added_is_that_of_reference_and_so_is_its_gradient() => Law.ForAll(
        from batch in Gen.Choose(0, 3)
        from sizes in Gen.Choose(1, 37).ArrayOf(3)
        from axis in Gen.Choose(0, 3)
        from count in Gen.Choose(1, 40)
        from taps in Gen.Choose(1, 4)
        from seed in Gen.Choose(0, 1000)
        select (Shape: Shape.Of([batch, .. sizes]), axis, count, taps, seed), at =>
    {
        var x = Variable("x", at.Shape);
        var y = Enumerable.Range(0, at.taps).Select(tap => Tap(x, tap)).Aggregate((sum, next) => sum + next);
        Runs.Agree([y, .. Gradient.Of(Sum(Sin(y)), [x])], Runs.Uniform(x));

        Node Tap(Node x, int tap)
        {
            var random = Key.Of((uint)at.seed).FoldIn((uint)tap);
            var index = Indices(random.Uniform([at.count], 0, at.Shape[at.axis] + 1).Map(Math.Floor));
            var weights = Reshape(Constant(random.FoldIn(9).Uniform([at.count], -1, 1)), Shape.Repeat(1, 4 - at.axis).With(0, at.count));
            return tap % 2 == 0 ? weights * Gather(x, index, at.axis) : Gather(x, index, at.axis);
        }
    }, 60);

    [Fact]
    public void Images_of_any_size_in_another_size_are_those_of_reference_and_so_are_their_gradients() => Law.ForAll(
        from batch in Gen.Elements(0, 1, 2, 17)
        from channels in Gen.Elements(1, 3, 16)
        from image in Gen.Choose(1, 40).ArrayOf(2)
        from size in Gen.Choose(1, 40).ArrayOf(2)
        from mode in Gen.Choose(0, 4)
        from wide in Gen.Elements(1, 1, 1, 4)
        select (Shape: Shape.Of([batch, channels, image[0], wide * image[1]]), Size: Shape.From(size), mode), at =>
    {
        var x = Variable("x", at.Shape);
        var y = at.mode switch
        {
            0 => AdaptiveAvgPool(x, at.Size),
            1 => AdaptiveMaxPool(x, at.Size),
            var mode => Resize(x, at.Size, (ResizeMode)(mode - 2)),
        };
        Runs.Agree([y, .. Gradient.Of(Sum(Sin(y)), [x])], Runs.Uniform(x));
    }, 60);

    [Fact]
    public void All_taps_are_one_step_along_each_axis_and_so_are_those_of_the_gradient()
    {
        var x = Variable("x", [16, 3, 20, 30]);
        var y = Resize(x, [33, 44], ResizeMode.Cubic);
        var plan = Cpu.Compile([y, Gradient.Vjp(y, Variable("dy", y.Shape), [x])[0]]);
        Assert.Equal(4, plan.Print().Split('\n').Count(line => line.Contains("Mix(", StringComparison.Ordinal)));
        Assert.DoesNotContain("Gather", plan.Print(), StringComparison.Ordinal);
        Assert.DoesNotContain("ScatterAdd", plan.Print(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_finite_stays_in_its_window()
    {
        var x = Variable("x", [1, 2, 9, 9]);
        var values = Tensor.From(x.Shape, i => i switch { 20 => double.PositiveInfinity, 60 => double.NaN, _ => i });
        Runs.Agree([AdaptiveAvgPool(x, [4, 4]), Resize(x, [5, 13], ResizeMode.Linear)], new Dictionary<Node, Tensor> { [x] = values });
    }

    [Fact]
    public void Matrices_are_equal_if_their_terms_are()
    {
        var (a, b) = (MixMatrix.Taking(Tensor.Of([0, 2, 7]), 4), MixMatrix.Taking(Tensor.Of([0, 2, 9]), 4));
        Assert.Equal(a, b);
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.NotEqual(a, a.TimesRows(row => row));
        Assert.NotEqual(a, MixMatrix.Taking(Tensor.Of([0, 2, 7]), 5));
        Assert.Equal(a.Transposed().TimesRows(i => i + 1), a.TimesColumns(i => i + 1).Transposed());
        Assert.Equal((3, 4, 2), (a.Rows, a.Columns, a.Terms));
        Assert.Equal([(0, 1.0), (0, 1.0)], (a + b).Row(0));
    }
}
