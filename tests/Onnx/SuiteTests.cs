using Xunit.Abstractions;

namespace OnnxTests;

/// <summary>ONNX's own test suite: each case agrees, or is in the list of what is not read.</summary>
public sealed class SuiteTests(ITestOutputHelper output)
{
    [SuiteFact]
    public void Cases_agree_by_the_meaning_of_ops() => Run((graph, values) => Reference.Run([.. graph.Outputs.Select(o => o.Node)], values));

    [SuiteFact]
    public void Cases_agree_when_compiled() => Run((graph, values) => Cpu.Run([.. graph.Outputs.Select(o => o.Node)], values));

    private void Run(Func<OnnxGraph, IReadOnlyDictionary<Node, Tensor>, IReadOnlyList<Tensor>> run)
    {
        var listed = NotRead();
        var (passed, wrong) = (0, new List<string>());
        foreach (var name in TestData.Cases)
        {
            var trouble = Trouble(name, run);
            passed += trouble is null ? 1 : 0;
            if (trouble is null == listed.ContainsKey(name))
            {
                wrong.Add($"{name}\t{trouble ?? "passes, but is in the list"}");
            }
        }

        output.WriteLine($"{passed} cases agree, {listed.Count} are not read");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {passed + listed.Count}:\n{string.Join("\n", wrong)}");
    }

    private static string? Trouble(string name, Func<OnnxGraph, IReadOnlyDictionary<Node, Tensor>, IReadOnlyList<Tensor>> run)
    {
        try
        {
            TestData.Check(name, run);
            return null;
        }
        catch (Exception error)
        {
            return $"{error.GetType().Name}: {error.Message}".ReplaceLineEndings(" ");
        }
    }

    private static Dictionary<string, string> NotRead() => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "not-read.txt"))
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
        .SelectMany(parts => parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => (Name: name, Reason: parts[0])))
        .ToDictionary(pair => pair.Name, pair => pair.Reason);
}

/// <summary>A test that needs ONNX's test suite.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SuiteFactAttribute : FactAttribute
{
    public SuiteFactAttribute() => Skip = TestData.IsHere ? null : "ONNX's test suite (libonnx-testdata) is not installed";
}
