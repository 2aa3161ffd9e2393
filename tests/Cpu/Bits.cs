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
        await Console.Out.WriteLineAsync(Hash(arguments is [var threads] ? int.Parse(threads) : 1));
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
    public async Task Vector_widths_do_not_change_the_bits(string variable, string value)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Bits).Assembly.Location, "2"]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        var printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(Hash(2), printed.Trim().Split('\n')[^1]);
    }

    /// <summary>A hash over the values of random graphs and of a training step of a small network.</summary>
    private static string Hash(int threads)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Law.ForAll(RandomGraph.All, random => Append(Run([.. random.Graph.Outputs], random.Values, threads)), Graphs);
        var (x, w, v) = (Variable("x", [5, 3, 19, 23]), Variable("w", [7, 3, 3, 3]), Variable("v", [10, 7 * 9 * 11]));
        var loss = SoftmaxCrossEntropy(Dense(Flatten(MaxPool(Tanh(Conv2D(x, w, Same)), 2)), v), Indices(Tensor.Of([1, 2, 3, 4, 0])));
        var values = new[] { x, w, v }.ToDictionary(node => node, node => Key.Of(5).FoldIn(node.Op.Name).Normal(node.Shape));
        Append(Run([loss, .. Gradient.Of(loss, [x, w, v])], values, threads));
        foreach (var (m, k, n, ta, tb) in new[] { (20, 2100, 33, true, false), (200, 530, 90, false, true), (5, 300, 700, false, true) })
        {
            var (a, b) = (Variable("a", ta ? [k, m] : [m, k]), Variable("b", tb ? [n, k] : [k, n]));
            var sides = new[] { a, b }.ToDictionary(node => node, node => Key.Of(6).FoldIn(node.Op.Name).Normal(node.Shape));
            Append(Run([new MatMul(ta, tb).Of(a, b)], sides, threads));
        }

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
