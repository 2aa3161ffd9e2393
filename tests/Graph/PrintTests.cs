namespace AutoDiffCnn.Tests.Graphs;

public class PrintTests
{
    private static Graph Small()
    {
        var (x, w) = (Variable("x", [1, 1, 4, 4]), Variable("w", [1, 1, 3, 3]));
        var loss = Sum(Square(Relu(Conv2D(x, w))));
        return new Graph(loss, Gradient.Of(loss, w));
    }

    [Fact]
    public void A_graph_is_a_node_a_line() => Assert.Equal(
        "x : [3]\n%0 = Multiply(x, x) : [3]\n%1 = SumTo(Shape: [])(%0) : []\nreturn %1", Sum(Square(Variable("x", [3]))).Print());

    [Fact]
    public void Constants_numbers_and_indices()
    {
        var labels = Variable("labels", [2], Kind.Index);
        Assert.Equal(
            "labels : [2] index\n%0 = OneHot(Classes: 2)(labels) : [2, 2]\n%1 = Constant : [2]\n%2 = Broadcast(Shape: [2, 2])(%1) : [2, 2]\n"
            + "%3 = Multiply(%0, %2) : [2, 2]\n%4 = Add(%3, 0.5) : [2, 2]\n%5 = ArgMax(Axis: 1)(%4) : [2, 1] index\nreturn %5",
            ArgMax(OneHot(labels, 2) * Tensor.Of([1, 2]) + 0.5, 1).Print());
    }

    [Fact]
    public void A_backward_pass_names_rules_and_forward_nodes() => Assert.Equal(
        """
        x : [1, 1, 4, 4]
        w : [1, 1, 3, 3]
        %0 = Conv2D(x, w) : [1, 1, 2, 2]
        %1 = Relu(%0) : [1, 1, 2, 2]
        %2 = Multiply(%1, %1) : [1, 1, 2, 2]
        %3 = SumTo(Shape: [])(%2) : []
        %4 = Less(0, %1) : [1, 1, 2, 2]   # Vjp of Relu %1
        %5 = Multiply(1, %1) : [1, 1, 2, 2]   # Vjp of Multiply %2
        %6 = Multiply(%1, 1) : [1, 1, 2, 2]   # Vjp of Multiply %2
        %7 = Add(%5, %6) : [1, 1, 2, 2]   # Vjp of Multiply %2
        %8 = Select(%4, %7, 0) : [1, 1, 2, 2]   # Vjp of Relu %1
        %9 = Conv2DKernel(W: [1, 1, 3, 3])(x, %8) : [1, 1, 3, 3]   # Vjp of Conv2D %0
        return %3, %9
        """, Small().Print());

    [Fact]
    public void Two_builds_print_the_same() => Assert.Equal(Small().Simplify().Print(), Small().Simplify().Print());

    [Fact]
    public void Nodes_come_after_their_inputs_and_once() => Law.ForAll(RandomGraph.All, random =>
    {
        var seen = new HashSet<Node>();
        foreach (var node in random.Graph.Nodes)
        {
            Assert.All(node.Inputs, input => Assert.Contains(input, seen));
            Assert.True(seen.Add(node));
        }

        Assert.All(random.Graph.Outputs, output => Assert.Contains(output, seen));
    });
}
