using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

/// <summary>What goes around any optimiser.</summary>
public sealed class AroundTests
{
    private static readonly Layer net = Layer.Of(Flatten) >> Dense(4) >> Tanh >> Dense(3);

    private static readonly string[] names = ["dense1.weight", "dense1.bias", "dense2.weight", "dense2.bias"];

    private static Gen<double[][]> Gradients => Gen.Choose(-1000, 1000).Select(n => n / 100.0).ArrayOf(3).ArrayOf(6);

    private static Gen<Optimizer> Any => Gen.Elements(
        Sgd(0.1), Sgd(0.1, 0.9, nesterov: true), Lion(0.01), Adagrad(0.1), RmsProp(momentum: 0.5, centered: true), Adadelta(), Adam(0.05), NAdam(0.05), Lamb(0.05));

    [Fact]
    public void Clipping_by_norm_never_raises_it_nor_turns_it() => Law.ForAll(Gradients.Zip(Gen.Choose(0, 500).Select(n => n / 100.0)), at =>
    {
        var (gradients, most) = at;
        var taken = Taken(Sgd(1).ClipNorm(most), gradients);
        foreach (var (g, c) in gradients.Zip(taken))
        {
            var (before, after) = (Length(g), Length(c));
            Assert.True(after <= Math.Min(before, most) + 1e-9, $"{before} became {after}, allowed are {most}");
            Assert.All(g.Zip(c), pair => Assert.Equal(pair.First * Math.Min(1, most / Math.Max(before, 1e-300)), pair.Second, 1e-9));
        }
    });

    [Fact]
    public void Clipping_by_value_keeps_what_is_within() => Law.ForAll(Gradients, gradients => StepsOf.AssertEqual(
        [.. gradients.Select(g => g.Select(x => Math.Clamp(x, -1.5, 1.5)).ToArray())], Taken(Sgd(1).ClipValue(1.5), gradients), 1e-9));

    [Fact]
    public void Accumulating_is_the_mean_of_the_gradients() => Law.ForAll(Any.Zip(Gradients).Zip(Gen.Choose(1, 3)), at =>
    {
        var ((optimizer, gradients), k) = at;
        double[][] means = [.. gradients.Chunk(k).Where(chunk => chunk.Length == k)
            .Select(chunk => Enumerable.Range(0, 3).Select(i => chunk.Average(g => g[i])).ToArray())];
        var steps = StepsOf.InDouble(optimizer.Accumulate(k), gradients);
        StepsOf.AssertEqual(StepsOf.InDouble(optimizer, means), [.. steps.Where((_, i) => (i + 1) % k == 0)], 1e-9);
        StepsOf.AssertEqual([.. steps.Select((_, i) => (i + 1) / k == 0 ? StepsOf.Start : steps[(i + 1) / k * k - 1])], steps, 0);
    });

    [Fact]
    public void An_average_without_decay_is_the_weights() => Law.ForAll(Any.Zip(Gradients), at =>
        StepsOf.AssertEqual(StepsOf.InDouble(at.Item1, at.Item2), StepsOf.InDouble(at.Item1.Average(0), at.Item2), 0));

    [Fact]
    public void An_average_is_the_weighted_mean_of_all_weights_so_far() => Law.ForAll(Any.Zip(Gradients), at =>
    {
        var weights = StepsOf.InDouble(at.Item1, at.Item2);
        double[][] expected = [.. weights.Select((_, t) => Enumerable.Range(0, 3).Select(i =>
        {
            double[] powers = [.. Enumerable.Range(0, t + 1).Select(s => Math.Pow(0.7, t - s))];
            return powers.Zip(weights, (power, w) => power * w[i]).Sum() / powers.Sum();
        }).ToArray())];
        StepsOf.AssertEqual(expected, StepsOf.InDouble(at.Item1.Average(0.7), at.Item2), 1e-9);
    });

    [Fact]
    public void Both_executors_agree_on_all_of_it_at_once() => Law.ForAll(Gradients, gradients =>
    {
        var optimizer = Adam(0.05).DecoupledDecay(0.1).ClipNorm(3).WeightDecay(0.01).Accumulate(2).ClipValue(4).Average(0.8);
        StepsOf.AssertEqual(StepsOf.InDouble(optimizer, gradients), StepsOf.Compiled(optimizer, gradients), 1e-4);
    }, times: 20);

    [Fact]
    public void The_two_decays_are_one_for_plain_descent() => Law.ForAll(Gradients, gradients =>
        StepsOf.AssertEqual(StepsOf.InDouble(Sgd(0.1).WeightDecay(0.3), gradients), StepsOf.InDouble(Sgd(0.1).DecoupledDecay(0.3), gradients), 1e-9));

    [Fact]
    public void Accumulated_batches_are_one_large_batch()
    {
        var data = Bars(24);
        var large = net.Fit(data, SoftmaxCrossEntropy, Adam(0.01), epochs: 3, batch: 12, seed: 7, threads: 1);
        var small = net.Fit(data, SoftmaxCrossEntropy, Adam(0.01).Accumulate(3), epochs: 3, batch: 4, seed: 7, threads: 1);
        AssertClose(large, small, 1e-5);
    }

    [Fact]
    public void The_norm_is_that_of_all_gradients_together()
    {
        var (free, clipped) = (Step(Sgd(1)), Step(Sgd(1).ClipNorm(0.01)));
        Assert.Equal(0.01, Math.Sqrt(names.Sum(name => Math.Pow(Length(clipped[name]), 2))), 1e-5);
        var factor = 0.01 / Math.Sqrt(names.Sum(name => Math.Pow(Length(free[name]), 2)));
        Assert.All(names, name => Assert.All(free[name].Zip(clipped[name]), pair => Assert.Equal(factor * pair.First, pair.Second, 1e-6)));
    }

    [Fact]
    public void What_is_frozen_keeps_its_bits_and_nothing_is_kept_for_it()
    {
        foreach (var optimizer in new[] { Adam(0.1).Average(0.5).Freeze("dense1*"), Adam(0.1).Freeze("dense1*").DecoupledDecay(0.1).Average(0.5), Adam(0.1).Freeze("dense1*").Accumulate(2) })
        {
            var (before, after) = (net.Fit(Bars(24), SoftmaxCrossEntropy, optimizer, epochs: 0), net.Fit(Bars(24), SoftmaxCrossEntropy, optimizer, epochs: 2, batch: 8));
            Assert.All(names, name => Assert.Equal(name.StartsWith("dense1", StringComparison.Ordinal), before.Weights[name].Equals(after.Weights[name])));
        }

        var model = net.Build([8, 1, 6, 6], Mode.Train);
        var step = TrainingStep.Of(model, Mean(model.Output), Adam().Freeze("dense1*"));
        Assert.Equal(["dense2.weight", "adam.m/dense2.weight", "adam.v/dense2.weight", "dense2.bias", "adam.m/dense2.bias", "adam.v/dense2.bias", "step"],
            step.State.Select(state => state.Variable.Op.Name));
    }

    [Fact]
    public void The_gradient_of_what_is_frozen_is_not_computed()
    {
        var model = net.Build([8, 1, 6, 6], Mode.Train);
        int Nodes(Optimizer optimizer)
        {
            var step = TrainingStep.Of(model, Mean(Square(model.Output)), optimizer);
            return new Graph([.. step.State.Select(state => state.Next)]).Nodes.Count(node => node.Op is MatMul);
        }

        Assert.Equal((5, 3), (Nodes(Sgd(0.1)), Nodes(Sgd(0.1).Freeze("dense1*"))));
    }

    [Fact]
    public void A_rate_of_its_own()
    {
        var (all, scaled) = (Step(Sgd(1)), Step(Sgd(1).ScaleRate("dense1.*", 0.25).ScaleRate("*.bias", 2)));
        foreach (var (name, factor) in names.Zip([0.25, 0.5, 1, 2]))
        {
            Assert.All(all[name].Zip(scaled[name]), pair => Assert.Equal(factor * pair.First, pair.Second, 1e-6));
        }
    }

    [Fact]
    public void Decay_for_some()
    {
        var (none, some) = (Step(Sgd(1)), Step(Sgd(1).WeightDecay(0.5, "*.weight")));
        Assert.Equal([false, true, false, true], names.Select(name => none[name].SequenceEqual(some[name])));
    }

    [Fact]
    public void They_print_as_they_are_written()
    {
        var optimizer = AdamW(1e-3).WeightDecay(0.1, "*.weight").ClipValue(2).ClipNorm(1).ScaleRate("conv*", 0.1).Accumulate(4).Average(0.99).Freeze("a", "b*");
        Assert.Equal("Adam(0.001).DecoupledDecay(0.01).WeightDecay(0.1, \"*.weight\").ClipValue(2).ClipNorm(1)"
            + ".ScaleRate(\"conv*\", 0.1).Accumulate(4).Average(0.99).Freeze(\"a\", \"b*\")", $"{optimizer}");
        Assert.Equal<string>(["average", "sum", "m", "v"], optimizer.Slots);
        Assert.Equal("RmsProp(0.01, alpha: 0.9, momentum: 0.5, centered: true)", $"{RmsProp(alpha: 0.9, momentum: 0.5, centered: true)}");
        Assert.Equal(["Lion(0.0001)", "Adagrad(0.01)", "Adadelta(1)", "NAdam(0.002)", "Lamb(0.001)"], new[] { Lion(), Adagrad(), Adadelta(), NAdam(), Lamb() }.Select(o => $"{o}"));
    }

    [Fact]
    public void Mistakes_are_named()
    {
        Assert.Equal("no parameter's name matches \"convv*\"; there are dense1.weight, dense1.bias, dense2.weight, dense2.bias. (Parameter 'pattern')",
            Assert.Throws<ArgumentException>(() => Step(Sgd(1).Freeze("convv*"))).Message);
        Assert.Equal("no parameter learns with Sgd(1).Freeze(\"*\"). (Parameter 'optimizer')",
            Assert.Throws<ArgumentException>(() => Step(Sgd(1).Freeze("*"))).Message);
        Assert.Equal("Adam(0.001).Average(0.5) has a slot 'average' already. (Parameter 'slots')",
            Assert.Throws<ArgumentException>(() => Adam().Average(0.5).Average(0.9)).Message);
        Assert.Equal("Sgd(1).Half() must give an update for each of 4 parameters, with 0 slots each.",
            Assert.Throws<InvalidOperationException>(() => Step(Sgd(1).With("Half()", [], inner => (all, step) => inner(all[..2], step)))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam().Accumulate(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam().Average(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam().ClipNorm(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam().ClipValue(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam().ScaleRate("*", -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => NAdam(momentumDecay: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RmsProp(alpha: 1));
    }

    /// <summary>What plain descent with rate 1 takes each gradient for.</summary>
    private static double[][] Taken(Optimizer optimizer, double[][] gradients)
    {
        var weights = StepsOf.InDouble(optimizer, gradients);
        return [.. weights.Select((w, t) => (t == 0 ? StepsOf.Start : weights[t - 1]).Zip(w, (a, b) => a - b).ToArray())];
    }

    /// <summary>What one step takes off each parameter.</summary>
    private static Dictionary<string, double[]> Step(Optimizer optimizer)
    {
        var (before, after) = (net.Build([1, 1, 6, 6]).Init(Key.Of(1)), net.Fit(Bars(12), SoftmaxCrossEntropy, optimizer, batch: 12, threads: 1,
            start: net.Build([1, 1, 6, 6]).Init(Key.Of(1))).Weights);
        return names.ToDictionary(name => name, name => before[name].ToDoubles().Zip(after[name].ToDoubles(), (a, b) => a - b).ToArray());
    }

    private static void AssertClose(Trained a, Trained b, double tolerance) => Assert.All(a.Weights, pair =>
        Assert.All(pair.Value.ToDoubles().Zip(b.Weights[pair.Key].ToDoubles()), w => Assert.Equal(w.First, w.Second, tolerance)));

    private static double Length(double[] v) => Math.Sqrt(v.Sum(x => x * x));

    private static Dataset Bars(int count) => new(
        Tensor.From([count, 1, 6, 6], i => (i / 6 % 6 / 2 == i / 36 % 3 ? 1 : 0) + 0.3 * Key.Of(1).Normal((uint)i)), Tensor.From([count], i => i % 3), 3);
}
