using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Cpu against Reference: every op, its gradient, and random graphs.</summary>
public class ExecutorTests
{
    public static TheoryData<string> Names => [.. OpTable.Rows.Select(row => row.Op.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_op_means_the_same(string name) => Law.ForAll(RowOf(name).Cases, at =>
    {
        var inputs = at.Variables();
        var y = at.Apply(inputs);
        Agree([y], Bind(inputs, at));
    }, 50);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_gradient_means_the_same(string name)
    {
        if (RowOf(name).Derivative == Derivative.None)
        {
            return;
        }

        Law.ForAll(RowOf(name).Cases, at =>
        {
            var inputs = at.Variables();
            var real = inputs.Where(input => input.Kind == Kind.Real).ToArray();
            var y = at.Apply(inputs);
            var weights = Key.Of(7).Uniform(y.Shape, -1, 1);
            Agree([.. Gradient.Of(Sum(y * weights), real)], Bind(inputs, at));
        }, 30);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_tangent_means_the_same(string name)
    {
        if (RowOf(name).Derivative == Derivative.None)
        {
            return;
        }

        Law.ForAll(RowOf(name).Cases, at =>
        {
            var inputs = at.Variables();
            var real = inputs.Where(input => input.Kind == Kind.Real).ToArray();
            var directions = real.Select(x => Constant(Key.Of(7).Uniform(x.Shape, -1, 1))).ToArray();
            Agree([Gradient.Jvp(at.Apply(inputs), real, directions)], Bind(inputs, at));
        }, 10);
    }

    [Fact]
    public void Random_graphs_mean_the_same() => Law.ForAll(RandomGraph.All, random =>
        Agree([.. random.Graph.Outputs], random.Values), 200);

    [Fact]
    public void Passes_leave_graphs_valid_and_values_unchanged() => Law.ForAll(RandomGraph.All, random =>
    {
        var simple = Verify.Check(random.Graph.Simplify());
        Close.AllInDouble(random.Run(), Reference.Run(simple.Outputs, random.Values));
    }, 200);

    [Theory]
    [MemberData(nameof(Names))]
    public void Special_values_go_through_elementwise_ops_as_the_formula_says(string name)
    {
        if (!typeof(IElementwise).IsAssignableFrom(RowOf(name).Op))
        {
            return;
        }

        // Powers of huge numbers differ by rounding of the exponent; the sine of 1e300 means nothing in floats.
        double[] special = [0, -0.0, 1, -1, 0.5, -2, 3, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-42, -1e-42, 1e30, -1e30, 88, -88, 100, -104];
        var numbers = name is "Sin" or "Cos" ? special.Where(v => !(Math.Abs(v) > 1e9 && double.IsFinite(v))).ToArray() : special;
        var at = RowOf(name).Cases.Sample(1).First();
        var count = at.Inputs.Length;
        var size = (int)Math.Pow(numbers.Length, count);
        var inputs = Enumerable.Range(0, count).Select(i => Close.Rounded(Tensor.From([size],
            flat => numbers[flat / (int)Math.Pow(numbers.Length, i) % numbers.Length]))).ToArray();
        var variables = inputs.Select((input, i) => Variable($"x{i}", input.Shape)).ToArray();
        var y = at.Apply([.. variables]);
        var bindings = variables.Zip(inputs).ToDictionary(pair => pair.First, pair => pair.Second);
        var (expected, actual) = (Reference.Run([y], bindings)[0], Cpu.Run([y], bindings)[0]);
        for (var i = 0; i < size; i++)
        {
            var (wanted, got) = ((float)expected.At(i), (float)actual.At(i));
            var agrees = wanted.Equals(got) || Math.Abs(wanted - got) <= 2e-6 * Math.Abs(wanted) + 1e-44;
            Assert.True(agrees && (wanted != 0 || float.IsNegative(wanted) == float.IsNegative(got)),
                $"{name}({string.Join(", ", inputs.Select(input => input.At(i)))}) = {got}, expected {wanted}");
        }
    }

    [Fact]
    public void A_max_pools_gradient_may_be_asked_for_before_its_value()
    {
        var x = Variable("x", [2, 3, 6, 6]);
        var y = MaxPool(x, 2);
        Agree([Gradient.Of(Sum(y), x), y], new Dictionary<Node, Tensor> { [x] = Key.Of(1).Normal(x.Shape) });
    }

    /// <summary>No images, no channels going in or out; and planes that the kernel just leaves a pool.</summary>
    [Theory]
    [InlineData(0, 3, 4, 8)]
    [InlineData(2, 0, 4, 8)]
    [InlineData(2, 3, 0, 8)]
    [InlineData(0, 0, 0, 8)]
    [InlineData(2, 3, 4, 4)]
    public void A_network_runs_where_a_size_is_zero(int images, int channels, int kernels, int size)
    {
        var (x, w, b) = (Variable("x", [images, channels, size, size]), Variable("w", [kernels, channels, 3, 3]), Variable("b", [kernels]));
        var conv = Conv2D(x, w) + Reshape(b, [kernels, 1, 1]);
        foreach (var y in new[]
        {
            conv, Relu(conv), MaxPool(Relu(conv), 2), AvgPool(conv, 2), Tanh(MaxPool(conv, 2, 1)) * 2,
            Conv2D(conv, Variable("v", [5, kernels, size - 2, size - 2])),
        })
        {
            Node[] variables = [.. new Graph(y).Variables];
            Agree([y, .. Gradient.Of(Sum(y), variables)], Runs.Uniform(variables));
        }
    }

    private static OpRow RowOf(string name) => OpTable.Rows.First(row => row.Op.Name == name);

    private static Dictionary<Node, Tensor> Bind(IEnumerable<Node> variables, OpCase at) =>
        variables.Zip(at.Inputs).ToDictionary(pair => pair.First, pair => pair.First.Kind == Kind.Real ? Close.Rounded(pair.Second) : pair.Second);

    private static void Agree(Node[] outputs, IReadOnlyDictionary<Node, Tensor> values)
    {
        var rounded = values.ToDictionary(pair => pair.Key, pair => pair.Key.Kind == Kind.Real ? Close.Rounded(pair.Value) : pair.Value);
        Close.All(Reference.Run([.. outputs], rounded), Cpu.Run(outputs, rounded));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_one_hot_row_may_have_one_class(int classes)
    {
        var index = Variable("index", [3], Kind.Index);
        var y = Exp(OneHot(index, classes) + 1);
        var value = Tensor.Of([0, 1, 0]);
        Close.All(Reference.Run(y, (index, value)), Cpu.Run([y], new Dictionary<Node, Tensor> { [index] = value })[0]);
    }
}
