using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>The heavy kernels at sizes around and beyond their tiles, which the table's small cases do not
/// reach.</summary>
public class KernelTests
{
    private static readonly Gen<int> size = Gen.Frequency((1, Gen.Constant(1)), (3, Gen.Choose(2, 40)), (1, Gen.Choose(60, 140)), (1, Gen.Elements(8, 16, 32, 64)));

    // A shape, and the same with some sizes made 1.
    private static readonly Gen<(Shape Large, Shape Small)> shapes =
        from rank in Gen.Choose(1, 4)
        from sizes in size.Select(s => Math.Min(s, 40)).ArrayOf(rank)
        from kept in Gen.Choose(0, 1).ArrayOf(rank)
        where sizes.Aggregate(1L, (product, s) => product * s) < 50_000
        select (Shape.Of(sizes), Shape.From(sizes.Zip(kept, (s, keep) => keep == 1 ? s : 1)));

    [Fact]
    public void Every_op_of_the_library_has_a_kernel() => Assert.All(OpTable.Rows, row => Law.ForAll(row.Cases,
        at => Assert.DoesNotContain(Cpu.Compile([at.Apply(at.Variables())]).Steps, step => step is MeaningStep), 5));

    [Fact]
    public void Matrix_products_of_any_size() => Law.ForAll(
        from m in size
        from k in Gen.Frequency((4, size), (1, Gen.Choose(250, 530)))
        from n in size
        from batch in Gen.Choose(1, 3)
        from transposes in Gen.Choose(0, 3)
        select (m, k, n, batch, transposes),
        at =>
        {
            var (ta, tb) = ((at.transposes & 1) != 0, (at.transposes & 2) != 0);
            var a = Variable("a", ta ? [at.batch, at.k, at.m] : [at.batch, at.m, at.k]);
            var b = Variable("b", tb ? [at.batch, at.n, at.k] : [at.batch, at.k, at.n]);
            Agree(new MatMul(ta, tb).Of(a, b), a, b);
        }, 60);

    [Fact]
    public void Convolutions_and_their_transposes_of_any_size() => Law.ForAll(
        from n in Gen.Choose(1, 9)
        from groups in Gen.Elements(1, 1, 2, 3)
        from channels in Gen.Elements(1, 2, 5, 20)
        from kernels in Gen.Elements(1, 3, 7, 12)
        from height in Gen.Choose(1, 40)
        from width in Gen.Choose(1, 40)
        from kh in Gen.Choose(1, 5)
        from kw in Gen.Choose(1, 5)
        from stride in Gen.Choose(1, 3)
        from before in Gen.Choose(0, 6)
        from after in Gen.Choose(0, 6)
        from dilation in Gen.Choose(1, 2)
        where height + before + after >= dilation * (kh - 1) + 1 && width + before + after >= dilation * (kw - 1) + 1
        select (X: Shape.Of(n, groups * channels, height, width), W: Shape.Of(groups * kernels, channels, kh, kw), groups,
            Window: new Window([stride, stride], [before, after], [after, before], [dilation, dilation])),
        at =>
        {
            var (x, w) = (Variable("x", at.X), Variable("w", at.W));
            var y = new Convolution(at.Window, at.groups).Of(x, w);
            Agree(y, x, w);
            var dy = Variable("dy", y.Shape);
            Agree(new ConvolutionInput(at.Window, at.groups, at.X).Of(dy, w), dy, w);
            Agree(new ConvolutionKernel(at.Window, at.groups, at.W).Of(x, dy), x, dy);
        }, 40);

    [Fact]
    public void Steps_along_an_axis_of_any_size() => Law.ForAll(
        from outer in size
        from length in size
        from inner in size
        from positions in Gen.Choose(0, 45).ArrayOf(50)
        where outer * length * inner < 100_000
        select (Shape: Shape.Of(outer, length, inner), Index: Tensor.From([50], i => positions[i])),
        at =>
        {
            var (x, dy, index) = (Variable("x", at.Shape), Variable("dy", at.Shape.With(1, 50)), Indices(at.Index));
            Agree(CumSum(x, 1), x);
            Agree(Prod(x, 1), x);
            Agree(new CumSum(1, FromEnd: true).Of(x), x);
            Agree(new Gather(1).Of(x, index), x);
            Agree(new ScatterAdd(1, at.Shape[1]).Of(dy, index), dy);
            Agree(Max(x, 1), x);
        }, 40);

    /// <summary>So long that what lies beside the axis is cut into pieces.</summary>
    [Fact]
    public void Steps_along_a_long_axis_of_any_width() => Law.ForAll(
        from outer in Gen.Elements(1, 2, 9)
        from length in Gen.Choose(300, 3000)
        from inner in Gen.Choose(1, 90)
        where outer * length * inner < 150_000
        select Shape.Of(outer, length, inner), shape =>
        {
            var x = Variable("x", shape);
            Agree(CumSum(x, 1), x);
            Agree(new CumSum(1, FromEnd: true).Of(x), x);
            Agree(Prod(x, 1), x);
            Agree(Max(x, 1), x);
        }, 20);

    [Fact]
    public void Random_numbers_are_those_of_the_key() => Law.ForAll(
        from seed in Gen.Choose(int.MinValue, int.MaxValue)
        from count in Gen.OneOf(Gen.Choose(0, 100), Gen.Choose(250, 800))
        select (Key: Key.Of(seed), count), at =>
    {
        var key = Variable("key", [2], Kind.Index);
        var results = Cpu.Run([Uniform([at.count], key), Normal([at.count], key), Permutation(at.count, key)],
            new Dictionary<Node, Tensor> { [key] = at.Key.ToTensor() });
        for (var i = 0; i < at.count; i++)
        {
            Assert.Equal((float)at.Key.Uniform((uint)i), results[0].At(i));
            Assert.Equal((float)at.Key.Normal((uint)i), results[1].At(i));
        }

        // Fisher and Yates, with the key's bits one by one.
        var order = Enumerable.Range(0, at.count).ToArray();
        for (var i = at.count - 1; i > 0; i--)
        {
            var j = (int)(at.Key.Bits((uint)i) * (ulong)(i + 1) >> 32);
            (order[i], order[j]) = (order[j], order[i]);
        }

        Assert.Equal(Tensor.From([at.count], i => order[i]), results[2]);
    }, 60);

    [Fact]
    public void The_largest_is_the_first_of_equals_or_the_first_NaN_wherever_it_lies() => Law.ForAll(
        from shape in Gen.Elements<Shape>([3, 37, 1], [2, 100, 1], [2, 5, 35], [1, 40, 16])
        from values in Gen.Frequency((9, Gen.Choose(0, 3)), (1, Gen.Constant(4))).ArrayOf(200)
        from nan in Gen.Elements(true, false)
        select Tensor.From(shape, i => values[i % 200] is 4 && nan ? double.NaN : values[i % 200] % 4 - 0.0), x =>
    {
        var places = new ArgMax(1).Of(x);
        var largest = new Max(1).Of(Variable("x", x.Shape));
        using var session = Cpu.Compile([new ArgMax(1).Of(largest.Inputs[0]), largest]).Start(1);
        session.Set(largest.Inputs[0], x);
        session.Run();
        Assert.Equal(places.Value, session.Get(session.Plan.Outputs[0]));
        Assert.Equal(new Max(1).Reference(x), session.Get(largest));
    }, 60);

    [Fact]
    public void A_convolution_over_one_and_three_axes()
    {
        var (x1, w1) = (Variable("x", [2, 3, 70]), Variable("w", [5, 3, 4]));
        Agree(Conv1D(x1, w1, padding: 3, stride: 2), x1, w1);
        var (x3, w3) = (Variable("x", [2, 2, 5, 9, 11]), Variable("w", [3, 2, 2, 3, 3]));
        var y3 = Conv3D(x3, w3, padding: 1, stride: 2);
        Agree(y3, x3, w3);
        Agree(Gradient.Of(Sum(Square(y3)), x3), x3, w3);
        Agree(Gradient.Of(Sum(Square(y3)), w3), x3, w3);
    }

    [Fact]
    public void A_deep_convolution_passes_the_depth_of_a_panel()
    {
        var (x, w) = (Variable("x", [1, 70, 6, 7]), Variable("w", [9, 70, 3, 3]));
        Agree(Conv2D(x, w, Same), x, w);
    }

    [Fact]
    public void A_wide_plane_passes_the_length_of_a_share()
    {
        var (x, dy) = (Variable("x", [3, 2, 40, 41]), Variable("dy", [3, 2, 38, 39]));
        Agree(new ConvolutionKernel(Window.Of(2), 1, [2, 2, 3, 3]).Of(x, dy), x, dy);
    }

    [Fact]
    public void Sums_over_any_axes() => Law.ForAll(
        shapes,
        at =>
        {
            var x = Variable("x", at.Large);
            Agree(SumTo.Of(x, at.Small), x);
        });

    [Fact]
    public void Loops_repeat_any_axes() => Law.ForAll(
        shapes,
        at =>
        {
            var (large, small) = (Variable("large", at.Large), Variable("small", at.Small));
            Agree(large * small + small, large, small);
            Agree(BroadcastTo(small, at.Large), small);
        });

    /// <summary>Elementary functions on a fine grid: the error in units of float's last place.</summary>
    [Theory]
    [InlineData("Exp", -87, 88, 2)]
    [InlineData("Expm1", -17, 88, 3)]
    [InlineData("Expm1", -0.01, 0.01, 3)]
    [InlineData("Log", 1e-30, 100, 2)]
    [InlineData("Log", 1e-44, 1e-37, 2)]
    [InlineData("Log1p", -0.99, 100, 3)]
    [InlineData("Tanh", -10, 10, 3)]
    [InlineData("Tanh", -0.1, 0.1, 3)]
    [InlineData("Sigmoid", -80, 80, 4)]
    [InlineData("Erf", -5, 5, 4)]
    [InlineData("Erf", -0.01, 0.01, 4)]
    [InlineData("Sin", -300, 300, 3)]
    [InlineData("Sin", 8000, 8400, 3)]
    [InlineData("Cos", -300, 300, 3)]
    [InlineData("Cos", -8400, -8000, 3)]
    [InlineData("Sqrt", 0, 100, 1)]
    public void Functions_are_accurate_to_a_few_units_in_the_last_place(string name, double low, double high, double units)
    {
        const int Count = 200_000;
        var op = (Op1)Activator.CreateInstance(OpTable.Rows.First(row => row.Op.Name == name).Op)!;
        var x = Variable("x", [Count]);
        var value = Close.Rounded(Tensor.From([Count], i => low + (high - low) * (i + 0.5) / Count));
        var (expected, actual) = (Reference.Run(op.Of(x), (x, value)), Cpu.Run([op.Of(x)], new Dictionary<Node, Tensor> { [x] = value })[0]);
        var worst = Enumerable.Range(0, Count).MaxBy(i => Units(expected.At(i), actual.At(i)));
        Assert.True(Units(expected.At(worst), actual.At(worst)) <= units,
            $"{name}({value.At(worst)}) = {actual.At(worst)}, expected {expected.At(worst)}: {Units(expected.At(worst), actual.At(worst)):F2} units");

        static double Units(double wanted, double got) =>
            Math.Abs(wanted - got) / Math.Max(1.2e-38, (double)MathF.BitIncrement(MathF.Abs((float)wanted)) - MathF.Abs((float)wanted));
    }

    private static void Agree(Node y, params Node[] variables)
    {
        var values = variables.ToDictionary(node => node, node => Close.Rounded(Key.Of(3).FoldIn(node.Op.Name).Uniform(node.Shape, -1, 1)));
        Close.All(Reference.Run([y], values), Cpu.Run([y], values));
    }
}
