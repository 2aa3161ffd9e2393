using Xunit.Abstractions;

namespace OnnxTests;

/// <summary>Networks that PyTorch has exported, with what it computed: <c>name.onnx</c> beside <c>name.npz</c>, which
/// holds the inputs by their names, the output and, if there is one, the gradient of the sum of its squares to each parameter.
/// AUTODIFFCNN_ONNX names a folder with others; exported/make.py makes these.</summary>
public sealed class ExportedTests(ITestOutputHelper output)
{
    private const double Tolerance = 2e-5;

    private static string Folder => Environment.GetEnvironmentVariable("AUTODIFFCNN_ONNX") is { Length: > 0 } given
        ? given : Path.Combine(Checkout.Root, "tests/Onnx/Read/exported");

    [Fact]
    public void Networks_of_PyTorch_compute_the_same()
    {
        var failures = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Folder, "*.onnx").Order(StringComparer.Ordinal))
        {
            try
            {
                output.WriteLine($"{Path.GetFileName(file)}: {Difference(file):g2}");
            }
            catch (Exception error)
            {
                failures.Add($"{Path.GetFileName(file)}: {error.Message}");
            }
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    /// <summary>The largest difference to PyTorch, as a part of 1 + the largest value, with its bound.</summary>
    private static double Difference(string file)
    {
        var values = Npz.Read(Path.ChangeExtension(file, "npz"));
        var expected = values["output"];
        var shapes = values.Where(pair => pair.Key != "output" && !pair.Key.StartsWith("d/", StringComparison.Ordinal))
            .Select(pair => (pair.Key, pair.Value.Shape)).ToArray();
        var graph = Onnx.Read(file, shapes);
        Tensor[] inputs = [.. graph.Inputs.Select(input => values[input.Op.Name])];
        var y = graph.Outputs[0].Node;
        var wanted = graph.Initializers.Where(pair => values.ContainsKey("d/" + pair.Variable.Op.Name)).ToArray();
        Node[] nodes = [y, .. wanted.Length == 0 ? [] : Gradient.Of(Sum(Square(y)), [.. wanted.Select(pair => pair.Variable)])];
        Tensor[] right = [expected, .. wanted.Select(pair => values["d/" + pair.Variable.Op.Name])];
        string[] names = ["output", .. wanted.Select(pair => pair.Variable.Op.Name)];
        return Cpu.Run(nodes, graph.Bind(inputs)).Zip(right, names).Max(triple =>
        {
            Assert.Equal(triple.Second.Shape, triple.First.Shape);
            var distance = Written.Distance(triple.First, triple.Second);
            return distance <= Tolerance ? distance : throw new InvalidOperationException($"{triple.Third} is {distance:g3} off");
        });
    }
}
