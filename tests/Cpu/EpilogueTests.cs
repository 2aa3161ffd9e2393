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

    private static readonly Gen<Case> narrow =
        from images in Gen.Choose(1, 3)
        from each in Gen.Elements(1, 1, 2, 4, 8)
        from groups in Gen.Elements(16, 32, 48, 20)
        from sources in Gen.Choose(1, 2).Select(sources => Math.Min(sources, each))
        from at in Of(images, groups, sources, each)
        select at;

    // Whole registers of channels and others, some of which are in a tile's last register; groups as wide as registers, too.
    private static readonly Gen<Case> direct =
        from images in Gen.Choose(1, 3)
        from groups in Gen.Elements(1, 1, 1, 2)
        from sources in Gen.Elements(1, 3, 8, 16, 17, 24, 32)
        from targets in Gen.Elements(16, 32, 48, 64, 24, 40, 7)
        from at in Of(images, groups, sources, targets)
        select at;

    // Few channels of many images; more than eight sources are summed in memory before the last ones.
    private static readonly Gen<Case> batches =
        from images in Gen.Elements(16, 32, 64, 144, 192, 20)
        from sources in Gen.Elements(1, 2, 3, 6, 8, 9, 12)
        from targets in Gen.Elements(1, 5, 6, 8, 12)
        from at in Of(images, 1, sources, targets)
        select at;

    [Fact]
    public void Has_the_bits_of_a_loop_alone() => Law.ForAll(Gen.OneOf(narrow, direct, batches), at =>
    {
        var channels = at.IsBack ? at.X[1] : at.Targets;
        var (x, w) = (Variable("x", at.X), Variable("w", [at.Targets, at.X[1] / at.Groups, at.Kernel, at.Kernel]));
        var (a, b) = (Variable("a", [channels, 1, 1]), Variable("b", [channels, 1, 1]));
        var sums = new Convolution(Window.Of(2, at.Stride, at.Kernel / 2), at.Groups).Of(x, w);
        sums = at.IsBack ? Gradient.Of(Sum(sums * Variable("dy", sums.Shape)), [x])[0] : sums;
        var y = loops[at.Loop].Of(sums, a, b, Variable("r", sums.Shape));
        var values = Runs.Uniform([.. new Graph([y]).Variables]);
        values[w] = values[w].Map(value => value > 0.95 ? double.NaN : value > 0.9 ? double.PositiveInfinity : value);

        // Sums that are wanted themselves are written, and the loop reads them.
        var alone = Cpu.Compile([sums, y], [], Runs.Compiled).Values(values, [y], threads: 3)[0];
        foreach (var choices in new[] { Runs.Compiled, Runs.Compiled with { StreamFrom = 1 }, Runs.Interpreted })
        {
            var together = Cpu.Compile([y], [], choices).Values(values, [y], threads: 2)[0];
            Assert.Equal(Bits(alone), Bits(together));
        }
    }, 300);

    [Fact]
    public void Takes_short_loops_over_whole_registers_of_channels_or_images()
    {
        foreach (var (name, of) in loops)
        {
            Agree(true, 32, of, name);
            Agree(false, 40, of, name);
        }

        Agree(false, 32, (y, _, _, _) => Gelu(y), "Gelu");
        Agree(false, 32, (y, a, _, _) => Sum(y + a), "Sum");

        static void Agree(bool whole, int channels, Func<Node, Node, Node, Node, Node> of, string name)
        {
            var (x, each, all) = (Variable("x", [2, channels, 9, 9]), Variable("each", [channels, 1, 3, 3]), Variable("all", [channels, channels, 5, 1]));
            var (batch, few) = (Variable("batch", [channels, 3, 9, 9]), Variable("few", [6, 3, 3, 3]));
            var isExpected = whole && Vector512.IsHardwareAccelerated && Code.IsSupported;
            Assert.True(isExpected == IsOne(new Convolution(Window.Of(2, pad: 1), channels).Of(x, each), of), $"{name} with groups");
            Assert.True(isExpected == IsOne(new Convolution(Window.Of(2)).Of(x, all), of), name);
            Assert.True(isExpected == IsOne(new Convolution(Window.Of(2)).Of(batch, few), of), $"{name} with the batch last");
        }

        static bool IsOne(Node sums, Func<Node, Node, Node, Node, Node> of)
        {
            var y = of(sums, Variable("a", [sums.Shape[1], 1, 1]), Variable("b", [sums.Shape[1], 1, 1]), Variable("r", sums.Shape));
            return Cpu.Compile([y], [], Runs.Compiled).Steps
                .Any(step => step is PhasedStep && step.Text.Contains("then loop", StringComparison.Ordinal));
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

    private static Gen<Case> Of(int images, int groups, int sources, int targets) =>
        from height in Gen.Choose(3, images > 3 ? 9 : 20)
        from width in Gen.Choose(3, images > 3 ? 9 : 20)
        from stride in Gen.Choose(1, 2)
        from kernel in Gen.Elements(1, 3, 5)
        from loop in Gen.Choose(0, loops.Length - 1)
        from isBack in Gen.Elements(false, false, true)
        select new Case([images, groups * sources, height, width], groups, groups * targets, stride, kernel, loop, isBack);

    private static IEnumerable<int> Bits(Tensor tensor) =>
        tensor.ToSingles().Select(value => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value));

    private sealed record Case(Shape X, int Groups, int Targets, int Stride, int Kernel, int Loop, bool IsBack);
}
