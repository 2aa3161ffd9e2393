using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>A random network on images with 1 to 3 spatial axes: convolutions of few and many channels, grouped,
/// depthwise and dilated, pools, batch norm, branches that are added or joined, gates, cuts and borders, and the
/// gradients to all that varies.</summary>
internal sealed record RandomNetwork(Graph Graph, IReadOnlyDictionary<Node, Tensor> Values)
{
    public static Gen<RandomNetwork> All { get; } =
        from rank in Gen.Frequency((1, Gen.Constant(1)), (3, Gen.Constant(2)), (1, Gen.Constant(3)))
        from layers in Gen.Choose(2, 8)
        from picks in Gen.Choose(0, 1 << 20).ArrayOf(12 * layers)
        select new Builder(picks).Build(rank, layers);

    /// <inheritdoc/>
    public override string ToString() => Graph.Print();

    private sealed class Builder(int[] picks)
    {
        private const int MostElements = 6000;
        private readonly Dictionary<Node, Tensor> values = [];
        private readonly List<Node> images = [];
        private int pick;

        public RandomNetwork Build(int rank, int layers)
        {
            var x = Input("x", [Choose(1, 2), Choose(1, 3, 16), .. Shape.Repeat(rank == 3 ? 4 : 6, rank)]);
            images.Add(x);
            for (var i = 0; i < layers; i++)
            {
                var y = Layer(images[^Choose(1, 1, 1, Math.Min(2, images.Count))], $"p{i}");
                images.Add(y.Shape.Elements is > 0 and <= MostElements ? y : images[^1]);
            }

            var head = Choose(0, 1, 2) switch
            {
                0 => Dense(Flatten(images[^1]), Input("v", [3, (int)images[^1].Shape[1..].Elements])),
                1 => Dense(GlobalAveragePool(images[^1]), Input("v", [3, images[^1].Shape[1]])),
                _ => images[^1],
            };
            var loss = Sum(Square(head)) / head.Shape.Elements;
            Node[] varied = [.. values.Keys];
            var gradients = Gradient.Of(loss, varied);
            var next = varied.Zip(gradients, (w, dw) => w - 0.1 * dw);
            return new(new Graph([loss, images[^1], .. next]), values);
        }

        private Node Layer(Node x, string name) => Choose(0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10) switch
        {
            0 => Convolve(x, name),
            1 => Relu(x),
            2 => Tanh(x * Input($"{name}.scale", Shape.Repeat(1, x.Shape.Rank).With(1, x.Shape[1]))),
            3 => Normalised(x, name),
            4 => Pool(x, true),
            5 => Pool(x, false),
            6 => images.LastOrDefault(other => other != x && other.Shape == x.Shape) is { } other ? x + other : x - 0.5,
            7 => Joined(x),
            8 => x * Sigmoid(Reshape(Dense(GlobalAveragePool(x), Input($"{name}.gate", [x.Shape[1], x.Shape[1]])),
                x.Shape.Select((size, axis) => axis < 2 ? size : 1))),
            9 => Cut(x),
            _ => Odd(x, name),
        };

        private Node Convolve(Node x, string name)
        {
            var (rank, channels) = (x.Shape.Rank - 2, x.Shape[1]);
            var groups = Choose(1, 1, 1, channels % 2 == 0 ? 2 : 1, channels);
            var kernels = groups * (groups > 2 ? Choose(1, 2) : Choose(1, 2, 16 / groups, 17 / groups));
            var (kernel, dilation) = (Choose(1, 2, 3), Choose(1, 1, 2));
            var window = Window.Of(rank, Choose(1, 1, 2), dilation * (kernel - 1), dilation);
            var w = Input($"{name}.w", [kernels, channels / groups, .. Shape.Repeat(kernel, rank)]);
            return Tanh(new Convolution(window, groups).Of(x, w));
        }

        private Node Normalised(Node x, string name)
        {
            var across = Shape.Repeat(1, x.Shape.Rank).With(1, x.Shape[1]);
            var (mean, variance) = Moments(x, [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => axis != 1)]);
            var scale = Reshape(Input($"{name}.scale", [x.Shape[1]]), across);
            return BatchNorm(x, mean, variance, scale, Reshape(Input($"{name}.shift", [x.Shape[1]]), across), 0.1);
        }

        private Node Pool(Node x, bool largest)
        {
            var least = x.Shape.Skip(2).Min();
            var (kernel, stride) = (Math.Min(least, Choose(2, 3)), Choose(1, 2));
            var padding = least > 2 ? Choose(0, 1) : 0;
            return largest
                ? MaxPool(x, kernel, stride, padding)
                : AvgPool(x, kernel, stride, padding, ceil: Choose(0, 1) == 1);
        }

        private Node Joined(Node x) =>
            images.LastOrDefault(other => other.Shape.With(1, 0) == x.Shape.With(1, 0)) is { } other
                ? Concat(1, x, other) : Concat(Choose(0, 2), x, Relu(x));

        private Node Cut(Node x)
        {
            var axis = Choose([.. Enumerable.Range(0, x.Shape.Rank)]);
            return Choose(0, 1, 2) switch
            {
                0 when axis > 0 && x.Shape[axis] > 1 => Part(x, axis, 1, x.Shape[axis] - 1),
                1 => Reverse(x, [axis]),
                _ => Pad(x, Shape.Repeat(0, x.Shape.Rank).With(axis, axis == 0 ? 0 : 1), Shape.Repeat(0, x.Shape.Rank)),
            };
        }

        private Node Odd(Node x, string name) => Choose(0, 1, 2, 3, 4) switch
        {
            0 => x - Max(x, 1, keepDims: true),
            1 => Max(x, 2, keepDims: true) + x,
            2 => Transpose(Transpose(x, [.. Enumerable.Range(0, x.Shape.Rank).Reverse()]),
                [.. Enumerable.Range(0, x.Shape.Rank).Reverse()]) * Input($"{name}.plane", x.Shape[2..]),
            3 => Reshape(Reshape(x, [(int)x.Shape.Elements]), x.Shape) + Input($"{name}.image", x.Shape.With(0, 1)),
            _ => Where(Less(Uniform(x.Shape, Indices(Key.Of(1).ToTensor())), 0.7), x, 0),
        };

        private Node Input(string name, Shape shape)
        {
            var variable = Variable(name, shape);
            values[variable] = Key.Of(9).FoldIn(name).Uniform(shape, -1, 1).Map(v => (float)v);
            return variable;
        }

        private int Choose(params int[] from) => from[picks[pick++ % picks.Length] % from.Length];
    }
}
