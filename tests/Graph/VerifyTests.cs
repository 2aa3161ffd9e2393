namespace AutoDiffCnn.Tests.Graphs;

public class VerifyTests
{
    /// <summary>An op that changes its mind: what an error in a rewrite or in someone's rule looks like from
    /// outside.</summary>
    private sealed record Fickle : Op1
    {
        private readonly int[] answers = [0];

        public bool InKind { get; init; }

        public override Kind InputKind(int index) => InKind && answers[0]++ > 0 ? Kind.Index : Kind.Real;

        public override Shape Infer(Shape x) => !InKind && answers[0]++ > 0 ? [9] : x;

        public override Tensor Reference(Tensor x) => x;

        public override Node? Vjp(Node x, Node y, Node dy) => dy;
    }

    private static string Text(params Node[] outputs) => Assert.Throws<GraphError>(() => Verify.Check(new Graph([.. outputs]))).Message;

    [Fact]
    public void A_sound_graph_is_given_back()
    {
        var graph = new Graph(Tanh(Variable("x", [2])) * 2);
        Assert.Same(graph, Verify.Check(graph));
    }

    [Fact]
    public void A_shape_that_its_rule_denies_is_caught_and_called_as_print_calls_it()
    {
        var wrong = new Fickle().Of(Tanh(Variable("x", [2])) * 2);
        Assert.Contains("\n%2 = Fickle", wrong.Print());
        Assert.Equal("%2 Fickle(InKind: False): says [2], its rule says [9].", Text(wrong));
    }

    [Fact]
    public void A_kind_that_its_rule_denies_is_caught() =>
        Assert.Equal("%0 Fickle(InKind: True): input 0 is Real, it must be Index.", Text(new Fickle { InKind = true }.Of(Variable("x", [2]))));

    [Fact]
    public void Two_variables_of_one_name_are_caught() =>
        Assert.Equal("two variables are called x.", Text(Variable("x", [2]) + Variable("x", [2])));
}
