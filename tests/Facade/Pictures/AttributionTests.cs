namespace FacadeTests;

public class AttributionTests
{
    private static readonly Layer Net = Conv2D(3, 3) >> Relu >> Conv2D(2, 2) >> Relu >> GlobalAvgPool >> Dense(4);
    private static readonly Model Built = Net.Build([1, 2, 6, 5]);
    private static readonly Weights Given = Built.Init(Key.Of(4));
    private static readonly Tensor Image = Tensor.From([2, 6, 5], i => Math.Sin(i * 1.7) + 0.3);

    [Fact]
    public void Saliency_is_the_gradient_of_the_score()
    {
        const double Step = 1e-6;
        for (var label = 0; label < 4; label++)
        {
            var saliency = Attribution.Saliency(Built, Given, Image, label);
            Assert.Equal(Image.Shape, saliency.Shape);
            for (var i = 0; i < Image.Count; i++)
            {
                double Score(double change) => Built.Run(Given, Tensor.From([1, .. Image.Shape], j => Image.At(j) + (i == j ? change : 0))).At(label);
                Assert.Equal((Score(Step) - Score(-Step)) / (2 * Step), saliency.At(i), 1e-5);
            }
        }
    }

    [Fact]
    public void Grad_cam_is_its_formula()
    {
        // By hand: relu(0.5 x) and relu(-x + 1) are the maps of a 1 x 1 convolution, the score is 3 mean(map 0) - 2 mean(map 1).
        var net = Conv2D(2, 1) >> Relu >> GlobalAvgPool >> Dense(1);
        var model = net.Build([1, 1, 2, 2]);
        var weights = new Weights(
        [
            new("conv1.weight", Tensor.Of([2, 1, 1, 1], (ReadOnlySpan<double>)[0.5, -1])), new("conv1.bias", Tensor.Of([0, 1])),
            new("dense1.weight", Tensor.Of([[3, -2]])), new("dense1.bias", Tensor.Of([0.25])),
        ]);
        var image = Tensor.Of([1, 2, 2], (ReadOnlySpan<double>)[4, -2, 0, 1]);

        // Maps of relu1: [2, 0, 0, 0.5] and [0, 3, 1, 0]; alpha: 3/4 and -2/4, since the mean is over four places.
        var cam = Attribution.GradCam(model, weights, image, 0, "relu1");
        Assert.Equal([2, 2], cam.Shape);
        Assert.Equal([0.75 * 2, 0, 0, 0.75 * 0.5], cam.ToDoubles());
        Assert.Equal(cam, Attribution.GradCam(model, weights, image, 0));

        // Of conv1, before the relu: maps [2, -1, 0, 0.5] and [-3, 3, 1, 0]. The gradient is 3/4 at places 0 and 3 (relu > 0) and
        // -2/4 at places 1 and 2: alpha = 3/8 and -2/8.
        var before = Attribution.GradCam(model, weights, image, 0, "conv1").ToDoubles();
        double[] hand = [3.0 / 8 * 2 + 2.0 / 8 * 3, 0, 0, 3.0 / 8 * 0.5];
        Assert.All(hand.Zip(before), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void Guided_backprop_lets_only_what_raises_the_score_through_each_relu()
    {
        var x = Variable("x", [1, 3]);
        var model = Layer.Of(v => MatMul(Relu(MatMul(v, Tensor.Of([[1, -1, 2], [2, 1, -1], [-1, 1, 1]]))), Tensor.Of([[1], [-1], [1]]))).Build([1, 3]);
        var image = Tensor.Of([1, 2, 0.5]);

        // z = x W = [4.5, 1.5, 0.5]: all relus are open. dy = [1, -1, 1] becomes [1, 0, 1] and not [1, -1, 1].
        Assert.Equal([1 + 2, 2 - 1, -1 + 1], Attribution.GuidedBackprop(model, new Weights([]), image, 0).ToDoubles());
        Assert.Equal([1 + 1 + 2, 2 - 1 - 1, -1 - 1 + 1], Attribution.Saliency(model, new Weights([]), image, 0).ToDoubles());
    }

    [Fact]
    public void Without_relus_guided_backprop_is_the_gradient()
    {
        var model = (Conv2D(2, 3) >> Tanh >> GlobalAvgPool).Build([1, 2, 6, 5]);
        var weights = model.Init(Key.Of(1));
        Assert.Equal(Attribution.Saliency(model, weights, Image, 1), Attribution.GuidedBackprop(model, weights, Image, 1));
    }

    [Fact]
    public void Overlays_are_pictures()
    {
        foreach (var map in (Tensor[])[Tensor.Fill([2, 2], 0), Tensor.From([3, 4, 5], i => i % 7 == 0 ? double.NaN : i - 20), Tensor.Of([[double.PositiveInfinity]])])
        {
            Assert.Equal(3, Drawn.All(Drawn.Check(map.DrawOver(Tensor.From([3, 12, 10], i => i / 100.0 - 0.5))), "image").Count());
        }
    }

    [Fact]
    public void Errors_say_what_would_fit()
    {
        Assert.Equal("there is no class 4: the model has 4. (Parameter 'label')",
            Assert.Throws<ArgumentException>(() => Attribution.Saliency(Built, Given, Image, 4)).Message);
        Assert.Equal("Attribution.GradCam: there is no layer conv9 that gives images; there are conv1, relu1, conv2, relu2. (Parameter 'layer')",
            Assert.Throws<ArgumentException>(() => Attribution.GradCam(Built, Given, Image, 1, "conv9")).Message);
        Assert.Equal("a model from [2, 2, 6, 5] to [2, 4] in Mode.Eval gives no scores for one image: build it with [1, …] for use. (Parameter 'model')",
            Assert.Throws<ArgumentException>(() => Attribution.Saliency(Net.Build([2, 2, 6, 5]), Given, Image, 1)).Message);
        Assert.Equal("Attribution on [2, 5, 6]: the model is for images of [2, 6, 5].\nPossible: an image of [2, 6, 5]",
            Assert.Throws<ShapeError>(() => Attribution.Saliency(Built, Given, Image.Reshape([2, 5, 6]), 1)).Message.TrimEnd('.'));
    }

    [Fact]
    public void A_summary_is_a_table_in_three_ways()
    {
        var summary = (Conv2D(6, 5) >> Flatten >> Named("<b>", Dense(3))).Summary([1, 8, 8]);
        Assert.Contains("<b>", Drawn.Texts(Drawn.Check(summary.Draw())));
        Assert.Contains("<td>&lt;b&gt;</td>", summary.ToHtml());
        Assert.Equal(summary.Rows.Length + 3, System.Xml.Linq.XDocument.Parse(summary.ToHtml()).Descendants("tr").Count());
    }
}
