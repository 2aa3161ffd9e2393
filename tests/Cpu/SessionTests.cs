namespace AutoDiffCnn.Tests;

/// <summary>Plans and sessions as a user meets them.</summary>
public class SessionTests
{
    private sealed record Faulty : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => x.At(0) < 0 ? throw new ArithmeticException("no negatives") : x.Map(v => 2 * v);

        public override Node Vjp(Node x, Node y, Node dy) => Of(dy);
    }

    private sealed record Cube : Map1<Cube>, IFormula1
    {
        static V IFormula1.Of<V>(V x) => x * x * x;

        public override Node Vjp(Node x, Node y, Node dy) => dy * 3 * x * x;
    }

    [Fact]
    public void State_takes_its_next_value_after_each_run()
    {
        var (w, x) = (Variable("w", [3]), Variable("x", [3]));
        var loss = Sum(w * x);
        using var session = Cpu.Compile([loss], [(w, w - 0.5 * Gradient.Of(loss, w))]).Start(1);
        session.Set(w, Tensor.Of([1, 1, 1]));
        session.Set(x, Tensor.Of([2, 4, 6]));
        session.Run();
        Assert.Equal(12, session.Get(loss).Scalar);
        Assert.Equal(Tensor.Of([0, -1, -2]), session.Get(w));
        session.Run();
        Assert.Equal(-16, session.Get(loss).Scalar);
        Assert.Equal(Tensor.Of([-1, -3, -5]), session.Get(w));
    }

    /// <summary>Weights for which kernels prepare something: panels, Winograd's tiles, the turned right side of products.
    /// </summary>
    public static TheoryData<string, Node, Node, Node> Weighted
    {
        get
        {
            var (image, rows) = (Variable("x", [2, 32, 30, 30]), Variable("x", [70, 90]));
            var cases = new TheoryData<string, Node, Node, Node>();
            foreach (var kernel in new[] { 3, 1 })
            {
                var w = Variable("w", [32, 32, kernel, kernel]);
                cases.Add($"convolution {kernel}x{kernel}", image, w, Conv2D(image, w, Same));
            }

            foreach (var outputs in new[] { 120, 10, 2 })
            {
                var w = Variable("w", [outputs, 90]);
                cases.Add($"dense {outputs}", rows, w, Relu(Dense(rows, w) + 1));
            }

            var large = Variable("w", [90, 1700]);
            cases.Add("product", rows, large, MatMul(rows, large));
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Weighted))]
    public void Weights_are_prepared_again_when_they_change(string name, Node x, Node w, Node y)
    {
        using var session = Cpu.Compile([y]).Start(2);
        Assert.Contains(session.Plan.Steps, step => step.PreparedFrom >= 0);
        var values = new[] { x, w }.ToDictionary(node => node, node => Close.Rounded(Key.Of(8).FoldIn(name).Normal(node.Shape)));
        session.Set(x, values[x]);
        foreach (var scale in new[] { 1, 1, -2 })
        {
            values[w] = values[w].Map(value => scale * value);
            session.Set(w, values[w]);
            session.Run();
            session.Run();
            Close.All(Reference.Run(y, (x, values[x]), (w, values[w])), session.Get(y), 10 * Close.Bound);
        }

        session.Reals(w)[0] += 1;
        values[w] = session.Get(w);
        session.Run();
        Close.All(Reference.Run(y, (x, values[x]), (w, values[w])), session.Get(y), 10 * Close.Bound);
    }

    [Fact]
    public void States_may_exchange_their_values()
    {
        var (a, b) = (Variable("a", [2]), Variable("b", [2]));
        using var session = Cpu.Compile([], [(a, b), (b, a)]).Start(1);
        session.Set(a, Tensor.Of([1, 2]));
        session.Set(b, Tensor.Of([3, 4]));
        session.Run();
        Assert.Equal(Tensor.Of([3, 4]), session.Get(a));
        Assert.Equal(Tensor.Of([1, 2]), session.Get(b));
    }

    [Fact]
    public void A_state_that_is_read_after_its_update_is_computed_keeps_its_old_value_till_the_end()
    {
        var w = Variable("w", [2, 2]);
        var next = w * 2;
        var later = MatMul(next, w);
        using var session = Cpu.Compile([later], [(w, next)]).Start(1);
        session.Set(w, Tensor.Of([[1, 2], [3, 4]]));
        session.Run();
        Assert.Equal(Tensor.Of([[14, 20], [30, 44]]), session.Get(later));
        Assert.Equal(Tensor.Of([[2, 4], [6, 8]]), session.Get(w));
    }

    [Fact]
    public void A_loop_with_several_results_writes_none_over_what_it_still_reads()
    {
        var (m, g) = (Variable("m", [100]), Variable("g", [100]));
        var next = 0.9 * m + g;
        var (doubled, both) = (next * 2, next * m);
        using var session = Cpu.Compile([both], [(m, doubled)]).Start(1);
        session.Set(m, Tensor.Fill([100], 10));
        session.Set(g, Tensor.Fill([100], 1));
        session.Run();
        Assert.Equal(Tensor.Fill([100], 100), session.Get(both));
        Assert.Equal(Tensor.Fill([100], 20), session.Get(m));
    }

    [Fact]
    public void A_run_without_a_value_names_the_variable()
    {
        var (x, y) = (Variable("x", [3]), Variable("y", [3]));
        using var session = Cpu.Compile([x * y]).Start(1);
        session.Set(x, Tensor.Of([1, 2, 3]));
        Assert.Equal("variable y [3] has no value.", Assert.Throws<BindingError>(session.Run).Message);
    }

    [Fact]
    public void Values_that_do_not_fit_are_refused()
    {
        var (x, t) = (Variable("x", [3]), Variable("t", [2], Kind.Index));
        using var session = Cpu.Compile([Sum(x), OneHot(t, 3)]).Start(1);
        Assert.Equal("variable x has shape [3], the value has [2].", Assert.Throws<BindingError>(() => session.Set(x, Tensor.Of([1, 2]))).Message);
        Assert.Equal("variable t is an index, but element 1 is 0.5.", Assert.Throws<BindingError>(() => session.Set(t, Tensor.Of([1, 0.5]))).Message);
        Assert.Equal("z [3] is neither a variable nor an output of this plan.", Assert.Throws<BindingError>(() => session.Set(Variable("z", [3]), Tensor.Of([1, 2, 3]))).Message);
        Assert.Equal("t [2] is an index; Indices gives its memory.", Assert.Throws<BindingError>(() => session.Reals(t)).Message);
        Assert.Equal("x [3] is real; Reals gives its memory.", Assert.Throws<BindingError>(() => session.Indices(x)).Message);
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused()
    {
        var w = Variable("w", [3]);
        Assert.Equal("state w [3] cannot become SumTo []: it must be a variable of the same shape and kind.",
            Assert.Throws<GraphError>(() => Cpu.Compile([], [(w, Sum(w))])).Message);
    }

    [Fact]
    public void A_value_too_large_for_a_buffer_is_refused()
    {
        var x = Variable("x", [65536, 32768]);
        Assert.Equal("Compile x(Shape: [65536, 32768]) : [65536, 32768]: 2147483648 elements exceed 2147483647, the most of one buffer.\nPossible: smaller batches.",
            Assert.Throws<ShapeError>(() => Cpu.Compile([Sum(x)])).Message);
        Assert.InRange(Cpu.Compile([Sum(Variable("x", [65535, 32768]))]).ArenaBytes, 65535L * 32768 * 4, 8L << 30);
    }

    [Fact]
    public void An_op_of_ones_own_that_fails_fails_the_run_and_not_the_session()
    {
        var x = Variable("x", [3]);
        var y = new Faulty().Of(x);
        using var session = Cpu.Compile([y]).Start(2);
        session.Set(x, Tensor.Of([-1, 0, 1]));
        var error = Assert.Throws<InvalidOperationException>(session.Run);
        Assert.Equal("a step of the plan failed: no negatives", error.Message);
        Assert.IsType<ArithmeticException>(error.InnerException);
        session.Set(x, Tensor.Of([1, 2, 3]));
        session.Run();
        Assert.Equal(Tensor.Of([2, 4, 6]), session.Get(y));
    }

    [Fact]
    public void An_elementwise_op_of_ones_own_fuses_like_a_built_in_one()
    {
        var x = Variable("x", [5]);
        var y = Relu(new Cube().Of(x) + 1);
        var plan = Cpu.Compile([y]);
        Assert.Contains("loop Cube, Add, Relu : [5]", plan.Print(), StringComparison.Ordinal);
        Assert.Equal(Tensor.Of([0, 0, 1, 2, 9]), Cpu.Run([y], new Dictionary<Node, Tensor> { [x] = Tensor.Of([-2, -1, 0, 1, 2]) })[0]);
    }

    [Fact]
    public void A_profile_has_every_step_with_its_share()
    {
        var (x, w) = (Variable("x", [9, 16, 12, 12]), Variable("w", [32, 16, 1, 1]));
        using var session = Cpu.Compile([Exp(x), new Convolution(Window.Of(2)).Of(x, w)]).Start(2);
        session.Set(x, Key.Of(1).Normal(x.Shape));
        session.Set(w, Key.Of(2).Normal(w.Shape));
        var lines = session.Profile(runs: 2).Split('\n');
        Assert.Equal(session.Plan.Steps.Length + 1, lines.Length);
        Assert.All(session.Plan.Steps.Zip(lines.Skip(1)), pair => Assert.EndsWith(pair.First.Text, pair.Second, StringComparison.Ordinal));
        Assert.Contains(session.Plan.Steps, step => step.PreparedFrom >= 0);
        Assert.All(session.Plan.Steps.Zip(lines.Skip(1)), pair =>
            Assert.Matches(pair.First.PreparedFrom >= 0 ? "^ +[0-9.]+ µs +once" : "^ +[0-9.]+ µs +[0-9.]+ ?%", pair.Second));
        var shares = lines.Skip(1).Where(line => !line.Contains("once", StringComparison.Ordinal)).Sum(line => Number(line.Split("µs")[1].Split('%')[0]));
        Assert.InRange(shares, 99, 101);

        static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_disposed_session_says_so()
    {
        var x = Variable("x", [3]);
        var session = Cpu.Compile([x + 1]).Start(1);
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(session.Run);
        Assert.Throws<ObjectDisposedException>(() => session.Set(x, Tensor.Of([1, 2, 3])));
    }

    [Fact]
    public async Task Sessions_on_several_threads_do_not_disturb_each_other()
    {
        var (x, w) = (Variable("x", [4, 3, 10, 10]), Variable("w", [5, 3, 3, 3]));
        var y = Sum(Square(Conv2D(x, w)));
        var plan = Cpu.Compile([y, Gradient.Of(y, w)]);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            using var session = plan.Start(2);
            session.Set(x, Key.Of(1).Normal(x.Shape));
            session.Set(w, Key.Of(2).Normal(w.Shape));
            for (var run = 0; run < 50; run++)
            {
                session.Run();
            }

            return session.Get(y);
        })));
        Assert.All(results, result => Assert.Equal(results[0], result));
    }

    [Fact]
    public void A_chain_of_100_000_nodes_compiles_and_runs_without_recursion()
    {
        var x = Variable("x", [2]);
        var y = x;
        for (var i = 0; i < 50_000; i++)
        {
            y = Relu(Reshape(y, i % 2 == 0 ? [2, 1] : [2])) + 0.001;
        }

        var gradient = Gradient.Of(Sum(y), x);
        Close.All(Reference.Run([y, gradient], new Dictionary<Node, Tensor> { [x] = Tensor.Of([1, 2]) }),
            Cpu.Run([y, gradient], new Dictionary<Node, Tensor> { [x] = Tensor.Of([1, 2]) }), 1e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_a_plan_keeps_in_another_order_is_seen_in_the_users(int threads)
    {
        var (x, w) = (Variable("x", [2, 16, 9, 7]), Variable("w", [48, 16, 3, 3]));
        var y = Conv2D(x, w, Same);
        var next = w - 0.1 * Gradient.Of(Sum(y * y), w);
        var plan = Cpu.Compile([y, next], [(w, next)]);
        Assert.DoesNotContain(plan.Graph.Nodes, node => node.Op is Transpose);
        Assert.Contains("x [2, 9, 7, 16]", plan.Print(), StringComparison.Ordinal);
        Assert.Contains("w [3, 3, 16, 48]", plan.Print(), StringComparison.Ordinal);
        using var session = plan.Start(threads);
        var images = Close.Rounded(Key.Of(1).Normal(x.Shape));
        var weights = Close.Rounded(Key.Of(2).Normal(w.Shape).Map(value => 0.1 * value));
        session.Set(x, images);
        weights.CopyTo(session.Reals(w));

        // What is written is there before the run and after it.
        Assert.Equal(weights, session.Get(w));
        Assert.Equal(images, Tensor.Of(x.Shape, session.Reals(x)));
        for (var step = 0; step < 3; step++)
        {
            session.Run();
            var expected = Reference.Run([y, next], new Dictionary<Node, Tensor> { [x] = images, [w] = weights });
            Close.All(expected, [session.Get(y), session.Get(next)], 1e-4);
            Assert.Equal(session.Get(y), Tensor.Of(y.Shape, session.Reals(y)));
            Assert.Equal(session.Get(next), session.Get(w));
            Assert.Equal(images, session.Get(x));
            weights = session.Get(w);

            // One element changed where the user sees it.
            var reals = session.Reals(x);
            (reals[5], images) = (7, Tensor.From(x.Shape, i => i == 5 ? 7 : images.At(i)));
        }
    }
}
