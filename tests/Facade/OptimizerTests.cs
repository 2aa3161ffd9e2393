using System.Collections.Immutable;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class OptimizerTests
{
    // Three steps by hand with the formulas of PyTorch's documentation, on the gradients 1, −2, 0.5 of one weight
    // that starts at 1.
    private static readonly double[] Gradients = [1, -2, 0.5];

    [Fact]
    public void Plain_descent() => Follows(Sgd(0.1), [0.9, 1.1, 1.05]);

    [Fact]
    public void Descent_with_decay() => Follows(Sgd(0.1).WeightDecay(0.5),
        [1 - 0.1 * 1.5, 0.85 - 0.1 * (-2 + 0.425), 1.0075 - 0.1 * (0.5 + 0.50375)]);

    // v: 1, 0.9 − 2 = −1.1, −0.99 + 0.5 = −0.49.
    [Fact]
    public void Momentum() => Follows(Sgd(0.1, momentum: 0.9), [0.9, 1.01, 1.059]);

    // g + 0.9 v: 1.9, −2 − 0.99 = −2.99, 0.5 − 0.441 = 0.059.
    [Fact]
    public void Nesterov() => Follows(Sgd(0.1, momentum: 0.9, nesterov: true), [0.81, 1.109, 1.1031]);

    [Fact]
    public void Adam_by_its_formula()
    {
        var (w, m, v) = (1.0, 0.0, 0.0);
        var expected = new List<double>();
        for (var t = 1; t <= 3; t++)
        {
            var g = Gradients[t - 1] + 0.1 * w;
            (m, v) = (0.8 * m + 0.2 * g, 0.99 * v + 0.01 * g * g);
            w -= 0.05 * (m / (1 - Math.Pow(0.8, t))) / (Math.Sqrt(v / (1 - Math.Pow(0.99, t))) + 1e-3);
            expected.Add(w);
        }

        Follows(Adam(0.05, 0.8, 0.99, 1e-3).WeightDecay(0.1), expected);
    }

    [Fact]
    public void Optimisers_print_as_they_are_written()
    {
        Assert.Equal("Sgd(0.1)", $"{Sgd(0.1)}");
        Assert.Equal("Sgd(0.1, momentum: 0.9, nesterov: true).WeightDecay(0.0001)", $"{Sgd(0.1, 0.9, true).WeightDecay(1e-4)}");
        Assert.Equal("Adam(0.001)", $"{Adam()}");
        Assert.Equal("Adam(0.01, beta1: 0.8, beta2: 0.99, epsilon: 1E-06)", $"{Adam(0.01, 0.8, 0.99, 1e-6)}");
        Assert.Equal("SignSgd(0.5)", $"{new SignSgd(0.5)}");
    }

    [Fact]
    public void A_rate_is_a_number()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sgd(-1));
    }

    [Fact]
    public void A_setting_outside_its_range_is_refused_before_training()
    {
        Assert.Equal("Beta1 lies in [0, 1). (Parameter 'Beta1')\nActual value was 1.", Assert.Throws<ArgumentOutOfRangeException>(() => Adam(beta1: 1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam(beta2: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam(epsilon: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam().WeightDecay(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sgd(0.1, momentum: 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sgd(0.1).DecoupledDecay(double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchNorm(momentum: 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => BatchNorm(epsilon: -1e-5));
    }

    [Fact]
    public void An_optimiser_of_ones_own() => Follows(new SignSgd(0.5), [0.5, 1, 0.5]);

    [Fact]
    public void State_is_named_after_optimiser_and_parameter()
    {
        var model = (Dense(2) >> BatchNorm() >> Dropout(0.5)).Build([4, 3], Mode.Train);
        var step = TrainingStep.Of(model, Sum(model.Output), Adam());
        Assert.Equal(
            [
                "dense1.weight", "adam.m/dense1.weight", "adam.v/dense1.weight", "dense1.bias", "adam.m/dense1.bias", "adam.v/dense1.bias",
                "norm1.weight", "adam.m/norm1.weight", "adam.v/norm1.weight", "norm1.bias", "adam.m/norm1.bias", "adam.v/norm1.bias",
                "norm1.running_mean", "norm1.running_var", "key", "step",
            ],
            step.State.Select(state => state.Variable.Op.Name));
        Assert.All(step.State, state => Assert.Equal(state.Variable.Shape, state.Next.Shape));
        Verify.Check(new Graph([step.Loss, .. step.State.Select(state => state.Next)]));
    }

    /// <summary>The loss g·w has the gradient g whatever w is; the step runs on both executors.</summary>
    private static void Follows(Optimizer optimizer, IReadOnlyList<double> expected)
    {
        var model = new Weight().Build([], Mode.Train);
        var step = TrainingStep.Of(model, model.Output, optimizer);
        var start = step.Start(new Weights([KeyValuePair.Create("weight1.weight", Tensor.Of(1))]), Key.Of(0)).ToList();
        using var session = Cpu.Compile([step.Loss], step.State).Start(1);
        var values = start.ToDictionary(pair => pair.Variable, pair => pair.Value);
        foreach (var (variable, value) in start)
        {
            session.Set(variable, value);
        }

        for (var i = 0; i < Gradients.Length; i++)
        {
            values[model.Input] = Tensor.Of(Gradients[i]);
            var next = Reference.Run([.. step.State.Select(state => state.Next)], values);
            for (var s = 0; s < next.Length; s++)
            {
                values[step.State[s].Variable] = next[s];
            }

            session.Set(model.Input, Tensor.Of(Gradients[i]));
            session.Run();
            Assert.Equal(expected[i], values[model.Parameters[0].Variable].Scalar, 1e-12);
            Assert.Equal(expected[i], session.Get(model.Parameters[0].Variable).Scalar, 1e-6);
        }
    }

    private sealed record Weight : Layer
    {
        public override Node Apply(Scope scope, Node x) => x * scope.Parameter("weight", [], Init.Ones);
    }

    private sealed record SignSgd(double Rate) : Optimizer(Rate)
    {
        public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step) => new(w - rate * Sign(dw), []);
    }
}
