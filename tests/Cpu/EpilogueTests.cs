using System.Runtime.Intrinsics;
using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn.Tests;

/// <summary>Loops that a convolution does to its sums before it writes them.</summary>
public class EpilogueTests
{
    private static readonly (string Name, Func<Node, Node, Node, Node, Node> Of)[] loops =
    [
        ("bias", (y, a, _, _) => y + a),
        ("scale, shift, activation", (y, a, b, _) => Relu(y * a + b)),
        ("batch norm", (y, a, b, _) => Relu((y - a) * b * 0.5 + a)),
        ("numbers", (y, _, _, _) => Minimum(Maximum(y * -2, 0), 6)),
        ("residual", (y, a, _, r) => Relu(y + a + r)),
        ("the sum twice", (y, a, _, r) => y * y - r * y + a),
    ];

    private static readonly Gen<(Shape X, int Group, int Sources, int Stride, int Kernel, int Loop)> cases =
        from images in Gen.Choose(1, 3)
        from each in Gen.Elements(1, 1, 2, 4, 8)
        from groups in Gen.Elements(16, 32, 48, 20)
        from sources in Gen.Choose(1, 2)
        from height in Gen.Choose(3, 20)
        from width in Gen.Choose(3, 20)
        from stride in Gen.Choose(1, 2)
        from kernel in Gen.Elements(1, 3, 5)
        from loop in Gen.Choose(0, loops.Length - 1)
        select (Shape.Of(images, groups * Math.Min(sources, each), height, width), each, Math.Min(sources, each), stride, kernel, loop);

    [Fact]
    public void Has_the_bits_of_a_loop_alone() => Law.ForAll(cases, at =>
    {
        var channels = at.X[1] / at.Sources * at.Group;
        var (x, w) = (Variable("x", at.X), Variable("w", [channels, at.Sources, at.Kernel, at.Kernel]));
        var (a, b) = (Variable("a", [channels, 1, 1]), Variable("b", [channels, 1, 1]));
        var sums = new Convolution(Window.Of(2, at.Stride, at.Kernel / 2), at.X[1] / at.Sources).Of(x, w);
        var r = Variable("r", sums.Shape);
        var y = loops[at.Loop].Of(sums, a, b, r);
        var values = Runs.Uniform(x, w, a, b, r);
        values[x] = values[x].Map(value => value > 0.95 ? double.NaN : value > 0.9 ? double.PositiveInfinity : value);

        // Sums that are wanted themselves are written, and the loop reads them.
        var alone = Cpu.Compile([sums, y], [], Runs.Compiled).Values(values, [y], threads: 3)[0];
        foreach (var choices in new[] { Runs.Compiled, Runs.Compiled with { StreamFrom = 1 }, Runs.Interpreted })
        {
            var together = Cpu.Compile([y], [], choices).Values(values, [y], threads: 2)[0];
            Assert.Equal(Bits(alone), Bits(together));
        }
    }, 120);

    [Fact]
    public void Takes_short_loops_over_whole_registers_of_channels()
    {
        var canBe = Vector512.IsHardwareAccelerated && Code.IsSupported;
        foreach (var (name, of) in loops)
        {
            Assert.True(canBe == IsOne(32, of), name);
            Assert.False(IsOne(40, of), name);
        }

        Assert.False(IsOne(32, (y, _, _, _) => Gelu(y)));
        Assert.False(IsOne(32, (y, a, _, _) => Sum(y + a)));

        static bool IsOne(int channels, Func<Node, Node, Node, Node, Node> of)
        {
            var (x, w) = (Variable("x", [2, channels, 9, 9]), Variable("w", [channels, 1, 3, 3]));
            var y = of(new Convolution(Window.Of(2, pad: 1), channels).Of(x, w), Variable("a", [channels, 1, 1]), Variable("b", [channels, 1, 1]), Variable("r", x.Shape));
            return Cpu.Compile([y], [], Runs.Compiled).Steps.Any(step => step is GroupedStep && step.Text.Contains("then loop", StringComparison.Ordinal));
        }
    }

    // Images beyond the second cache, whose next rows are asked for.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Large_images_and_their_gradients(int stride)
    {
        var (x, w, a) = (Variable("x", [2, 64, 96, 90]), Variable("w", [64, 1, 3, 3]), Variable("a", [64, 1, 1]));
        var y = new Convolution(Window.Of(2, stride, 1), 64).Of(x, w) + a;
        var dy = Variable("dy", y.Shape);
        Runs.Agree([y, .. Gradient.Of(Sum(y * dy), [x, w, a])], Runs.Uniform(x, w, a, dy));
    }

    private static IEnumerable<int> Bits(Tensor tensor) =>
        tensor.ToSingles().Select(value => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value));
}
