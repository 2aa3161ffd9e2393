namespace FacadeTests;

/// <summary>An optimiser at work on one parameter of three weights, with gradients that are given.</summary>
internal static class StepsOf
{
    public static readonly double[] Start = [1, -0.5, 0.25];

    /// <summary>The weights after each step, by the plain meaning of the ops in double precision.</summary>
    public static double[][] InDouble(Optimizer optimizer, double[][] gradients) =>
        InDouble(optimizer, gradients, [.. gradients.Select(_ => optimizer.Rate)]);

    /// <summary>The same with a learning rate for each step.</summary>
    public static double[][] InDouble(Optimizer optimizer, double[][] gradients, double[] rates)
    {
        var step = Of(optimizer);
        var values = step.Start(First, Key.Of(0)).ToDictionary(pair => pair.Variable, pair => pair.Value);
        return [.. gradients.Zip(rates).Select(pair =>
        {
            (values[step.Model.Input], values[step.Rate]) = (Tensor.Of(pair.First), Tensor.Of(pair.Second));
            var next = Reference.Run([.. step.State.Select(state => state.Next)], values);
            for (var i = 0; i < next.Length; i++)
            {
                values[step.State[i].Variable] = next[i];
            }

            return values[step.Learnt[0].Variable].ToDoubles().ToArray();
        })];
    }

    /// <summary>The weights after each step, compiled, in single precision.</summary>
    public static double[][] Compiled(Optimizer optimizer, double[][] gradients)
    {
        var step = Of(optimizer);
        using var session = Cpu.Compile([step.Loss], step.State).Start(1);
        foreach (var (variable, value) in step.Start(First, Key.Of(0)))
        {
            session.Set(variable, value);
        }

        return [.. gradients.Select(gradient =>
        {
            session.Set(step.Model.Input, Tensor.Of(gradient));
            session.Run();
            return session.Get(step.Learnt[0].Variable).ToDoubles().ToArray();
        })];
    }

    public static void AssertEqual(double[][] expected, double[][] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var (step, i) = (0, 0); step < expected.Length; (step, i) = i < 2 ? (step, i + 1) : (step + 1, 0))
        {
            var (e, a) = (expected[step][i], actual[step][i]);
            Assert.True(Math.Abs(e - a) <= tolerance, $"step {step + 1}, weight {i}: expected {e}, got {a}");
        }
    }

    private static Weights First => new([KeyValuePair.Create("weight1.weight", Tensor.Of(Start))]);

    /// <summary>The loss g·w has the gradient g whatever w is.</summary>
    private static TrainingStep Of(Optimizer optimizer)
    {
        var model = new Weight().Build([3], Mode.Train);
        return TrainingStep.Of(model, Sum(model.Output), optimizer);
    }

    private sealed record Weight : Layer
    {
        public override Node Apply(Scope scope, Node x) => x * scope.Parameter("weight", [3], Init.Ones);
    }
}
