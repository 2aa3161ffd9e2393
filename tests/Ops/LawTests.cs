using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Laws that hold between ops.</summary>
public class LawTests
{
    /// <summary>The linear ops, with the input in which they are linear. Their Vjp is the transpose.</summary>
    public static TheoryData<string, int> Linear { get; } = new()
    {
        { nameof(Convolution), 0 }, { nameof(Convolution), 1 }, { nameof(ConvolutionInput), 0 }, { nameof(ConvolutionInput), 1 },
        { nameof(ConvolutionKernel), 0 }, { nameof(ConvolutionKernel), 1 }, { nameof(MatMul), 0 }, { nameof(MatMul), 1 },
        { nameof(SumPool), 0 }, { nameof(SumPoolInput), 0 }, { nameof(PlaneTake), 0 }, { nameof(PlanePut), 0 },
        { nameof(Gather), 0 }, { nameof(ScatterAdd), 0 }, { nameof(TakeAlong), 0 }, { nameof(PutAlong), 0 },
        { nameof(Slice), 0 }, { nameof(Place), 0 }, { nameof(Broadcast), 0 }, { nameof(SumTo), 0 },
        { nameof(Transpose), 0 }, { nameof(Reverse), 0 }, { nameof(Reshape), 0 }, { nameof(Concat), 0 }, { nameof(Negate), 0 },
    };

    [Theory, MemberData(nameof(Linear))]
    public void A_linear_op_and_its_transpose_agree_in_every_inner_product(string name, int input)
    {
        // ⟨A x, u⟩ = ⟨x, Aᵀ u⟩, for any x and u and not only in the limit: the law needs no differences.
        var row = OpTable.Rows.Single(row => row.Op.Name == name);
        Law.ForAll(row.Cases, at =>
        {
            var inputs = at.Constants();
            var x = Variable("x", at.Inputs[input].Shape);
            var y = at.Apply(inputs.SetItem(input, x));

            // Only the one of a concatenation's inputs varies, the others add a constant.
            var rest = at.Apply([.. inputs.Select((node, i) => i == input ? Zeros(node.Shape) : node)]).Value;
            var u = Key.Of(at.Inputs[0].Count).Normal(y.Shape);
            var transposed = Gradient.Vjp(y, u, [x])[0].Value;
            var (left, right) = (Inner(at.Closed().Value, u) - Inner(name == nameof(Concat) ? rest : Tensor.Fill(y.Shape, 0), u), Inner(at.Inputs[input], transposed));
            Assert.Equal(left, right, 1e-10);
        });
    }

    [Fact]
    public void A_vjp_is_linear_in_its_cotangent() => Law.ForAll(OpTable.AnyCase.Where(at => OpTable.RowOf(at.Op).Derivative != Derivative.None), at =>
    {
        var xs = at.Variables();
        var values = xs.Zip(at.Inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        var y = at.Apply(xs);
        var (u, v) = (Key.Of(1).Normal(y.Shape), Key.Of(2).Normal(y.Shape));
        var reals = xs.Where(x => x.Kind == Kind.Real).ToArray();
        var sum = Reference.Run(Gradient.Vjp(y, (Node)u * 3 + v, reals), values);
        var (first, second) = (Reference.Run(Gradient.Vjp(y, u, reals), values), Reference.Run(Gradient.Vjp(y, v, reals), values));
        for (var k = 0; k < reals.Length; k++)
        {
            Assert.All(Enumerable.Range(0, sum[k].Count), i =>
            {
                var expected = 3 * first[k].At(i) + second[k].At(i);
                Assert.Equal(expected, sum[k].At(i), 1e-11 * (1 + Math.Abs(expected)));
            });
        }
    }, times: 300);

    [Fact]
    public void The_gradient_of_a_pool_without_padding_preserves_the_sum() => Law.ForAll(
        from size in Gen.Choose(2, 6)
        from kernel in Gen.Choose(1, 2)
        from stride in Gen.Choose(1, 3)
        from x in Values.In(Domain.Distinct, [2, 1, size, size + 1])
        select (x, kernel, stride), at =>
    {
        // Each window sends on exactly what it gets: all of it to the maximum, or equal parts.
        var x = Variable("x", at.x.Shape);
        foreach (var y in (Node[])[MaxPool(x, at.kernel, at.stride), AvgPool(x, at.kernel, at.stride)])
        {
            var dy = Key.Of(3).Normal(y.Shape);
            var dx = Reference.Run(Gradient.Vjp(y, dy, [x])[0], (x, at.x));
            Assert.Equal(dy.ToDoubles().Sum(), dx.ToDoubles().Sum(), 1e-12);
        }
    });

    [Fact]
    public void A_max_pool_takes_the_largest_of_each_window_and_says_where() => Law.ForAll(
        OpTable.PoolShapes(Shapes.CoveringWalk.Where(walk => walk.Size.Rank == 2)).SelectMany(pool => Values.Real(pool.X).Select(x => (pool.Walk, x))), at =>
    {
        var y = new MaxPool(at.Walk.Kernel, at.Walk.Window).Of(at.x).Value;
        var index = new MaxPoolIndices(at.Walk.Kernel, at.Walk.Window).Of(at.x).Value;
        var (rows, columns) = (at.Walk.Starts(0).ToArray(), at.Walk.Starts(1).ToArray());
        var flat = 0;
        for (var n = 0; n < at.x.Shape[0]; n++)
            for (var c = 0; c < at.x.Shape[1]; c++)
                foreach (var top in rows)
                    foreach (var left in columns)
                    {
                        var inside = from r in Enumerable.Range(0, at.Walk.Kernel[0])
                                     from s in Enumerable.Range(0, at.Walk.Kernel[1])
                                     let i = top + r * at.Walk.Window.Dilation[0]
                                     let j = left + s * at.Walk.Window.Dilation[1]
                                     where i >= 0 && i < at.x.Shape[2] && j >= 0 && j < at.x.Shape[3]
                                     select (Value: at.x[n, c, i, j], At: i * at.x.Shape[3] + j);
                        var best = inside.MaxBy(element => element.Value);
                        Assert.Equal(best.Value, y.At(flat));
                        Assert.Equal(best.At, index.At(flat++));
                    }
    });

    [Fact]
    public void A_Hessian_is_symmetric() => Law.ForAll(Values.Real([4]).Two(), at =>
    {
        var x = Variable("x", [4]);
        var loss = Sum(Tanh(x) * Exp(Part(x, 0, 1, 1))) + Log(Sum(Exp(x * x)));
        var dx = Gradient.Of(loss, x);
        var rows = Enumerable.Range(0, 4).Select(i => Reference.Run(Gradient.Of(Sum(Part(dx, 0, i, 1)), x), (x, at.Item1))).ToArray();
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < i; j++)
            {
                Assert.Equal(rows[i].At(j), rows[j].At(i), 1e-10 * (1 + Math.Abs(rows[i].At(j))));
            }
        }
    });

    private static double Inner(Tensor a, Tensor b) => Enumerable.Range(0, a.Count).Sum(i => a.At(i) * b.At(i));
}
