using System.Runtime.CompilerServices;

namespace OutsideTests;

/// <summary>Ops written outside the library: they are run, differentiated, printed and fused like its own.</summary>
public class CustomOpTests
{
    private static readonly Node x = Variable("x", [2, 3]);

    private static readonly Tensor at = Tensor.Of([[-1, 0, 0.5], [1, 2, 3]]);

    [Fact]
    public void The_library_shows_this_assembly_nothing_but_what_is_public()
    {
        var friends = new[] { typeof(Node), typeof(Convolution), typeof(Cpu), typeof(Layer) }
            .SelectMany(type => type.Assembly.GetCustomAttributes(typeof(InternalsVisibleToAttribute), false))
            .Select(friend => ((InternalsVisibleToAttribute)friend).AssemblyName);
        Assert.DoesNotContain(typeof(CustomOpTests).Assembly.GetName().Name, friends);
    }

    [Theory, InlineData("Snake.cs"), InlineData("Roll.cs")]
    public void An_op_takes_at_most_25_lines(string file)
    {
        using var text = new StreamReader(typeof(CustomOpTests).Assembly.GetManifestResourceStream(file)!);
        Assert.InRange(text.ReadToEnd().TrimEnd().Split('\n').Length, 1, 25);
    }

    [Fact]
    public void An_elementwise_op_and_its_derivatives_are_what_its_formula_says()
    {
        var y = Snake(x);
        var dx = Gradient.Of(Sum(y), x);
        Agree(y, at.Map(v => v + Math.Pow(Math.Sin(v), 2)));
        Agree(dx, at.Map(v => 1 + Math.Sin(2 * v)));
        Agree(Gradient.Of(Sum(dx), x), at.Map(v => 2 * Math.Cos(2 * v)));
    }

    [Fact]
    public void A_general_op_and_its_gradient_are_what_its_meaning_says()
    {
        var y = Roll(x);
        Agree(y, Tensor.Of([[0.5, -1, 0], [3, 1, 2]]));
        Agree(Gradient.Of(Sum(y * Tensor.Of([1, 2, 4])), x), Tensor.Of([[2, 4, 1], [2, 4, 1]]));
        Agree(Gradient.Of(Sum(Gradient.Of(Sum(y * y * y), x)), x), at.Map(v => 6 * v));
    }

    [Fact]
    public void An_elementwise_op_fuses_with_built_in_ones_into_one_step()
    {
        var plan = Cpu.Compile([Relu(Snake(x) + 1)]).Print();
        Assert.StartsWith("   0  loop Snake, Add, Relu : [2, 3]\nmemory\n", plan, StringComparison.Ordinal);
    }

    [Fact]
    public void A_general_op_runs_by_its_meaning_between_compiled_steps() =>
        Agree(Relu(Roll(2 * x)), Tensor.Of([[1, 0, 0], [6, 2, 4]]));

    [Fact]
    public void They_print_like_any_other() => Assert.Equal(
        """
        x : [2, 3]
        %0 = Snake(x) : [2, 3]
        %1 = Roll(Shift: 1)(%0) : [2, 3]
        return %1
        """, Roll(Snake(x)).Print());

    [Fact]
    public void They_are_layers_of_a_model_with_a_summary()
    {
        var net = Dense(4) >> Snake >> Roll >> Dense(2);
        Assert.Equal(
            """
            name    layer     output  parameters  multiply-adds
            input             [3]
            dense1  Dense(4)  [4]             16             12
            snake1  Snake     [4]              0              0
            roll1   Roll      [4]              0              0
            dense2  Dense(2)  [2]             10              8
            total                             26             20
            """, $"{net.Summary([3])}");
    }

    [Fact]
    public void Their_shape_errors_tell_the_layer_and_the_way_to_it()
    {
        var error = Assert.Throws<ShapeError>(() => (Dense(1) >> Roll).Build([5, 3]));
        Assert.Equal(
            """
            roll1: Roll on [5, 1]: shift 1 must lie from 0 to below the last size.
            Possible: a shift of 0.
            So far: input [5, 3] -> dense1 [5, 1]
            """, error.Message);
        Assert.Equal([5, 1], new Roll(0).Of(Variable("y", [5, 1])).Shape);
    }

    [Fact]
    public void A_network_with_them_learns()
    {
        var model = (Dense(8) >> Snake >> Roll >> Dense(1)).Build([16, 2]);
        var target = Variable("target", [16, 1]);
        var loss = MeanSquaredError(model.Output, target);
        Node[] weights = [.. model.Parameters.Select(parameter => parameter.Variable)];
        var updates = weights.Zip(Gradient.Of(loss, weights), (w, dw) => (w, w - 0.05 * dw)).ToArray();
        using var session = Cpu.Compile([loss], updates).Start();
        foreach (var (variable, value) in model.Bind(model.Init(Key.Of(1))))
        {
            session.Set(variable, value);
        }

        var points = Key.Of(2).Uniform([16, 2], -2, 2);
        session.Set(model.Input, points);
        session.Set(target, Tensor.From([16, 1], i => Math.Sin(points[i, 0]) + points[i, 1]));
        var losses = Enumerable.Range(0, 200).Select(_ =>
        {
            session.Run();
            return session.Get(loss).Scalar;
        }).ToArray();
        Assert.InRange(losses[^1], 0, 0.1 * losses[0]);
    }

    private static Node Snake(Node x) => new Snake().Of(x);

    private static Node Roll(Node x) => new Roll(1).Of(x);

    /// <summary>Fails unless both executors give the values, each in its precision.</summary>
    private static void Agree(Node y, Tensor expected)
    {
        var values = new Dictionary<Node, Tensor> { [x] = at };
        Close(expected, Reference.Run(y, (x, at)), 1e-12);
        Close(expected, Cpu.Run([y], values)[0], 1e-6);
    }

    private static void Close(Tensor expected, Tensor actual, double bound)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.All(Enumerable.Range(0, expected.Count), i => Assert.Equal(expected.At(i), actual.At(i), bound * (1 + Math.Abs(expected.At(i)))));
    }
}
