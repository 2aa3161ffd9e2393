using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn.Tests;

/// <summary>A pool right behind the convolution that makes what it takes.</summary>
public class PooledTests
{
    // Few channels of many images, many channels of few, and those between that are done by Winograd's tiles and rows; windows
    // that lie apart and windows that overlap, heights that they divide and others.
    private static readonly Gen<(Shape X, int Targets, int Kernel, int Pool, int Step, int Activations)> cases =
        from of in Gen.Elements<(int Images, int Sources, int Targets)>((64, 1, 6), (32, 3, 5), (3, 16, 32), (2, 33, 40), (2, 64, 64), (1, 48, 16))
        from height in Gen.Choose(12, 50)
        from width in Gen.Choose(5, 30)
        from kernel in Gen.Elements(1, 3, 5)
        from pool in Gen.Choose(1, 4)
        from step in Gen.Choose(1, 4)
        from activations in Gen.Choose(0, 2)
        select (Shape.Of(of.Images, of.Sources, height, width), of.Targets, kernel, pool, step, activations);

    [Fact]
    public void Has_the_bits_of_a_pool_alone() => Law.ForAll(cases, at =>
    {
        var (x, w, bias) = (Variable("x", at.X), Variable("w", [at.Targets, at.X[1], at.Kernel, at.Kernel]), Variable("bias", [at.Targets, 1, 1]));
        var y = new Convolution(Window.Of(2, pad: at.Kernel / 2)).Of(x, w);
        y = at.Activations == 0 ? y : at.Activations == 1 ? Relu(y + bias) : Tanh(y * bias);
        Node[] variables = at.Activations == 0 ? [x, w] : [x, w, bias];
        var values = Runs.Uniform(variables);
        foreach (var pool in new Func<Node, Node>[] { of => MaxPool(of, at.Pool, at.Step), of => AvgPool(of, at.Pool, at.Step) })
        {
            // The image that a plan shows is the one that its pool takes.
            var shown = Cpu.Compile([y, pool(y)]).Values(values, [y], threads: 3)[0];
            var image = Variable("y", y.Shape);
            var (apart, behind) = (pool(image), pool(y));
            var alone = Cpu.Compile([apart]).Values(new Dictionary<Node, Tensor> { [image] = shown }, [apart])[0];
            var together = Cpu.Compile([behind]).Values(values, [behind], threads: 2)[0];
            Assert.Equal(Bits(alone), Bits(together));
        }
    }, 40);

    [Theory]
    [InlineData(64, 1, 6, 5)]
    [InlineData(2, 32, 32, 3)]
    [InlineData(4, 64, 64, 3)]
    [InlineData(4, 20, 40, 5)]
    [InlineData(2, 64, 96, 1)]
    public void Runs_in_the_pieces_of_its_maker(int images, int sources, int targets, int kernel)
    {
        var (x, w) = (Variable("x", [images, sources, 56, 56]), Variable("w", [targets, sources, kernel, kernel]));
        var y = Relu(new Convolution(Window.Of(2, pad: kernel / 2)).Of(x, w) * 2);
        Assert.Single(Cpu.Compile([MaxPool(y, 2)]).Steps, step => step is PooledStep);
        Assert.Single(Cpu.Compile([.. Gradient.Of(Sum(MaxPool(y, 2)), [w])]).Steps, step => step is PooledStep);
        Assert.DoesNotContain(Cpu.Compile([MaxPool(y, 3, 2)]).Steps, step => step is PooledStep);
    }

    private static IEnumerable<int> Bits(Tensor tensor) => tensor.ToSingles().Select(BitConverter.SingleToInt32Bits);
}
