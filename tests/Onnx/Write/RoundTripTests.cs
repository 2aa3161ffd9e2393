using FsCheck;
using FsCheck.Fluent;

namespace OnnxTests;

/// <summary>What is written means the same in the runtime, and when it is read again.</summary>
public sealed class RoundTripTests
{
    // Constants are in single precision, 6e-8, and what cancels, such as e^x − 1, is written as a formula that does not.
    private const double Tolerance = 1e-5;

    // Up to fifteen ops of single precision after each other, some of which divide by what is small.
    private const double ToleranceOfRuntime = 2e-4;

    private static readonly Gen<RandomGraph> graphs = RandomGraph.Of([.. OpTable.Rows.Where(row => !OpTests.IsRandom(row.Op))]);

    [Fact]
    public void A_random_graph_comes_back() => Law.ForAll(graphs, random =>
    {
        var graph = Named(random);
        var again = Read(graph);
        Assert.Equal(graph.Outputs.Select(output => (output.Name, output.Node.Shape)), again.Outputs.Select(output => (output.Name, output.Node.Shape)));
        var values = random.Values.ToDictionary(pair => pair.Key.Op.Name, pair => pair.Value);
        var results = Reference.Run([.. again.Outputs.Select(output => output.Node)], again.Inputs.ToDictionary(input => input, input => values[input.Op.Name]));
        foreach (var ((name, given), right) in again.Outputs.Select(output => output.Name).Zip(results).Zip(random.Run()))
        {
            Assert.True(Written.Distance(given, right) <= Tolerance, $"{name}: {given}, not {right}");
        }
    });

    [RuntimeFact]
    public void A_random_graph_means_the_same_in_the_runtime()
    {
        var cases = Law.Sample(graphs, 60).Select((random, i) =>
            new Trial($"graph {i}:\n{random}", Named(random), [.. random.Values.Select(pair => (pair.Key, Written.Single(pair.Value)))])).ToArray();
        var failures = Written.Failures(cases, ToleranceOfRuntime);
        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    [Fact]
    public void A_network_comes_back_with_its_weights()
    {
        var model = Models.LeNet5.Build([2, 1, 28, 28]);
        var weights = model.Init(Key.Of(1));
        var again = Read(OnnxGraph.Of(model, weights));
        Assert.Equal(weights.Sha256(), new Weights(again.Initializers.Select(pair => KeyValuePair.Create(pair.Variable.Op.Name, pair.Value))).Sha256());
        var x = Key.Of(2).Normal([2, 1, 28, 28]);
        var scores = Reference.Run(again.Outputs[0].Node, [.. again.Initializers, (again.Inputs[0], x)]);
        Assert.True(Written.Distance(scores, model.Run(weights, x)) <= 1e-12);
    }

    private static OnnxGraph Named(RandomGraph random) => OnnxGraph.Of([.. random.Graph.Outputs.Select((output, i) => ($"y{i}", output))]);

    private static OnnxGraph Read(OnnxGraph graph) => Onnx.Read(new MemoryStream(Written.Bytes(graph)), "written.onnx");
}
