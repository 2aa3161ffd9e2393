using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Fused loops: emitted and interpreted they give the same bits, for any stretch of any arrangement of
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
        SameBits([.. random.Graph.Outputs], [], random.Values), 150);

    [Fact]
    public void Operands_are_repeated_along_any_axes() => Law.ForAll(shapes, at =>
    {
        var (x, a) = (Variable("x", at.Large), Variable("a", at.Small[0]));
        var (b, c) = (Variable("b", at.Small[1]), Variable("c", at.Small[2]));
        var y = Relu(x * a + b) - 0.5 * c;
        var values = Values(x, a, b, c);
        SameBits([y, Sigmoid(y)], [], values);
        Close.All(Reference.Run([y], values), Cpu.Compile([y], [], new Choices(EmitFrom: 0)).Values(values, [y]));
    }, 150);

    [Fact]
    public void A_state_is_updated_in_place() => Law.ForAll(shapes, at =>
    {
        var (w, g, r) = (Variable("w", at.Large), Variable("g", at.Large), Variable("r", at.Small[0]));
        var next = w * 0.5 - r * g;
        var values = Values(w, g, r);
        SameBits([], [(w, next)], values);
        Close.All(Reference.Run([next], values), Cpu.Compile([], [(w, next)], new Choices(EmitFrom: 0)).Values(values, [w]));
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
            Assert.Equal(Cpu.Compile([y], [], new Choices(EmitFrom: 0)).Values(Values(x, a), [y])[0], Cut(y, Values(x, a), cuts, emit));
        }, 100);

    [Fact]
    public void Nothing_is_written_outside_of_a_stretch()
    {
        var x = Variable("x", [37]);
        var plan = Cpu.Compile([x + 1], [], new Choices(EmitFrom: 0));
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
        var values = Values(a, b, c);
        Assert.Equal("loop Bump, Multiply : [70, 5]", Cpu.Compile([y], [], new Choices(EmitFrom: 0)).Steps.Single().Text);
        SameBits([y], [], values);
        Close.All(Reference.Run([y], values), Cpu.Compile([y], [], new Choices(EmitFrom: 0)).Values(values, [y]));
    }

    private static void SameBits(Node[] outputs, (Node, Node)[] state, IReadOnlyDictionary<Node, Tensor> values)
    {
        Node[] wanted = [.. outputs, .. state.Select(pair => pair.Item1)];
        var emitted = Cpu.Compile(outputs, state, new Choices(EmitFrom: 0)).Values(values, wanted);
        var interpreted = Cpu.Compile(outputs, state, new Choices(EmitFrom: long.MaxValue)).Values(values, wanted, 3);
        foreach (var (one, other) in emitted.Zip(interpreted))
        {
            Assert.Equal(one.ToSingles().Select(Bits), other.ToSingles().Select(Bits));
        }

        static int Bits(float value) => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value);
    }

    private static Dictionary<Node, Tensor> Values(params Node[] variables) =>
        variables.ToDictionary(node => node,
            node => Close.Rounded(Key.Of(3).FoldIn(node.Op.Name).Uniform(node.Shape, -1, 1)));

    private static Shape Small(int[] sizes, int[] kept) =>
        Shape.From(sizes.Zip(kept, (s, keep) => keep == 1 ? s : 1));

    private static Tensor Cut(Node y, Dictionary<Node, Tensor> values, int[] cuts, bool emit)
    {
        var plan = Cpu.Compile([y], [], new Choices(EmitFrom: emit ? 0 : long.MaxValue));
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
            step.RunRange(session.Buffers, first, end, room);
        }
    }
}
