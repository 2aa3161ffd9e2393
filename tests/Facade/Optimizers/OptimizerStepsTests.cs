using System.Text.Json;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

/// <summary>The first 20 steps of every optimiser: by formulas without recurrences where there are such, and as PyTorch
/// makes them.</summary>
public sealed class OptimizerStepsTests
{
    private static readonly JsonElement torch = JsonDocument.Parse(File.ReadAllText("Optimizers/torch_steps.json")).RootElement;

    private static readonly Optimizer[] optimizers =
    [
        Sgd(0.1), Sgd(0.1, momentum: 0.9), Sgd(0.1, momentum: 0.9, nesterov: true).WeightDecay(0.01),
        Adagrad(0.1), Adagrad(0.1, epsilon: 0.01).WeightDecay(0.1),
        RmsProp(), RmsProp(0.02, alpha: 0.9, epsilon: 1e-3, momentum: 0.8, centered: true),
        Adadelta(), Adadelta(0.5, rho: 0.8, epsilon: 1e-3),
        Adam(0.05), Adam(0.05, 0.8, 0.99, 1e-3).WeightDecay(0.1), AdamW(), AdamW(0.05, weightDecay: 0.3),
        NAdam(), NAdam(0.05, beta1: 0.8, momentumDecay: 0.1),
    ];

    private static double[][] Gradients => Rows(torch.GetProperty("gradients"));

    public static TheoryData<int> All => [.. Enumerable.Range(0, optimizers.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public void As_in_PyTorch(int number)
    {
        var optimizer = optimizers[number];
        var expected = Rows(torch.GetProperty("weights").GetProperty($"{optimizer}"));
        Assert.Equal(20, expected.Length);
        StepsOf.AssertEqual(expected, StepsOf.InDouble(optimizer, Gradients), 1e-12);
        StepsOf.AssertEqual(expected, StepsOf.Compiled(optimizer, Gradients), 2e-5);
    }

    [Fact]
    public void Every_recorded_optimiser_is_compared() =>
        Assert.Equal(torch.GetProperty("weights").EnumerateObject().Select(member => member.Name), optimizers.Select(o => $"{o}"));

    [Fact]
    public void Sgd_is_a_sum_of_powers() => ByFormula(Sgd(0.1, momentum: 0.9),
        (g, w) => -0.1 * Decaying(0.9, g).Sum());

    [Fact]
    public void Nesterov_is_a_sum_of_powers() => ByFormula(Sgd(0.1, momentum: 0.9, nesterov: true),
        (g, w) => -0.1 * (g[^1] + 0.9 * Decaying(0.9, g).Sum()));

    [Fact]
    public void Lion_takes_the_sign_of_two_sums() => ByFormula(Lion(0.01),
        (g, w) => -0.01 * Math.Sign(0.9 * 0.01 * Decaying(0.99, g[..^1]).Sum() + 0.1 * g[^1]));

    [Fact]
    public void Lion_with_decoupled_decay() => ByFormula(Lion(0.01, 0.8, 0.95).DecoupledDecay(0.2),
        (g, w) => -0.01 * (Math.Sign(0.8 * 0.05 * Decaying(0.95, g[..^1]).Sum() + 0.2 * g[^1]) + 0.2 * w));

    [Fact]
    public void Adagrad_sums_squares() => ByFormula(Adagrad(0.1, 1e-3),
        (g, w) => -0.1 * g[^1] / (Math.Sqrt(Squares(g).Sum()) + 1e-3));

    [Fact]
    public void RmsProp_averages_squares() => ByFormula(RmsProp(0.02, 0.9, 1e-4),
        (g, w) => -0.02 * g[^1] / (Math.Sqrt(0.1 * Decaying(0.9, Squares(g)).Sum()) + 1e-4));

    [Fact]
    public void RmsProp_centered_divides_by_the_deviation() => ByFormula(RmsProp(0.02, 0.9, 1e-3, centered: true),
        (g, w) => -0.02 * g[^1] / (Math.Sqrt(0.1 * Decaying(0.9, Squares(g)).Sum() - Math.Pow(0.1 * Decaying(0.9, g).Sum(), 2)) + 1e-3));

    [Fact]
    public void Adadelta_by_its_formula()
    {
        var (u, steps) = (new double[3], 0);
        ByFormula(Adadelta(0.5, 0.8, 1e-3), (g, w) =>
        {
            var i = steps++ % 3;
            var delta = Math.Sqrt((u[i] + 1e-3) / (0.2 * Decaying(0.8, Squares(g)).Sum() + 1e-3)) * g[^1];
            u[i] = 0.8 * u[i] + 0.2 * delta * delta;
            return -0.5 * delta;
        });
    }

    [Fact]
    public void Adam_is_a_quotient_of_weighted_means() => ByFormula(Adam(0.05, 0.8, 0.99, 1e-3),
        (g, w) => -0.05 * Mean(0.8, g) / (Math.Sqrt(Mean(0.99, Squares(g))) + 1e-3));

    [Fact]
    public void AdamW_shrinks_the_weight_beside_it() => ByFormula(AdamW(0.05, 0.8, 0.99, 1e-3, 0.3),
        (g, w) => -0.05 * (Mean(0.8, g) / (Math.Sqrt(Mean(0.99, Squares(g))) + 1e-3) + 0.3 * w));

    [Fact]
    public void NAdam_by_its_formula() => ByFormula(NAdam(0.05, 0.8, 0.99, 1e-3, 0.1), (g, w) =>
    {
        double Mu(int t) => 0.8 * (1 - 0.5 * Math.Pow(0.96, 0.1 * t));
        double Product(int t) => Enumerable.Range(1, t).Select(Mu).Aggregate(1.0, (a, b) => a * b);
        var t = g.Length;
        var direction = Mu(t + 1) / (1 - Product(t + 1)) * 0.2 * Decaying(0.8, g).Sum() + (1 - Mu(t)) / (1 - Product(t)) * g[^1];
        return -0.05 * direction / (Math.Sqrt(Mean(0.99, Squares(g))) + 1e-3);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Lamb_moves_by_a_share_of_the_length(double decay)
    {
        var w = StepsOf.Start;
        var expected = new List<double[]>();
        for (var t = 1; t <= Gradients.Length; t++)
        {
            double[] u = [.. w.Select((value, i) =>
            {
                double[] g = [.. Gradients[..t].Select(gradient => gradient[i])];
                return Mean(0.9, g) / (Math.Sqrt(Mean(0.999, Squares(g))) + 1e-6) + decay * value;
            })];
            var moved = w.Zip(u, (value, step) => value - 0.02 * Length(w) / Length(u) * step).ToArray();
            Assert.Equal(0.02 * Length(w), Length([.. moved.Zip(w, (a, b) => a - b)]), 1e-12);
            expected.Add(w = moved);
        }

        var optimizer = Lamb(0.02, weightDecay: decay);
        StepsOf.AssertEqual([.. expected], StepsOf.InDouble(optimizer, Gradients), 1e-12);
        StepsOf.AssertEqual([.. expected], StepsOf.Compiled(optimizer, Gradients), 2e-5);
    }

    [Fact]
    public void Lamb_stays_where_nothing_pulls() =>
        StepsOf.AssertEqual([StepsOf.Start], StepsOf.InDouble(Lamb(0.1, weightDecay: 0), [[0, 0, 0]]), 0);

    /// <summary>Each weight by itself: what its gradients so far and its value make it move by.</summary>
    private static void ByFormula(Optimizer optimizer, Func<double[], double, double> move)
    {
        var w = StepsOf.Start;
        double[][] expected = [.. Enumerable.Range(1, Gradients.Length).Select(t =>
            w = [.. w.Select((value, i) => value + move([.. Gradients[..t].Select(gradient => gradient[i])], value))])];
        StepsOf.AssertEqual(expected, StepsOf.InDouble(optimizer, Gradients), 1e-12);
        StepsOf.AssertEqual(expected, StepsOf.Compiled(optimizer, Gradients), 2e-5);
    }

    private static double[] Squares(double[] g) => [.. g.Select(x => x * x)];

    /// <summary>β^(t−i)·gᵢ for each i up to t.</summary>
    private static double[] Decaying(double beta, double[] g) => [.. g.Select((x, i) => x * Math.Pow(beta, g.Length - 1 - i))];

    private static double Mean(double beta, double[] g) =>
        Decaying(beta, g).Sum() / Decaying(beta, [.. g.Select(_ => 1.0)]).Sum();

    private static double Length(double[] v) => Math.Sqrt(Squares(v).Sum());

    private static double[][] Rows(JsonElement json) =>
        [.. json.EnumerateArray().Select(row => row.EnumerateArray().Select(number => number.GetDouble()).ToArray())];
}
