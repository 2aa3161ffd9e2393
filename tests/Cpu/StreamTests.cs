using static AutoDiffCnn.Functions;

namespace AutoDiffCnn.Tests;

/// <summary>Large results that no step reads are written past the caches, with the bits that they have otherwise.
/// </summary>
public class StreamTests
{
    // Rows that do not end with a line of the caches, and rows that do.
    public static TheoryData<int, int> Sizes => new() { { 129, 33 }, { 65, 64 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_loop_and_its_sums(int size, int channels)
    {
        var x = Variable("x", [4, channels, size, size]);
        var bias = Variable("bias", [channels, 1, 1]);
        Same([Relu(x * 2 + bias), Tanh(x), Sum(Relu(x))], x, bias);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_convolution_with_a_loop_behind_it_and_one_alone(int size, int channels)
    {
        var x = Variable("x", [4, channels, size, size]);
        var (w, wide) = (Variable("w", [channels, 1, 3, 3]), Variable("wide", [32, channels, 1, 1]));
        var bias = Variable("bias", [channels, 1, 1]);
        var depthwise = new Convolution(Window.Of(2, pad: 1), channels).Of(x, w);
        Same([Relu(depthwise + bias)], x, w, bias);
        Same([depthwise, new Convolution(Window.Of(2)).Of(x, wide)], x, w, wide);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Pools_and_their_gradients(int size, int channels)
    {
        var x = Variable("x", [4, channels, 4 * size, 2 * size]);
        foreach (var pool in new Func<Node, Node>[] { of => MaxPool(of, 2), of => AvgPool(of, 2), of => AvgPool(of, 3, 2, 1) })
        {
            var y = pool(x);
            Same([y], x);
            Same([.. Gradient.Of(Sum(y * y * 0.5), [x])], x);
        }
    }

    private static IEnumerable<int> Bits(Tensor tensor) => tensor.ToSingles().Select(BitConverter.SingleToInt32Bits);

    /// <summary>Fails unless results have the same bits when they leave the plan at once and when a step reads them.
    /// </summary>
    private static void Same(Node[] outputs, params Node[] variables)
    {
        var values = Runs.Uniform(variables);
        Node[] read = [.. outputs, .. outputs.Select(output => Abs(output))];
        foreach (var (choices, threads) in new[] { (Runs.Compiled, 1), (Runs.Compiled, 3), (Runs.Interpreted, 2) })
        {
            var plan = Cpu.Compile(outputs, [], choices with { StreamFrom = 1 << 20 });
            Assert.Contains(plan.Table.Buffers, buffer => buffer.Streams);
            var alone = plan.Values(values, outputs, threads);
            var seen = Cpu.Compile(read, [], choices).Values(values, outputs, threads);
            foreach (var (one, other) in alone.Zip(seen))
            {
                Assert.True(Bits(one).SequenceEqual(Bits(other)));
            }
        }
    }
}
