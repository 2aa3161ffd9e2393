using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn.Tests;

/// <summary>Layers that a batch goes through a few images at a time.</summary>
public class RoundTests
{
    private static readonly string[] layers =
        ["bias", "batch norm", "depthwise", "steps", "max pool", "average pool", "residual", "branches", "an image's factor", "all images' factors"];

    private static readonly Gen<Case> cases =
        from batch in Gen.Choose(2, 9)
        from channels in Gen.Elements(3, 4, 5, 16)
        from height in Gen.Choose(8, 18)
        from width in Gen.Choose(8, 18)
        from net in Gen.Choose(2, 6).SelectMany(count => Gen.Elements(layers).ArrayOf(count))
        from times in Gen.Choose(1, 2)
        from isShown in Gen.Elements(false, false, true)
        select new Case([batch, channels, height, width], string.Join(", ", net), times * 36 * channels * channels, isShown);

    [Fact]
    public void Have_the_results_of_the_whole_batch()
    {
        var (all, inRounds) = (0, 0);
        Law.ForAll(cases, at =>
        {
            var outputs = at.Build();
            var values = Runs.Uniform([.. new Graph([.. outputs]).Variables]);
            var expected = Reference.Run([.. outputs], values);
            var emitted = Cpu.Compile(outputs, [], Runs.Compiled with { RoundFloats = at.Few }).Values(values, outputs, runs: 2);
            Close.All(expected, emitted, 1e-4);
            foreach (var (choices, threads) in new[] { (Runs.Compiled, 3), (Runs.Interpreted, 2) })
            {
                var plan = Cpu.Compile(outputs, [], choices with { RoundFloats = at.Few });
                foreach (var (one, other) in emitted.Zip(plan.Values(values, outputs, threads, runs: 2)))
                {
                    Assert.Equal(one.ToSingles().Select(BitConverter.SingleToInt32Bits), other.ToSingles().Select(BitConverter.SingleToInt32Bits));
                }

                (all, inRounds) = (all + 1, inRounds + (plan.Rounds is null ? 0 : 1));
            }
        }, 150);
        Assert.True(inRounds > all / 4, $"{inRounds} of {all} plans have rounds");
    }

    [Fact]
    public void Cover_the_batch_in_nearly_equal_sizes() => Law.ForAll(
        from batch in Gen.Choose(1, 300)
        from most in Gen.Choose(1, 300)
        select (batch, most), at =>
    {
        var rounds = Rounds.Of(at.batch, at.most);
        var images = Enumerable.Range(0, rounds.Count).SelectMany(round => Enumerable.Range(rounds.First(round), rounds.Images)).ToList();
        Assert.InRange(rounds.Images, 1, at.most);
        Assert.Equal(Enumerable.Range(0, at.batch), images.Distinct());
        Assert.True(images.Count < at.batch + rounds.Count, "less than an image a round is computed again");
    }, 300);

    [Fact]
    public void Take_the_memory_of_a_few_images()
    {
        // Only what comes in and what leaves the rounds grows with the batch.
        var image = sizeof(float) * 16 * 64 * 64;
        Assert.Contains("  10 times", Plan(30).Print(), StringComparison.Ordinal);
        Assert.InRange(Plan(60).PeakBytes(1) - Plan(30).PeakBytes(1), 1, 30 * 2 * image + image);
        Assert.Null(Plan(4).Rounds);

        static Plan Plan(int batch) => Cpu.Compile([Mean(Network(Variable("x", [batch, 16, 64, 64]), "a"))]);
    }

    [Fact]
    public void End_where_a_value_is_wanted_or_read_by_something_else()
    {
        var x = Variable("x", [16, 16, 64, 64]);
        var (first, second) = (Network(x, "a"), Network(Network(x, "a"), "b"));
        Assert.NotNull(Cpu.Compile([second]).Rounds);
        Assert.DoesNotContain(" times", Cpu.Compile([.. Gradient.Of(Sum(first * first), [.. new Graph([first]).Variables])]).Print(), StringComparison.Ordinal);
        Node[] both = [Relu(first * 2), Sum(first)];
        Assert.Single(Cpu.Compile(both).Graph.Nodes, node => node.Op is AllRounds);
    }

    [Fact]
    public void Read_a_state_before_it_changes()
    {
        var x = Variable("x", [6, 16, 20, 20]);
        var state = Variable("state", [16, 1, 1]);
        var w = Variable("w", [16, 1, 3, 3]);
        var y = Layer(Layer(x * state) + state) * state;
        var values = Runs.Uniform(x, state, w);
        var plan = Cpu.Compile([y], [(state, state * 0.5 + 1)], Runs.Compiled with { RoundFloats = 10_000 });
        Assert.NotNull(plan.Rounds);
        using var session = plan.Start(2);
        foreach (var (variable, value) in values)
        {
            session.Set(variable, value);
        }

        for (var run = 0; run < 3; run++)
        {
            session.Run();
            Close.All(Reference.Run([y], values)[0], session.Get(y));
            values[state] = values[state].Map(value => value * 0.5 + 1);
            Close.All(values[state], session.Get(state));
        }

        // A step of several rounds has one line.
        Assert.Equal(plan.Steps.Length + 1, session.Profile(2).Split('\n').Length);

        Node Layer(Node from) => Conv2D(from, w, Padding.Of([1, 1], [1, 1]), groups: 16);
    }

    [Fact]
    public void Read_weights_that_are_computed()
    {
        // As many kernels as images: their first axis is not the batch.
        var (x, w) = (Variable("x", [16, 16, 12, 12]), Variable("w", [16, 16, 1, 1]));
        var y = Conv2D(Relu(Conv2D(x, Tanh(w) * w)), w * 2);
        var values = Runs.Uniform(x, w);
        var plan = Cpu.Compile([y], [], Runs.Compiled with { RoundFloats = 10_000 });
        Assert.NotNull(plan.Rounds);
        Close.All(Reference.Run([y], values)[0], plan.Values(values, [y], 3)[0]);
    }

    private static Node Network(Node x, string name) => Enumerable.Range(0, 3).Aggregate(x, (y, i) =>
        Relu(Conv2D(y, Variable($"w_{name}{i}", [16, 16, 3, 3]), Padding.Of([1, 1], [1, 1])) + Variable($"b_{name}{i}", [16, 1, 1])));

    private sealed record Case(Shape X, string Net, int Few, bool IsShown)
    {
        /// <summary>What is wanted of a network: its result, and a value in it.</summary>
        public Node[] Build()
        {
            var x = Variable("x", X);
            var (y, shown, index) = (x, x, 0);
            foreach (var layer in Net.Split(", "))
            {
                shown = index == 2 ? y : shown;
                y = Layer(layer, y, index++);
            }

            return IsShown && shown != y ? [y, shown] : [y];
        }

        private static Node Layer(string layer, Node x, int index)
        {
            Node Weights(string name, int targets, int sources, int kernel) => Variable($"{name}{index}", [targets, sources, kernel, kernel]) / kernel;
            Node Each(string name) => Variable($"{name}{index}", [x.Shape[1], 1, 1]);
            Node Convolved(string name) => Conv2D(x, Weights(name, x.Shape[1], x.Shape[1], 3), Padding.Of([1, 1], [1, 1])) / x.Shape[1];
            var isLarge = x.Shape[2] > 3 && x.Shape[3] > 3;
            return layer switch
            {
                "bias" => Relu(Convolved("w") + Each("bias")),
                "batch norm" => Relu((Convolved("w") - Each("mean")) * Rsqrt(Each("variance") + 2) + Each("shift")),
                "depthwise" => Conv2D(x, Weights("w", x.Shape[1], 1, 3), Padding.Of([1, 1], [1, 1]), groups: x.Shape[1]) + Each("bias"),
                "steps" when isLarge => Conv2D(x, Weights("w", 16, x.Shape[1], 3), Padding.Of([1, 1], [1, 1]), stride: 2),
                "max pool" when isLarge => MaxPool(x, 2),
                "average pool" when isLarge => AvgPool(Convolved("w"), 3, 2),
                "residual" => Relu(x + Convolved("w") * Each("scale")),
                "branches" => Concat(1, Convolved("w"), Tanh(Convolved("v")), x),
                "an image's factor" => x * Variable($"factor{index}", [x.Shape[0], 1, 1, 1]),
                _ => x * Variable($"factors{index}", x.Shape) + Variable($"all{index}", [1, x.Shape[1], x.Shape[2], x.Shape[3]]),
            };
        }
    }
}
