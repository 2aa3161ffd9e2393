using System.Collections.Immutable;

namespace AutoDiffCnn.Tests;

/// <summary>Functions that are computed again instead of kept, and functions with rules, compiled.</summary>
public class CheckpointTests
{
    [Fact]
    public void A_deep_chain_needs_less_memory_and_has_the_same_bits()
    {
        static Node Layer(Node x, int i) => Tanh(MatMul(x, Variable($"w{i}", [32, 32])));
        var x = Variable("x", [512, 32]);
        var (plain, saved) = (Step(Chain(x, 24, 4, Layer, f => f)), Step(Chain(x, 24, 4, Layer, Checkpoint)));
        AssertSameBits(plain, saved);

        // 24 activations of 64 KiB live at the end of the plain forward pass, 6 of the other and 4 of a block.
        var (more, less) = (Cpu.Compile(plain).ArenaBytes, Cpu.Compile(saved).ArenaBytes);
        Assert.InRange(more, 24 * 65536, 40 * 65536);
        Assert.InRange(less, 6 * 65536, 18 * 65536);
    }

    [Fact]
    public void Memory_grows_with_the_root_of_the_depth()
    {
        static Node Layer(Node x, int i) => Sin(MatMul(x, Variable($"w{i}", [8, 8])));
        var x = Variable("x", [2048, 8]);
        long Arena(int depth, int block) => Cpu.Compile(Step(Chain(x, depth, block, Layer, Checkpoint))).ArenaBytes;
        var (small, large) = (Arena(16, 4), Arena(64, 8));
        Assert.InRange(large, small, 2.2 * small);
    }

    [Fact]
    public void Convolutions_norms_and_pools_have_the_same_bits()
    {
        static Node Layer(Node x, int i)
        {
            var y = Conv2D(x, Variable($"w{i}", [x.Shape[1], x.Shape[1], 3, 3]), Same);
            var (mean, variance) = Moments(y, [0, 2, 3]);
            return Relu((y - mean) * Rsqrt(variance + 1e-5)) + x;
        }

        foreach (var channels in (int[])[3, 16, 32])
        {
            var x = Variable("x", [4, channels, 16, 16]);
            Node[] Whole(Func<Func<Node, Node>, Func<Node, Node>> wrap) =>
                Step(AvgPool(Chain(MaxPool(Chain(x, 2, 1, Layer, wrap), 2), 4, 2, (y, i) => Layer(y, i + 2), wrap), 2));
            AssertSameBits(Whole(f => f), Whole(Checkpoint));
        }
    }

    [Fact]
    public void Dropout_drops_the_same_elements_again()
    {
        var (x, key) = (Variable("x", [64, 32]), Indices(Key.Of(1).ToTensor()));
        Node Layer(Node x, int i) => Dropout(Tanh(MatMul(x, Variable($"w{i}", [32, 32]))), 0.3, FoldIn(key, (uint)i));
        AssertSameBits(Step(Chain(x, 6, 2, Layer, f => f)), Step(Chain(x, 6, 2, Layer, Checkpoint)));
    }

    [Fact]
    public void Checkpoints_nest_and_have_second_derivatives()
    {
        static Node Layer(Node x, int i) => Tanh(MatMul(x, Variable($"w{i}", [5, 5])));
        var x = Variable("x", [7, 5]);
        var loss = Sum(Square(Chain(x, 4, 2, (y, i) => Checkpoint(z => Layer(z, i))(y), Checkpoint)));
        var dx = Gradient.Of(loss, x);
        Node[] wanted = [loss, dx, Gradient.Of(Sum(Sin(dx)), x), Gradient.Jvp(dx, x, Cos(x))];
        var values = Runs.Uniform([.. new Graph(loss).Variables]);
        Close.All(Reference.Run([.. wanted], values), Cpu.Run(wanted, values), 1e-4);
    }

    [Fact]
    public void A_function_with_a_rule_is_fused_like_any_other()
    {
        var x = Variable("x", [100]);
        Node Whole(Func<Node, Node> f) => Sum(Exp(f(x * 2)) + 1);
        Assert.Equal(Cpu.Compile([Whole(x => Tanh(x) * x)]).Print(),
            Cpu.Compile([Whole(CustomVjp(x => Tanh(x) * x, (_, _, dy) => dy))]).Print());
    }

    [Fact]
    public void Transforms_mean_the_same_compiled()
    {
        var x = Variable("x", [4]);
        static Node F(Node x) => Sum(Tanh(x) * Exp(Part(x, 0, 1, 1)));
        var (carry, ys) = Scan((h, row) => (Tanh(h + row), h * row), x, Variable("rows", [5, 4]));
        Node[] wanted =
        [
            Grad(F)(x), Hessian(F)(x), Hvp(F)(x, Sin(x)), Jvp(y => Sin(y), x, Cos(x)).Tangent, JacobianForward(y => Sin(y))(x),
            carry, ys, .. Gradient.Of(Sum(carry) + Sum(ys), [x, .. new Graph(ys).Variables.Remove(x)]),
        ];
        var values = Runs.Uniform([.. new Graph([.. wanted]).Variables]);
        Close.All(Reference.Run([.. wanted], values), Cpu.Run(wanted, values));
    }

    /// <summary>Layers one after the other, some of them a block.</summary>
    private static Node Chain(Node x, int depth, int block, Func<Node, int, Node> layer, Func<Func<Node, Node>, Func<Node, Node>> wrap)
    {
        for (var i = 0; i < depth; i += block)
        {
            var first = i;
            x = wrap(y => Enumerable.Range(first, block).Aggregate(y, layer))(x);
        }

        return x;
    }

    /// <summary>A loss and its gradients, to the last parameters first, as the backward pass comes to them.</summary>
    private static Node[] Step(Node y)
    {
        var loss = Sum(Square(y));
        return [loss, .. Gradient.Of(loss, [.. new Graph(loss).Variables.Reverse()])];
    }

    private static void AssertSameBits(Node[] plain, Node[] saved)
    {
        // The same names stand for the same values in both.
        var (expected, actual) = (Results(plain), Results(saved));
        foreach (var (one, other) in expected.Zip(actual))
        {
            Assert.Equal(one.ToSingles(), other.ToSingles());
        }

        static ImmutableArray<Tensor> Results(Node[] wanted) =>
            Cpu.Run(wanted, Runs.Uniform([.. new Graph([.. wanted]).Variables.Where(variable => variable.Kind == Kind.Real)]));
    }
}
