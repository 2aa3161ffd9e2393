using Xunit.Abstractions;

namespace OnnxTests;

/// <summary>ONNX's own test suite: each case agrees, or is in the list of what is not read.</summary>
public sealed class SuiteTests(ITestOutputHelper output)
{
    [SuiteFact]
    public void Cases_agree_by_the_meaning_of_ops() => Run(false, (graph, values) => Reference.Run([.. graph.Outputs.Select(o => o.Node)], values));

    [SuiteFact]
    public void Cases_agree_when_compiled() => Run(true, (graph, values) => Cpu.Run([.. graph.Outputs.Select(o => o.Node)], values));

    private void Run(bool isCompiled, Func<OnnxGraph, IReadOnlyDictionary<Node, Tensor>, IReadOnlyList<Tensor>> run)
    {
        var listed = NotRead(isCompiled);
        var (passed, wrong) = (0, new List<string>());
        foreach (var name in TestData.Cases)
        {
            var trouble = Trouble(name, run);
            passed += trouble is null ? 1 : 0;
            if (trouble is null == listed.Contains(name))
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

    /// <summary>The cases in the list. A line ends with a colon and is a reason, or holds cases of the last
    /// one.</summary>
    private static HashSet<string> NotRead(bool isCompiled)
    {
        var (cases, reason) = (new HashSet<string>(), "");
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "not-read.txt")).Where(line => line.Length > 0 && line[0] != '#'))
        {
            reason = line[^1] == ':' ? line : reason;
            if (line[^1] != ':' && (isCompiled || !reason.StartsWith("only compiled", StringComparison.Ordinal)))
            {
                cases.UnionWith(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            }
        }

        return cases;
    }
}

/// <summary>A test that needs ONNX's test suite.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SuiteFactAttribute : FactAttribute
{
    public SuiteFactAttribute() => Skip = TestData.IsHere ? null : "ONNX's test suite (libonnx-testdata) is not installed";
}
