namespace AutoDiffCnn.Tests.Explain;

/// <summary>Elements of gradients taken apart.</summary>
public sealed class ExplanationTests
{
    [Fact]
    public void An_element_of_a_kernel_s_gradient_is_pixels_times_errors()
    {
        var (x, w) = (Variable("x", [1, 1, 3, 3]), Variable("w", [1, 1, 2, 2]));
        var dw = Gradient.Of(Sum(Square(Conv2D(x, w))), w);
        (Node, Tensor)[] values = [(x, Tensor.From(x.Shape, i => i + 1)), (w, Tensor.From(w.Shape, i => i == 0 ? 0.5 : 0))];
        Assert.Equal(
            """
            Conv2DKernel (Vjp of Conv2D)[0, 0, 1, 0] = 82, 4 terms
              Add (Vjp of Multiply)[0, 0, 1, 1] · x[0, 0, 2, 1] = 5 · 8 = 40
              Add (Vjp of Multiply)[0, 0, 1, 0] · x[0, 0, 2, 0] = 4 · 7 = 28
              Add (Vjp of Multiply)[0, 0, 0, 1] · x[0, 0, 1, 1] = 2 · 5 = 10
              Add (Vjp of Multiply)[0, 0, 0, 0] · x[0, 0, 1, 0] = 1 · 4 = 4
            """, dw.Explain([0, 0, 1, 0], values).ToString());
    }

    [Fact]
    public void A_bias_is_followed_to_the_sum_over_the_batch()
    {
        var model = Layers.Dense(2).Build([3, 2]);
        var (loss, b) = (Sum(Square(model.Output)), model.Parameters[1].Variable);
        var explanation = Gradient.Of(loss, b).Explain([1], [.. model.Bind(model.Init(Key.Of(1))), (model.Input, Tensor.From([3, 2], i => i + 1))]);
        Assert.Equal(3, explanation.Terms.Length);
        Assert.Equal(explanation.Value, explanation.Terms.Sum(term => term.Value), 1e-12);
    }

    [Fact]
    public void A_position_outside_is_refused()
    {
        var x = Variable("x", [2]);
        Assert.Equal("Position [2] in [2]: it lies outside.\nPossible: [1] for the last element.",
            Assert.Throws<ShapeError>(() => x.Explain([2], (x, Tensor.Of([1, 2])))).Message);
    }

    [Fact]
    public void Terms_of_random_graphs_sum_to_their_element() => Law.ForAll(RandomGraph.All, graph =>
    {
        var values = graph.Values.Select(pair => (pair.Key, pair.Value)).ToArray();
        var loss = graph.Graph.Outputs.Where(output => output.Kind == Kind.Real).Select(Sum).Aggregate((Node)0, (sum, each) => sum + each);
        foreach (var w in graph.Graph.Variables.Where(w => w.Kind == Kind.Real && w.Shape.Elements > 0 && DerivationTests.IsDifferentiable(loss, w)).Take(3))
        {
            var explanation = Gradient.Of(loss, w).Explain(w.Shape.Select((size, _) => size - 1), values);
            var size = explanation.Terms.Sum(term => Math.Abs(term.Value));
            Assert.Equal(explanation.Value, explanation.Terms.Sum(term => term.Value), 1e-9 * (1 + size));
            Assert.Equal(explanation.Terms.Select(term => Math.Abs(term.Value)).OrderDescending(), explanation.Terms.Select(term => Math.Abs(term.Value)));
        }
    }, times: 40);

    [Fact]
    public void A_dead_relu_is_named_with_its_layer()
    {
        var model = (Layers.Dense(2) >> Functions.Relu >> Layers.Dense(1)).Build([1, 2]);
        var w = model.Parameters[0].Variable;
        var cause = Gradient.Of(Sum(model.Output), w).WhyZero([1, 0], Given(model, w, Tensor.Of([[1, 1], [-1, -2]])));
        Assert.Equal("dead relu: Relu in relu1 got -3 at [0, 1], where its slope is 0", cause.Reason);
    }

    [Fact]
    public void Behind_a_dead_relu_a_weight_gets_nothing_because_its_input_is_0()
    {
        var model = (Layers.Dense(2) >> Functions.Relu >> Layers.Dense(1)).Build([1, 2]);
        var w = model.Parameters[0].Variable;
        var cause = Gradient.Of(Sum(model.Output), model.Parameters[2].Variable).WhyZero([0, 1], Given(model, w, Tensor.Of([[1, 1], [-1, -2]])));
        Assert.Equal("dead relu: Relu in relu1 got -3 at [0, 1], where its slope is 0", cause.Reason);
        Assert.IsType<Relu>(cause.Node.Op);
    }

    [Fact]
    public void What_was_not_the_largest_gets_nothing()
    {
        var x = Variable("x", [1, 1, 2, 2]);
        var cause = Gradient.Of(Sum(MaxPool(x, 2)), x).WhyZero([0, 0, 0, 1], (x, Tensor.Of([[[[1, 2], [3, 4]]]])));
        Assert.Equal("not the largest of its window in MaxPool, so its error is 0, at [0, 0, 0, 1]", cause.Reason);
    }

    [Fact]
    public void A_saturated_softmax_is_named()
    {
        var z = Variable("z", [1, 2]);
        var cause = Gradient.Of(Sum(Softmax(z) * Tensor.Of([[0, 1]])), z).WhyZero([0, 1], (z, Tensor.Of([[1000, 0]])));
        Assert.Equal("saturated softmax: Exp got -1000 at [0, 1], and e to that is 0", cause.Reason);
    }

    [Fact]
    public void What_the_loss_does_not_depend_on_is_0_throughout()
    {
        var (x, w) = (Variable("x", [2]), Variable("w", [2]));
        Assert.StartsWith("0 throughout: ", Gradient.Of(Sum(x), w).WhyZero([0]).Reason);
    }

    [Fact]
    public void An_input_that_is_0_is_named()
    {
        var (x, w) = (Variable("x", [1, 2]), Variable("w", [1, 2]));
        var cause = Gradient.Of(Sum(Square(Dense(x, w))), w).WhyZero([0, 1], (x, Tensor.Of([[1, 0]])), (w, Tensor.Of([[1, 1]])));
        Assert.Equal("x[0, 1] is 0 in the values that are given", cause.Reason);
    }

    [Fact]
    public void What_is_not_0_has_no_reason() => Assert.Equal("x[1] is 2, not 0. (Parameter 'position')",
        Assert.Throws<ArgumentException>(() => Variable("x", [2]) is var x ? x.WhyZero([1], (x, Tensor.Of([1, 2]))) : null).Message);

    [Fact]
    public void Log_0_is_found_behind_everything_that_follows()
    {
        var x = Variable("x", [3]);
        var cause = Sum(Tanh(x) * Log(Relu(x))).WhyNaN((x, Tensor.Of([1, 0, 2])));
        Assert.Equal("0 · ∞: Multiply got 0 and -Infinity at [1]", cause.Reason);
        Assert.Equal("log 0: Log got 0 at [1]", Mean(Log(Relu(x))).WhyNaN((x, Tensor.Of([1, 0, 2]))).Reason);
    }

    [Fact]
    public void Zero_times_infinity_under_a_select_is_named()
    {
        var x = Variable("x", [2]);
        var loss = Sum(Where(Less(0, x), Sqrt(x), 0));
        var cause = Gradient.Of(loss, x).WhyNaN((x, Tensor.Of([4, 0])));
        Assert.StartsWith("0 · ∞ under a select: ", cause.Reason);
        Assert.EndsWith("the 0 is what Select passes to what it did not choose", cause.Reason);
    }

    [Fact]
    public void What_is_finite_has_no_reason() => Assert.Equal("all elements of x [2] are finite. (Parameter 'node')",
        Assert.Throws<ArgumentException>(() => Variable("x", [2]) is var x ? x.WhyNaN((x, Tensor.Of([1, 2]))) : null).Message);

    private static (Node, Tensor)[] Given(Model model, Node w, Tensor value) =>
    [
        .. model.Bind(model.Init(Key.Of(2))).Where(pair => pair.Variable != w), (w, value), (model.Input, Tensor.Of([[1, 1]])),
    ];
}
