namespace AutoDiffCnn.Tests.Graphs;

/// <summary>A chain longer than any call stack: nothing that walks a graph recurses.</summary>
public class ChainTests
{
    private const int Length = 100_000;
    private const int SmallStack = 256 * 1024;

    /// <summary>Runs on a stack on which even a shallow recursion over the chain would end the process.</summary>
    private static void OnSmallStack(Action action)
    {
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception caught)
            {
                error = caught;
            }
        }, SmallStack);
        thread.Start();
        thread.Join();
        Assert.Null(error);
    }

    [Fact]
    public void A_chain_of_100000_is_built_differentiated_simplified_verified_printed_and_run() => OnSmallStack(() =>
    {
        var x = Variable("x", []);
        var y = Enumerable.Range(0, Length).Aggregate(x, (value, _) => Sin(value));
        var graph = new Graph(y, Gradient.Of(y, x));
        Assert.InRange(graph.Nodes.Length, 2 * Length, 4 * Length);
        var simple = Verify.Check(graph.Simplify());
        Assert.InRange(simple.Print().Count(c => c == '\n'), 2 * Length, 4 * Length);
        Assert.False(y.IsClosed);
        Assert.Equal("Sin([]) : []", y.ToString());

        // sin iterated n times tends to √(3/n), and its slope is the product of the cosines on the way.
        var (value, slope) = (1.0, 1.0);
        for (var i = 0; i < Length; i++)
        {
            (value, slope) = (Math.Sin(value), slope * Math.Cos(value));
        }

        var given = Reference.Run(simple.Outputs, new Dictionary<Node, Tensor> { [x] = Tensor.Of(1) });
        Assert.Equal(value, given[0].Scalar);
        Assert.Equal(slope, given[1].Scalar, slope * 1e-9);
    });

    [Fact]
    public void A_concatenation_of_10000_is_differentiated_in_linear_time() => OnSmallStack(() =>
    {
        var x = Variable("x", [1]);
        var parts = Enumerable.Range(1, 10_000).Select(i => x * i).ToArray();
        Assert.Equal(50_005_000, Gradient.Of(Sum(Concat(0, parts)), x).Value.At(0));
    });
}
