// Networks of 56 layers, plain and residual: how large the gradient of each layer's weights is, and what they learn.
using System.Collections.Immutable;

var digits = Datasets.Digits().Train.Take(768);
(string Name, Layer Net)[] networks =
[
    ("plain", Network()),
    ("residual", Network(residual: true)),
    ("plain, norm", Network(norm: true)),
    ("residual, norm", Network(residual: true, norm: true)),
];
var columns = networks.Select(network => Observe(network.Name, network.Net)).ToList();

Console.WriteLine($"\n‖dw‖ before and after   {string.Concat(columns.Select(column => $"{column.Name,18}"))}");
foreach (var i in (int[])[0, 9, 18, 27, 36, 45, 54, 55])
{
    var cells = columns.Select(column => $"{column.Before[i]:0.0e0} {column.After[i]:0.0e0}");
    Console.WriteLine($"layer {i + 1,2}                {string.Concat(cells.Select(cell => $"{cell,18}"))}");
}

Console.WriteLine($"loss after 2 epochs     {string.Concat(columns.Select(column => $"{column.Last.Loss,18:0.000}"))}");
Console.WriteLine($"accuracy                {string.Concat(columns.Select(column => $"{column.Last.Accuracy,18:0.000}"))}");

// The network of K. He et al. (2015), section 4.2, with and without its shortcuts and its batch norms.
static Layer Network(bool residual = false, bool norm = false)
{
    Layer Conv(int filters, int stride = 1) =>
        Conv2D(filters, 3, 1, stride, bias: !norm) >> (norm ? BatchNorm() : Identity);
    Layer Block(int filters, int stride = 1)
    {
        var body = Conv(filters, stride) >> Relu >> Conv(filters);
        return (residual ? Residual(body, stride == 1 ? null : Layer.Of(Models.Subsampled)) : body) >> Relu;
    }

    return Conv(16) >> Relu
        >> Repeat(9, Block(16))
        >> Block(32, stride: 2) >> Repeat(8, Block(32))
        >> Block(64, stride: 2) >> Repeat(8, Block(64))
        >> GlobalAvgPool >> Dense(10);
}

Column Observe(string name, Layer net)
{
    var first = net.Build([1, 1, 28, 28]).Init(Key.Of(0));
    var trained = net.Fit(digits, SoftmaxCrossEntropy, Adam(3e-3), epochs: 2, batch: 32, start: first,
        schedule: Schedules.WarmUp(0.1, Schedules.Constant));
    Console.WriteLine($"{name}: {string.Join("; ", trained.History)}");
    return new(name, GradientNorms(net, first), GradientNorms(net, trained.Weights), trained.History[^1]);
}

// The gradient is a graph like any other: its norms are nodes too.
ImmutableArray<double> GradientNorms(Layer net, Weights weights)
{
    var batch = digits.Take(32);
    var model = net.Build(batch.Images.Shape, Mode.Train);
    var labels = Variable("labels", batch.Labels.Shape, Kind.Index);
    var kernels = model.Parameters.Where(parameter => parameter.Shape.Rank > 1).Select(parameter => parameter.Variable);
    var gradients = Gradient.Of(SoftmaxCrossEntropy(model.Output, labels), [.. kernels]);
    var values = model.Bind(weights).Append((model.Input, batch.Images)).Append((labels, batch.Labels));
    var norms = Cpu.Run([.. gradients.Select(dw => Sqrt(Sum(Square(dw))))], values.ToDictionary());
    return [.. norms.Select(norm => norm.Scalar)];
}

internal sealed record Column(string Name, ImmutableArray<double> Before, ImmutableArray<double> After, EpochResult Last);
