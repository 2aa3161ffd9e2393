using Xunit.Abstractions;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

/// <summary>What the sources ask for and is tested nowhere else: in as few lines as its users need.</summary>
public sealed class ChecklistTests(ITestOutputHelper output)
{
    /// <summary>E2: the module of the PyTorch tutorial, a random weight and a bias that is broadcast.</summary>
    [Fact]
    public void E2_a_convolution_as_a_layer_of_ones_own()
    {
        var model = new Corr2D(2, 3).Build([5, 1, 6, 8]);
        Assert.Equal(["corr2D1.weight : [1, 1, 2, 3]", "corr2D1.bias : []"], model.Parameters.Select(p => $"{p.Name} : {p.Shape}"));
        var weights = model.Init(Key.Of(1)).With("corr2D1.bias", Tensor.Of(2));
        var images = Key.Of(2).Normal([5, 1, 6, 8]);
        Assert.Equal((Conv2D(images, weights["corr2D1.weight"]) + 2).Value, model.Run(weights, images));
    }

    /// <summary>D30: in frequencies a cross-correlation is a product, y = F⁻¹(F x · conj F w), where the kernel is filled up with
    /// zeros to the image's size; positions whose window stays inside see no wrap. F = C − iS as matrices.</summary>
    [Fact]
    public void D30_a_convolution_by_Fourier_transforms()
    {
        const int Rows = 9, Columns = 7;
        Node image = Key.Of(1).Normal([Rows, Columns]), kernel = Key.Of(2).Normal([3, 2]);
        static Node Wave(int n, Func<double, double> of) => Tensor.From([n, n], at => of(2 * Math.PI * (at / n) * (at % n) / n));
        var (c, s, d, t) = (Wave(Rows, Math.Cos), Wave(Rows, Math.Sin), Wave(Columns, Math.Cos), Wave(Columns, Math.Sin));
        (Node Re, Node Im) Transform(Node re, Node im, double sign) => (
            MatMul(MatMul(c, re) - sign * MatMul(s, im), d) - sign * MatMul(sign * MatMul(s, re) + MatMul(c, im), t),
            sign * MatMul(MatMul(c, re) - sign * MatMul(s, im), t) + MatMul(sign * MatMul(s, re) + MatMul(c, im), d));
        var (x, w) = (Transform(image, image * 0, -1), Transform(Pad(kernel, [0, 0], [Rows - 3, Columns - 2]), image * 0, -1));
        var y = Transform(x.Re * w.Re + x.Im * w.Im, x.Im * w.Re - x.Re * w.Im, 1).Re * (1.0 / (Rows * Columns));
        var inside = Slice(y, [0, 0], [Rows - 2, Columns - 1]).Value;
        var expected = Conv2D(Reshape(image, [1, 1, Rows, Columns]), Reshape(kernel, [1, 1, 3, 2])).Value;
        Assert.All(inside.ToDoubles().Zip(expected.ToDoubles()), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }

    /// <summary>D31: weights, error tensors and the positions of maxima are what a step keeps; the last two grow with the
    /// batch. The plan shares memory between them, and so needs less than their sum.</summary>
    [Fact]
    public void D31_what_limits_the_batch()
    {
        (long Weights, long Errors, long Positions, long Peak) Memory(int batch)
        {
            var model = Models.LeNet5.Build([batch, 1, 28, 28], Mode.Train);
            var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [batch], Kind.Index));
            var step = TrainingStep.Of(model, loss, Sgd(0.1));
            var nodes = new Graph([.. step.State.Select(state => state.Next)]).Nodes;
            return (4 * model.ParameterCount,
                nodes.Where(node => node.Origin?.Rule is not null && node.Kind == Kind.Real).Sum(node => 4 * node.Shape.Elements),
                nodes.Where(node => node.Op is MaxPoolIndices).Sum(node => 4 * node.Shape.Elements),
                Cpu.Compile([loss], step.State).PeakBytes(threads: 1));
        }

        var (one, many) = (Memory(1), Memory(64));
        output.WriteLine($"bytes of weights, errors, positions of maxima, and the plan's peak: {one} for 1 image, {many} for 64");
        Assert.Equal((4 * 61_706, 4 * (6 * 14 * 14 + 16 * 5 * 5)), (one.Weights, one.Positions));
        Assert.Equal((one.Weights, 64 * one.Positions), (many.Weights, many.Positions));
        Assert.InRange(many.Errors, 10 * one.Errors, 64 * one.Errors);
        Assert.InRange(many.Peak, many.Weights, many.Weights + many.Errors + many.Positions);
    }

    private sealed record Corr2D(int Height, int Width) : Layer
    {
        public override Node Apply(Scope scope, Node x) =>
            Conv2D(x, scope.Parameter("weight", [1, 1, Height, Width], Init.Uniform(0, 1))) + scope.Parameter("bias", [], Init.Zeros);
    }
}
