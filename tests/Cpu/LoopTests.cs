using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Fused loops: emitted and Runs.Interpreted they give the same bits, for any stretch of any arrangement of
/// operands.</summary>
public class LoopTests
{
    private sealed record Bump : Map3<Bump>, IFormula3
    {
        static V IFormula3.Of<V>(V a, V b, V c) => V.Exp(-(a * a)) * b + V.Tanh(c);

        public override (Node? Da, Node? Db, Node? Dc) Vjp(Node a, Node b, Node c, Node y, Node dy) => default;
    }

    private static readonly Gen<int> size = Gen.Frequency(
        (1, Gen.Constant(1)), (4, Gen.Choose(2, 40)), (1, Gen.Choose(90, 300)), (1, Gen.Elements(8, 16, 32, 64)));

    private static readonly Gen<(Shape Large, Shape[] Small)> shapes =
        from rank in Gen.Choose(1, 4)
        from sizes in size.ArrayOf(rank)
        where sizes.Aggregate(1L, (product, s) => product * s) < 60_000
        from small in Gen.Choose(0, 1).ArrayOf(rank).ArrayOf(3)
        select (Shape.Of(sizes), small.Select(kept => Small(sizes, kept)).ToArray());

    [Fact]
    public void Emitted_and_interpreted_loops_give_the_same_bits() => Law.ForAll(RandomGraph.All, random =>
        Runs.SameBits([.. random.Graph.Outputs], [], random.Values), 150);

    /// <summary>As loops run that are too large for the compiler.</summary>
    [Fact]
    public unsafe void A_formula_emitted_alone_gives_the_same_bits() => Law.ForAll(
        from op in Gen.Elements<IElementwise>(new Bump(), new Exp(), new Tanh(), new Add(), new Maximum(), new Divide())
        from count in Gen.Choose(0, 70)
        select (Formula: Formula.Of(op), Count: count),
        at =>
        {
            var operands = Runs.Uniform(Variable("a", [3, 80])).Values.Single().ToSingles().ToArray();
            var results = new float[2, 80];
            fixed (float* x = operands)
            fixed (float* y = results)
            {
                at.Formula.Run(x, x + 80, x + 160, y, at.Count);
                at.Formula.RunEmitted(x, x + 80, x + 160, y + 80, at.Count);
            }

            Assert.All(Enumerable.Range(0, 80), i =>
                Assert.Equal(BitConverter.SingleToInt32Bits(results[0, i]), BitConverter.SingleToInt32Bits(results[1, i])));
        });

    [Fact]
    public void Operands_are_repeated_along_any_axes() => Law.ForAll(shapes, at =>
    {
        var (x, a) = (Variable("x", at.Large), Variable("a", at.Small[0]));
        var (b, c) = (Variable("b", at.Small[1]), Variable("c", at.Small[2]));
        var y = Relu(x * a + b) - 0.5 * c;
        var values = Runs.Uniform(x, a, b, c);
        Runs.SameBits([y, Sigmoid(y)], [], values);
        Close.All(Reference.Run([y], values), Cpu.Compile([y], [], Runs.Compiled).Values(values, [y]));
    }, 150);

    [Fact]
    public void A_state_is_updated_in_place() => Law.ForAll(shapes, at =>
    {
        var (w, g, r) = (Variable("w", at.Large), Variable("g", at.Large), Variable("r", at.Small[0]));
        var next = w * 0.5 - r * g;
        var values = Runs.Uniform(w, g, r);
        Runs.SameBits([], [(w, next)], values);
        Close.All(Reference.Run([next], values), Cpu.Compile([], [(w, next)], Runs.Compiled).Values(values, [w]));
    }, 50);

    [Fact]
    public void Any_stretch_of_a_loop_can_be_run_alone() => Law.ForAll(
        from at in shapes
        from cuts in Gen.Choose(0, 60_000).ArrayOf(3)
        from emit in Gen.Elements(true, false)
        select (at, cuts, emit),
        test =>
        {
            var ((large, small), cuts, emit) = test;
            var (x, a) = (Variable("x", large), Variable("a", small[0]));
            var y = Relu(x * a);
            var values = Runs.Uniform(x, a);
            Assert.Equal(Cpu.Compile([y]).Values(values, [y])[0], Cut(y, values, cuts, emit));
        }, 100);

    [Fact]
    public void Nothing_is_written_outside_of_a_stretch()
    {
        var x = Variable("x", [37]);
        var plan = Cpu.Compile([x + 1], [], Runs.Compiled);
        using var session = plan.Start(1);
        session.Set(x, Tensor.Fill([37], 1));
        RunRange(plan, session, 3, 21);
        Assert.All(session.Get(plan.Outputs[0]).ToDoubles().Select((v, i) => (v, i)), pair =>
            Assert.Equal(pair.i is >= 3 and < 21 ? 2 : 0, pair.v));
    }

    [Fact]
    public void A_users_own_formula_of_three_operands_is_fused()
    {
        var (a, b, c) = (Variable("a", [70, 5]), Variable("b", [70, 5]), Variable("c", [70, 5]));
        var y = new Bump().Of(a, b, c) * 2;
        var values = Runs.Uniform(a, b, c);
        Assert.Equal("loop Bump, Multiply : [70, 5]", Cpu.Compile([y], [], Runs.Compiled).Steps.Single().Text);
        Runs.SameBits([y], [], values);
        Close.All(Reference.Run([y], values), Cpu.Compile([y], [], Runs.Compiled).Values(values, [y]));
    }

    [Fact]
    public void Loops_end_in_sums_over_any_axes() => Law.ForAll(shapes, at =>
    {
        var (x, a, b) = (Variable("x", at.Large), Variable("a", at.Small[0]), Variable("b", at.Large));
        var y = Relu(x * a + b);
        Node[] outputs = [y, SumTo.Of(y, at.Small[1]), SumTo.Of(y * x, at.Small[1]), SumTo.Of(x, at.Small[2])];
        var values = Runs.Uniform(x, a, b);
        Runs.SameBits(outputs, [], values);
        Close.All(Reference.Run([.. outputs], values), Cpu.Compile(outputs, [], Runs.Compiled).Values(values, outputs));
    }, 200);

    [Fact]
    public void Sums_over_the_same_axes_of_the_same_values_are_one_pass()
    {
        var (x, dy) = (Variable("x", [6, 20, 20, 32]), Variable("dy", [6, 20, 20, 32]));
        var plan = Cpu.Compile([Sum(dy, [0, 1, 2], true), Sum(dy * Sigmoid(x), [0, 1, 2], true), Relu(x)]);
        Assert.Equal("loop SumTo [1, 1, 1, 32], Sigmoid, Multiply, SumTo [1, 1, 1, 32], Relu : [6, 20, 20, 32]",
            plan.Steps[0].Text);
    }

    [Fact]
    public void A_mean_and_a_variance_are_one_pass() => Law.ForAll(
        from at in shapes
        from far in Gen.Elements(0, 0, 1000)
        select (at, far),
        test =>
        {
            var ((large, small), far) = test;
            var x = Variable("x", large);
            var axes = Enumerable.Range(0, large.Rank).Where(axis => small[0][axis] < large[axis]).ToArray();
            var (mean, variance) = Moments(x, axes);
            var value = Close.Rounded(Key.Of(3).Normal(large).Map(v => v + far));
            var values = new Dictionary<Node, Tensor> { [x] = value };
            var first = Cpu.Compile([variance]).Steps[0].Text;
            Assert.Equal(axes.Length > 0, first[..4] is "mome" or "rows");
            Runs.SameBits([mean, variance], [], values);
            Close.All(Reference.Run([mean, variance], values),
                Cpu.Compile([mean, variance], [], Runs.Compiled).Values(values, [mean, variance]), 3e-6);
        }, 150);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sum_is_of_what_was_there_before_a_result_lies_there(bool emit)
    {
        // The product takes over the memory of the matrix product, whose elements the same loop sums.
        var (a, b) = (Variable("a", [20, 3]), Variable("b", [3, 48]));
        var m = MatMul(a, b);
        Node[] outputs = [Transpose(m * 3), SumTo.Of(m, [1, 48])];
        var plan = Cpu.Compile(outputs, [], emit ? Runs.Compiled : Runs.Interpreted);
        Assert.Contains(plan.Steps, step => step.Text.Contains("Multiply, SumTo", StringComparison.Ordinal));
        using var session = plan.Start(1);
        var values = new[] { a, b }.ToDictionary(node => node, node => Close.Rounded(Key.Of(3).FoldIn(node.Op.Name).Normal(node.Shape)));
        session.Set(a, values[a]);
        session.Set(b, values[b]);
        session.Run();
        Close.All(Reference.Run([.. outputs], values), [.. outputs.Select(session.Get)], 1e-5);
    }

    [Fact]
    public void A_value_and_its_gradient_are_one_pass()
    {
        var (x, dy) = (Variable("x", [5000]), Variable("dy", [5000]));
        var y = Gelu(Tanh(x));
        Node[] outputs = [y, Gradient.Vjp(y, dy, [x])[0]];
        Assert.Single(Cpu.Compile(outputs).Steps);
        Runs.Agree(outputs, Runs.Uniform(x, dy));
    }

    [Fact]
    public void Batch_norm_reads_its_input_three_times_in_both_directions()
    {
        var (x, dy) = (Variable("x", [8, 20, 20, 32]), Variable("dy", [8, 20, 20, 32]));
        var (scale, shift) = (Variable("scale", [1, 1, 1, 32]), Variable("shift", [1, 1, 1, 32]));
        var (mean, variance) = Moments(x, [0, 1, 2]);
        var y = BatchNorm(x, mean, variance, scale, shift);
        Node[] outputs = [y, .. Gradient.Vjp(y, dy, [x, scale, shift])];
        var steps = Cpu.Compile(outputs).Steps.Select(step => step.Text)
            .Where(text => text.EndsWith(": [8, 20, 20, 32]", StringComparison.Ordinal));
        Assert.Equal(
        [
            "moments [1, 1, 1, 32] : [8, 20, 20, 32]",
            "loop Subtract, Multiply, Multiply, Add, Multiply, SumTo [1, 1, 1, 32], SumTo [1, 1, 1, 32] : [8, 20, 20, 32]",
            "loop Subtract, Multiply, Multiply, Add, Multiply, Multiply, Add, Add : [8, 20, 20, 32]",
        ], steps);
        var values = Runs.Uniform(x, dy, scale, shift);
        Close.All(Reference.Run([.. outputs], values), Cpu.Compile(outputs, [], Runs.Compiled).Values(values, outputs));
    }

    [Fact]
    public void A_large_sum_loses_no_more_digits_than_a_small_one()
    {
        const int Count = 3_000_001;
        var x = Variable("x", [Count]);
        var sum = Sum(x);
        var values = new Dictionary<Node, Tensor> { [x] = Tensor.Fill([Count], 0.1f) };
        Assert.InRange(Cpu.Compile([sum]).Values(values, [sum])[0].Scalar / (0.1f * (double)Count), 1 - 1e-5, 1 + 1e-5);
    }

    private static Shape Small(int[] sizes, int[] kept) =>
        Shape.From(sizes.Zip(kept, (s, keep) => keep == 1 ? s : 1));

    private static Tensor Cut(Node y, Dictionary<Node, Tensor> values, int[] cuts, bool emit)
    {
        var plan = Cpu.Compile([y], [], emit ? Runs.Compiled : Runs.Interpreted);
        using var session = plan.Start(1);
        foreach (var (variable, value) in values)
        {
            session.Set(variable, value);
        }

        long[] ends = [.. cuts.Select(cut => cut % (y.Shape.Elements + 1)), 0, y.Shape.Elements];
        var places = ends.Order().ToArray();
        foreach (var (first, end) in places.Zip(places.Skip(1)))
        {
            RunRange(plan, session, first, end);
        }

        return session.Get(y);
    }

    private static unsafe void RunRange(Plan plan, Session session, long first, long end)
    {
        var step = (LoopStep)plan.Steps.Single();
        var scratch = new float[step.Scratch + 1];
        fixed (float* room = scratch)
        {
            step.RunRange(session.Buffers(), first, end, room);
        }
    }
}
