using System.Text.RegularExpressions;

namespace FacadeTests;

/// <summary>The pictures of docs/pictures.md.</summary>
public class GalleryTests
{
    private static double Noise(int i) => Math.Sin(i * 12.9898) * 43758.5453 % 1;

    /// <summary>LeNet-5 after a short training; with the same bits on every machine.</summary>
    private static readonly Lazy<Trained> Lenet = new(() => Models.LeNet5.Fit(Datasets.Digits().Train.Take(1500),
        SoftmaxCrossEntropy, Optimizers.Adam(1e-3), epochs: 6, validation: Datasets.Digits().Test.Take(500)));

    [Fact]
    public void Training_of_a_network()
    {
        Drawn.Matches("loss.svg", Chart.Loss(Lenet.Value.History).WithTitle("LeNet-5 on 1,500 digits").WithYTitle("cross-entropy (nats)").WithLogY().ToPicture());
        Drawn.Matches("accuracy.svg", Chart.Accuracy(Lenet.Value.History).WithTitle("LeNet-5 on 1,500 digits").ToPicture());
        Drawn.Matches("confusion.svg", Chart.Confusion(Lenet.Value.Evaluate(Datasets.Digits().Test).Confusion).ToPicture());
        Drawn.Matches("rates.svg", Chart.Plot(
            Chart.LearningRate(Schedules.WarmUp(0.1, Schedules.Cosine), 1e-3, "warm-up, cosine"),
            Chart.LearningRate(Schedules.Steps(0.1, 0.5, 0.75), 1e-3, "steps"),
            Chart.LearningRate(Schedules.OneCycle(), 1e-3, "one cycle")).ToPicture());
    }

    [Fact]
    public void What_a_network_sees()
    {
        var (model, weights, image) = (Models.LeNet5.Build([1, 1, 28, 28]), Lenet.Value.Weights, Datasets.Digits().Test.Images.Part(3));
        var label = Lenet.Value.Classify(image.Reshape([1, 1, 28, 28]))[0];
        Drawn.Matches("filters.svg", weights["conv1.weight"].DrawFilters());
        Drawn.Matches("maps.svg", Conv2D(image.Reshape([1, 1, 28, 28]), weights["conv1.weight"], padding: 2).Value.DrawMaps());
        Drawn.Matches("saliency.svg", Attribution.Saliency(model, weights, image, label).DrawOver(image));
        Drawn.Matches("guided.svg", Attribution.GuidedBackprop(model, weights, image, label).DrawOver(image));
        Drawn.Matches("grad-cam.svg", Attribution.GradCam(model, weights, image, label, "relu2").DrawOver(image));
    }

    [Fact]
    public void Bars()
    {
        var summary = Models.LeNet5.Summary([1, 28, 28]).Rows.Where(row => row.Parameters > 0).ToArray();
        Drawn.Matches("columns.svg", Chart.Column(summary.Select(row => row.Path), summary.Select(row => (double)row.Parameters))
            .WithTitle("LeNet-5").WithXTitle("layer").WithYTitle("parameters").WithLogY().ToPicture());
        Drawn.Matches("bars.svg", Chart.Bar(summary.Select(row => row.Path), summary.Select(row => row.MultiplyAdds / 1000.0))
            .WithTitle("LeNet-5").WithXTitle("multiply-adds (thousands)").WithYTitle("layer").ToPicture());
        Drawn.Matches("histogram.svg", Chart.Histogram(Models.LeNet5.Build([1, 1, 28, 28]).Init(Key.Of(1)).Values.Single(value => value.Shape == [120, 400]).ToDoubles())
            .WithTitle("dense1.weight before training").WithXTitle("weight").WithYTitle("weights").ToPicture());
    }

    [Fact]
    public void Matrices()
    {
        Drawn.Matches("scatter.svg", Chart.Plot(
            Chart.Scatter(Enumerable.Range(0, 60).Select(i => 2 + Noise(i)), Enumerable.Range(0, 60).Select(i => 1 + Noise(i + 99)), "cats"),
            Chart.Scatter(Enumerable.Range(0, 60).Select(i => 3 + Noise(i + 7)), Enumerable.Range(0, 60).Select(i => 2 + Noise(i + 55)), "dogs"))
            .WithTitle("two features").WithXTitle("weight (kg)").WithYTitle("height (dm)").ToPicture());
        Drawn.Matches("heatmap.svg", Chart.Heatmap(Tensor.From([6, 8], i => Math.Sin(i / 8 + i % 8 / 2.0)), name: "sin(row + column / 2)").WithTitle("a matrix").ToPicture());
    }

    [Fact]
    public void Tensors()
    {
        Drawn.Matches("numbers.svg", Tensor.From([2, 20, 15], i => Math.Sin(i)).DrawNumbers());
    }

    [Fact]
    public void Graphs()
    {
        var (x, w) = (Variable("x", [1, 1, 4, 4]), Variable("w", [1, 1, 3, 3]));
        Drawn.Matches("gradient.svg", new Graph(Gradient.Of(Sum(Square(Relu(Conv2D(x, w)))), w)).Simplify().Draw());
        Drawn.Matches("lenet5.svg", Training(Models.LeNet5, [64, 1, 28, 28]).Draw());
        Drawn.Matches("lenet5-nodes.svg", Training(Models.LeNet5, [64, 1, 28, 28]).Draw(depth: 0));
        Drawn.Matches("resnet50.svg", new Graph(Models.ResNet50.Build([1, 3, 224, 224]).Output).Draw());
    }

    [Fact]
    public void Each_picture_is_in_the_document_and_drawn_by_a_test()
    {
        var folder = Path.Combine(Drawn.Folder, "..");
        var shown = Regex.Matches(File.ReadAllText(Path.Combine(folder, "pictures.md")), @"\(pictures/([a-z0-9-]+\.svg)\)").Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(Directory.GetFiles(Drawn.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal), shown);
        Assert.All(shown, name => Assert.Contains($"Drawn.Matches(\"{name}\"", File.ReadAllText(Path.Combine(folder, "../tests/Facade/Pictures/GalleryTests.cs"))));
    }

    /// <summary>A classifier's loss and all gradients.</summary>
    internal static Graph Training(Layer layer, Shape input)
    {
        var model = layer.Build(input, Mode.Train);
        var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [model.Output.Shape[0]], Kind.Index));
        return new Graph([loss, .. Gradient.Of(loss, [.. model.Parameters.Select(p => p.Variable)])]).Simplify();
    }

    [Fact]
    public void Surfaces()
    {
        static Node Rosenbrock(Node w) => Square(1 - Slice(w, [0], [1])) + 10 * Square(Slice(w, [1], [1]) - Square(Slice(w, [0], [1])));
        Drawn.Matches("descent.svg", Chart.Plot(Chart.Contour(Rosenbrock, (-2, 2), (-1, 3)),
            Chart.Descent(Rosenbrock, (-1.5, 2.5), Optimizers.Sgd(0.002), 300), Chart.Descent(Rosenbrock, (-1.5, 2.5), Optimizers.Sgd(0.002, momentum: 0.9), 100),
            Chart.Descent(Rosenbrock, (-1.5, 2.5), Optimizers.Adam(0.1), 150)).WithTitle("three ways down Rosenbrock's valley").WithSize(640, 560).ToPicture());
    }

    [Fact]
    public void Windows()
    {
        var image = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
        var kernel = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
        Drawn.Matches("convolution.svg", Pictures.DrawConvolution(image, kernel));
        Drawn.Matches("convolution-gradient.svg", Pictures.DrawConvolutionGradient(Tensor.Of([[1, -1], [2, 0.5]]), kernel, [4, 4]));
        Drawn.Matches("max-pool.svg", Pictures.DrawPool(image, 2));
        Drawn.Matches("max-pool-gradient.svg", Pictures.DrawPoolGradient(image, Tensor.Of([[1, 2], [3, 4]]), 2));
    }

    [Fact]
    public void Mathematics()
    {
        var model = (Conv2D(3, 3) >> Relu >> MaxPool(2) >> Flatten >> Dense(3)).Build([2, 2, 6, 6]);
        var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [2], Kind.Index));
        Drawn.Matches("derivation.svg", Derivation.Of(loss, [.. model.Parameters.Select(parameter => parameter.Variable)]).Draw());
        Drawn.Matches("summary.svg", Models.LeNet5.Summary([1, 28, 28]).Draw());
    }
}
