using Google.Protobuf;

namespace OnnxTests;

/// <summary>Random nodes mean here what they mean in ONNX Runtime.</summary>
public sealed class RandomTests
{
    private const int CasesOfEach = 60;
    private const double Tolerance = 2e-5;

    [RuntimeFact]
    public void Random_nodes_mean_the_same_in_the_runtime() => Scratch.In(folder =>
    {
        var cases = new List<Made>();
        foreach (var operators in RandomOperators.All.Values)
        {
            Law.ForAll(operators, cases.Add, CasesOfEach);
        }

        var files = cases.Select((_, i) => Path.Combine(folder, $"{i}.onnx")).ToArray();
        foreach (var (file, made) in files.Zip(cases))
        {
            File.WriteAllBytes(file, made.Model.ToByteArray());
        }

        var answers = Runtime.Run([.. cases.Zip(files, (made, file) => new Task(file, [[.. Variables(made)]]))]);
        var failures = cases.Zip(answers).Select(pair => (Made: pair.First, Trouble: Trouble(pair.First, pair.Second))).Where(pair => pair.Trouble is not null).ToArray();
        Assert.True(failures.Length == 0, $"{failures.Length} of {cases.Count}:\n{string.Join("\n", failures.Take(60).Select(each => $"{each.Trouble}: {each.Made}"))}");
        Assert.True(answers.Count(answer => answer.Error is null) > 0.9 * cases.Count, $"the runtime refuses {answers.Count(answer => answer.Error is not null)} of {cases.Count}");
    });

    private static IEnumerable<(Node, Tensor)> Variables(Made made) =>
        made.Inputs.Select((value, i) => (Variable(made.Model.Graph.Input[i].Name, value.Shape), value));

    /// <summary>What is wrong with a case; nothing if it agrees, or if the runtime refuses it.</summary>
    private static string? Trouble(Made made, Answer answer)
    {
        if (answer.Error is not null)
        {
            return null;
        }

        try
        {
            var graph = Files.Read(made.Model);
            var results = Reference.Run([.. graph.Outputs.Select(output => output.Node)], graph.Bind(made.Inputs));
            return graph.Outputs.Zip(results).Select(pair => Difference(pair.First.Name, answer.Runs[0][pair.First.Name], pair.Second)).FirstOrDefault(text => text is not null);
        }
        catch (Exception error) when (error is OnnxError or ShapeError)
        {
            return error.Message;
        }
    }

    private static string? Difference(string name, Tensor expected, Tensor actual) =>
        expected.Shape != actual.Shape ? $"{name} has {actual.Shape}, the runtime {expected.Shape}"
        : Written.Distance(actual, expected) is var distance && distance <= Tolerance ? null
        : $"{name} is {distance:g2} off";
}
