namespace AutoDiffCnn.Tests;

/// <summary>A batch of gradients, compiled.</summary>
public class VmapTests
{
    private const int Batch = 4;

    [Fact]
    public void Gradients_of_LeNet5_by_single_examples_are_those_of_the_loop()
    {
        (string Name, Shape Shape)[] parameters =
        [
            ("conv1.weight", [6, 1, 5, 5]), ("conv1.bias", [6]), ("conv2.weight", [16, 6, 5, 5]), ("conv2.bias", [16]),
            ("dense1.weight", [120, 400]), ("dense1.bias", [120]), ("dense2.weight", [84, 120]), ("dense2.bias", [84]),
            ("dense3.weight", [10, 84]), ("dense3.bias", [10]),
        ];
        var p = parameters.Select(parameter => Variable(parameter.Name, parameter.Shape)).ToArray();
        Node Loss(Node image, Node label)
        {
            var x = MaxPool(Relu(Conv2D(Reshape(image, [1, 1, 28, 28]), p[0], Same) + Reshape(p[1], [6, 1, 1])), 2);
            x = Flatten(MaxPool(Relu(Conv2D(x, p[2]) + Reshape(p[3], [16, 1, 1])), 2));
            x = Relu(Dense(x, p[4]) + p[5]);
            x = Relu(Dense(x, p[6]) + p[7]);
            var scores = Reshape(Dense(x, p[8]) + p[9], [10]);
            return LogSumExp(scores, 0) - Sum(scores * OneHot(label, 10));
        }

        var (images, labels) = (Variable("images", [Batch, 1, 28, 28]), Variable("labels", [Batch], Kind.Index));
        var values = p.ToDictionary(node => node, node => Close.Rounded(
            Key.Of(1).FoldIn(node.Op.Name).Normal(node.Shape).Map(value => value / Math.Sqrt(node.Shape[1..].Elements))));
        values[images] = Close.Rounded(Key.Of(2).Normal(images.Shape));
        values[labels] = Tensor.Of([3, 0, 9, 3]);
        Node[] all = [.. p.Select(w => Vmap((image, label) => Gradient.Of(Loss(image, label), w))(images, labels))];
        var results = Cpu.Run(all, values);

        var (image, label) = (Variable("image", [1, 28, 28]), Variable("label", [], Kind.Index));
        using var loop = Cpu.Compile(Gradient.Of(Loss(image, label), p)).Start(1);
        foreach (var w in p)
        {
            loop.Set(w, values[w]);
        }

        for (var i = 0; i < Batch; i++)
        {
            loop.Set(image, Tensor.From(image.Shape, j => values[images].At(i * 784 + j)));
            loop.Set(label, Tensor.Of(values[labels].At(i)));
            loop.Run();
            for (var k = 0; k < p.Length; k++)
            {
                var (one, count) = (loop.Get(loop.Plan.Outputs[k]), (int)p[k].Shape.Elements);
                Close.All(one, Tensor.From(p[k].Shape, j => results[k].At(i * count + j)), 1e-4);
            }
        }
    }
}
