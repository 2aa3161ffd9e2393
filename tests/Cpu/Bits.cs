using System.Diagnostics;
using System.Security.Cryptography;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>The same bits for any number of threads and any width of vectors.</summary>
public class Bits
{
    private const int Graphs = 60;

    public static async Task<int> Main(string[] arguments)
    {
        AppContext.SetSwitch("AutoDiffCnn.Interpret", arguments is [_, "interpret"]);
        AppContext.SetSwitch("AutoDiffCnn.Numerics.Fast", arguments is [_, "fast"]);
        if (arguments is [_, "fast"])
        {
            await Console.Out.WriteLineAsync(FastStep());
            return 0;
        }

        await Console.Out.WriteLineAsync(Hash(arguments is [var threads, ..] ? int.Parse(threads) : 1));
        return 0;
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_do_not_change_the_bits(int threads) => Assert.Equal(Hash(1), Hash(threads));

    [Theory]
    [InlineData("DOTNET_EnableAVX512", "0")]
    [InlineData("DOTNET_EnableAVX", "0")]
    [InlineData("DOTNET_EnableHWIntrinsic", "0")]
    public async Task Vector_widths_do_not_change_the_bits(string variable, string value) =>
        Assert.Equal(Hash(2), await Elsewhere(start => start.Environment[variable] = value));

    [Fact]
    public async Task Interpreted_kernels_give_the_same_bits() =>
        Assert.Equal(Hash(2), await Elsewhere(start => start.ArgumentList.Add("interpret")));

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", false)]
    public async Task Without_fused_products_sums_may_be_rounded_twice(string hasFused, bool fast) =>
        Assert.Equal($"fast: {fast}, agrees", await Elsewhere(start =>
        {
            start.Environment["DOTNET_EnableAVX"] = hasFused;
            start.ArgumentList.Add("fast");
        }));

    /// <summary>Whether sums are rounded twice here, and that a step is right all the same.</summary>
    private static string FastStep()
    {
        var (x, w, v) = (Variable("x", [2, 3, 12, 12]), Variable("w", [32, 3, 3, 3]), Variable("v", [48, 32, 3, 3]));
        var y = Mean(Gelu(Conv2D(Tanh(Conv2D(x, w, Same)), v, Same)));
        Node[] outputs = [y, .. Gradient.Of(y, [x, w, v])];
        var values = new[] { x, w, v }.ToDictionary(
            node => node, node => Key.Of(5).FoldIn(node.Op.Name).Normal(node.Shape).Map(value => 0.1 * value));
        Close.All(Reference.Run([.. outputs], values), [.. Run(outputs, values, 2)], 10 * Close.Bound);
        return $"fast: {Numerics.Fast}, agrees";
    }

    /// <summary>What <see cref="Main"/> prints in another process.</summary>
    private static async Task<string> Elsewhere(Action<ProcessStartInfo> change)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Bits).Assembly.Location, "2"]) { RedirectStandardOutput = true, UseShellExecute = false };
        change(start);
        using var process = Process.Start(start)!;
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return printed.Trim().Split('\n')[^1];
    }

    /// <summary>A hash over the values of random graphs and of a training step of a small network.</summary>
    private static string Hash(int threads)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Law.ForAll(RandomGraph.All, random => Append(Run([.. random.Graph.Outputs], random.Values, threads)), Graphs);
        var (x, w, v) = (Variable("x", [5, 3, 19, 23]), Variable("w", [7, 3, 3, 3]), Variable("v", [10, 7 * 9 * 11]));
        var loss = SoftmaxCrossEntropy(Dense(Flatten(MaxPool(Tanh(Conv2D(x, w, Same)), 2)), v), Indices(Tensor.Of([1, 2, 3, 4, 0])));
        var values = new[] { x, w, v }.ToDictionary(node => node, node => Key.Of(5).FoldIn(node.Op.Name).Normal(node.Shape));
        Append(Run([loss, .. Gradient.Of(loss, [x, w, v]), Transpose(x, [0, 2, 3, 1]), Transpose(Reshape(x, [437, 15])),
            Transpose(Reshape(x, [15, 437])), Transpose(Reshape(x, [2185, 3])), Transpose(v)], values, threads));
        foreach (var (m, k, n, ta, tb) in new[] { (20, 2100, 33, true, false), (200, 530, 90, false, true), (5, 300, 700, false, true) })
        {
            var (a, b) = (Variable("a", ta ? [k, m] : [m, k]), Variable("b", tb ? [n, k] : [k, n]));
            var sides = new[] { a, b }.ToDictionary(node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape));
            Append(Run([new MatMul(ta, tb).Of(a, b)], sides, threads));
        }

        // All kinds of convolutions: of few channels, of many, depthwise, by Winograd's tiles.
        var (image, few, deep) = (Variable("image", [16, 3, 20, 21]), Variable("few", [32, 3, 5, 5]), Variable("deep", [32, 1, 3, 3]));
        var (one, three) = (Variable("one", [40, 32, 1, 1]), Variable("three", [48, 32, 3, 3]));
        var body = Conv2D(Relu(Conv2D(image, few, Same)), deep, Same, groups: 32);
        var end = Sum(Square(Conv2D(MaxPool(body, 2), one))) + Sum(Square(Conv2D(body, three, Same)));
        values = new[] { image, few, deep, one, three }.ToDictionary(
            node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape).Map(value => 0.1 * value));
        Append(Run([end, .. Gradient.Of(end, [image, few, deep, one, three])], values, threads));

        // And by Winograd's tiles of few positions and many channels.
        var (small, dense) = (Variable("small", [3, 128, 13, 12]), Variable("dense", [144, 128, 3, 3]));
        values = new[] { small, dense }.ToDictionary(
            node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape).Map(value => 0.1 * value));
        end = Sum(Square(Conv2D(small, dense, Same)));
        Append(Run([end, .. Gradient.Of(end, [small, dense])], values, threads));

        // The same of channels that do not fill registers, and of fewer.
        var (uneven, sixty, back) = (Variable("uneven", [2, 44, 33, 32]), Variable("sixty", [60, 44, 3, 3]), Variable("back", [130, 125, 3, 3]));
        var thin = Variable("thin", [3, 125, 13, 12]);
        values = new[] { uneven, sixty, thin, back }.ToDictionary(
            node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape).Map(value => 0.1 * value));
        end = Sum(Square(Conv2D(uneven, sixty, Same))) + Sum(Square(Conv2D(thin, back, Same)));
        Append(Run([end, .. Gradient.Of(end, [uneven, sixty, thin, back])], values, threads));

        // By Winograd's rows: in steps of two from few channels, in steps of one from more.
        var (photo, seven, fives) = (Variable("photo", [2, 3, 39, 45]), Variable("seven", [33, 3, 7, 7]), Variable("fives", [40, 33, 5, 5]));
        values = new[] { photo, seven, fives }.ToDictionary(
            node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape).Map(value => 0.1 * value));
        end = Sum(Square(Conv2D(Conv2D(photo, seven, Same, stride: 2), fives, Same)));
        Append(Run([end, .. Gradient.Of(end, [photo, seven, fives])], values, threads));

        // Of channels a power of two apart.
        var (apart, each) = (Variable("apart", [1, 512, 5, 9]), Variable("each", [512, 1, 3, 3]));
        values = new[] { apart, each }.ToDictionary(node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape));
        end = Sum(Square(Conv2D(apart, each, Same, groups: 512)));
        Append(Run([end, .. Gradient.Of(end, [apart, each])], values, threads));

        // To few channels, from many.
        var (many, kernels) = (Variable("many", [2, 33, 9, 63]), Variable("kernels", [3, 33, 3, 5]));
        values = new[] { many, kernels }.ToDictionary(node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape));
        end = Sum(Square(Conv2D(many, kernels, Same)));
        Append(Run([end, .. Gradient.Of(end, [many, kernels])], values, threads));

        // In narrow groups, of as many channels as kernels and of fewer.
        var (grouped, eights, halves) = (Variable("grouped", [2, 40, 6, 9]), Variable("eights", [40, 8, 3, 3]), Variable("halves", [80, 2, 2, 3]));
        values = new[] { grouped, eights, halves }.ToDictionary(node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape));
        end = Sum(Square(Conv2D(grouped, eights, Same, groups: 5))) + Sum(Square(Conv2D(grouped, halves, stride: 2, groups: 20)));
        Append(Run([end, .. Gradient.Of(end, [grouped, eights, halves])], values, threads));

        // Of few channels, of a batch that does not fill its vectors.
        var (eleven, five) = (Variable("eleven", [11, 2, 9, 8]), Variable("five", [5, 2, 3, 3]));
        values = new[] { eleven, five }.ToDictionary(node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape));
        end = Sum(Square(Conv2D(eleven, five, Same))) + Sum(Square(Conv2D(eleven, five, stride: 2)));
        Append(Run([end, .. Gradient.Of(end, [eleven, five])], values, threads));

        // Along rows and beside them, powers, copies, positions, random numbers.
        var (rows, grid, key) = (Variable("rows", [37, 5, 70]), Variable("grid", [2, 9, 11, 2]), Indices(Key.Of(8).ToTensor()));
        var images = Reshape(Part(rows, 0, 0, 2), [2, 5, 7, 10]);
        Node[] along =
        [
            CumSum(rows, 2), new CumSum(1, FromEnd: true).Of(rows), Prod(rows, 2), Prod(rows, 1), Prod(Reshape(rows, [370, 35]), 1),
            Prod(Reshape(rows, [259, 50]), 1), Prod(images, 3), Pow(Abs(rows), 2.5),
            Pow(rows, 3), Roll(rows, 11, 2), Pad(rows, [1, 2, 3], [3, 2, 1], PadMode.Reflect), Uniform([777], key), Normal([777], key),
            GridSample(images, grid, ResizeMode.Cubic), GridSample(images, grid, ResizeMode.Linear, PadMode.Edge),
            Resize(images, [9, 23], ResizeMode.Cubic), Resize(images, [5, 37]), AdaptiveAvgPool(images, [3, 4]), AdaptiveMaxPool(images, [3, 4]),
            Resize(Reshape(rows, [1, 37, 5, 70]), [3, 105], ResizeMode.Linear), Resize(Reshape(rows, [1, 37, 5, 70]), [5, 33]),
            Stack(3, rows, Sin(rows)), Stack(3, rows, Sin(rows), Relu(rows)), Stack(3, rows, Sin(rows), Relu(rows), -rows, rows * rows),
        ];
        var ends = along.Where(node => node.Inputs.Any(input => input.Kind == Kind.Real)).Select(node => Sum(Square(node))).Aggregate((sum, part) => sum + part);
        values = new[] { rows, grid }.ToDictionary(node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape));
        Append(Run([.. along, .. Gradient.Of(ends, [rows, grid])], values, threads));

        // Pools of several pieces, whose windows overlap, jump and leave gaps.
        var wide = Variable("wide", [6, 5, 61, 70]);
        Node[] pools = [MaxPool(wide, 3, stride: 2, padding: 1), MaxPool(wide, 2), AvgPool(wide, 3, stride: 1, padding: 1), AvgPool(wide, 2, stride: 3)];
        var all = pools.Select(pool => Sum(Square(pool))).Aggregate((sum, part) => sum + part);
        values = new Dictionary<Node, Tensor> { [wide] = Key.Of(7).Normal(wide.Shape) };
        Append(Run([.. pools, Gradient.Of(all, wide)], values, threads));

        // And all of few channels, with the batch last.
        var (digits, first, second) = (Variable("digits", [32, 1, 28, 27]), Variable("first", [6, 1, 5, 5]), Variable("second", [16, 6, 5, 5]));
        var score = Sum(Square(Conv2D(MaxPool(Relu(Conv2D(digits, first, Same)), 2), second)));
        values = new[] { digits, first, second }.ToDictionary(
            node => node, node => Key.Of(7).FoldIn(node.Op.Name).Normal(node.Shape).Map(value => 0.1 * value));
        Append(Run([score, .. Gradient.Of(score, [digits, first, second])], values, threads));
        return Convert.ToHexString(hash.GetHashAndReset());

        void Append(IEnumerable<Tensor> tensors)
        {
            foreach (var value in tensors.SelectMany(tensor => tensor.ToSingles()))
            {
                // One NaN is as good as another: which bits it carries, processors decide.
                hash.AppendData(BitConverter.GetBytes(float.IsNaN(value) ? float.NaN : value));
            }
        }
    }

    private static IEnumerable<Tensor> Run(Node[] outputs, IReadOnlyDictionary<Node, Tensor> values, int threads)
    {
        using var session = Cpu.Compile(outputs).Start(threads);
        foreach (var (variable, value) in values)
        {
            session.Set(variable, value);
        }

        session.Run();
        return [.. outputs.Select(session.Get)];
    }
}
