namespace FacadeTests;

/// <summary>The printed graphs of LeNet-5: a refactoring must leave them as they are, and who changes a rule sees
/// what it does.</summary>
public class SnapshotTests
{
    [Fact]
    public void The_forward_graph_of_LeNet5() =>
        Matches("lenet5-forward.txt", new Graph(Models.LeNet5.Build([64, 1, 28, 28]).Output));

    [Fact]
    public void The_backward_graph_of_LeNet5()
    {
        var model = Models.LeNet5.Build([64, 1, 28, 28], Mode.Train);
        var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [64], Kind.Index));
        Matches("lenet5-backward.txt", new Graph([loss, .. Gradient.Of(loss, [.. model.Parameters.Select(p => p.Variable)])]).Simplify());
    }

    private static void Matches(string file, Graph graph)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Snapshots", file);
        var printed = Verify.Check(graph).Print() + "\n";
        Assert.True(File.Exists(path), $"{path} is missing; the graph prints as\n{printed}");
        Assert.Equal(File.ReadAllText(path), printed);
    }
}
