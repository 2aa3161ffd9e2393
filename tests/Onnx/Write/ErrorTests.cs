namespace OnnxTests;

/// <summary>What cannot be written is told: all of it at once, with what to do.</summary>
public sealed class ErrorTests
{
    private sealed record Softsign : Map1<Softsign>, IFormula1
    {
        static V IFormula1.Of<V>(V x) => x / (V.Of(1) + V.Abs(x));

        public override Node? Vjp(Node x, Node y, Node dy) => dy / Square(1 + Abs(x));
    }

    private sealed record Sorted : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => Tensor.Of([.. x.ToDoubles().Order()]);

        public override Node? Vjp(Node x, Node y, Node dy) => NotDifferentiable("it is only here to be refused");
    }

    [RuntimeFact]
    public void An_elementwise_op_of_a_users_is_written_by_its_formula()
    {
        var x = Variable("x", [4]);
        var y = new Softsign().Of(x);
        var graph = OnnxGraph.Of(("y", y), ("dx", Gradient.Of(Sum(y), x)));
        Assert.Empty(Written.Failures([new("softsign", graph, (x, Tensor.Of([-2, -0.5, 0, 3])))], 1e-6));
        Assert.Equal(["Abs", "Add", "Div"], Written.Operators(OnnxGraph.Of(("y", y))));
    }

    [Fact]
    public void All_ops_without_a_counterpart_are_told_at_once()
    {
        var model = (Dense(4) >> Dropout(0.5)).Build([2, 3], Mode.Train);
        var error = Assert.Throws<OnnxExportError>(() => Written.Bytes(OnnxGraph.Of(("y", new Sorted().Of(Reshape(model.Output, [8]))))));
        Assert.Equal("dropout1: RandomUniform(Shape: [2, 4]) draws random numbers from a key, for which opset 16 has no operators. "
            + "Possible: make what is drawn an input (WithDrawsAsInputs), or build the model for use (without Mode.Train).\n"
            + "Sorted has no counterpart in opset 16 and no formula to be written. "
            + "Possible: make it of ops that have one, or derive it from Map1, Map2 or Map3.", error.Message);
    }

    [Fact]
    public void A_variable_that_is_nowhere_is_told() => Assert.Equal("variable x [2] is neither an input nor has it a value.",
        Assert.Throws<BindingError>(() => Written.Bytes(new([], [], [("y", 2 * Variable("x", [2]))]))).Message);

    [Fact]
    public void A_weight_of_another_shape_is_told()
    {
        var x = Variable("x", [2]);
        Assert.Equal("variable x has shape [2], the value has [3].",
            Assert.Throws<BindingError>(() => Written.Bytes(OnnxGraph.Of(("y", 2 * x)).With([(x, Tensor.Of([1, 2, 3]))]))).Message);
    }

    [Fact]
    public void A_name_twice_is_told()
    {
        var x = Variable("x", [2]);
        Assert.Equal("two values of the file are called x.", Assert.Throws<GraphError>(() => Written.Bytes(OnnxGraph.Of(("x", 2 * x)))).Message);
        Assert.Equal("two values of the file are called y.", Assert.Throws<GraphError>(() => Written.Bytes(OnnxGraph.Of(("y", 2 * x), ("y", 3 * x)))).Message);
        Assert.Equal("an output has no name.", Assert.Throws<GraphError>(() => Written.Bytes(OnnxGraph.Of(("", 2 * x)))).Message);
    }

    [Fact]
    public void More_than_2_GB_is_told()
    {
        // One array under many names: only what is written would be large.
        var one = Tensor.Of([16_384, 1_024], new float[1 << 24]);
        var weights = Enumerable.Range(0, 33).Select(i => (Variable: Variable($"w{i}", one.Shape), Value: one)).ToArray();
        var sum = weights.Select(pair => pair.Variable).Aggregate((a, b) => a + b);
        Assert.Equal("the file would exceed 2 GB, the most that ONNX allows, at w31 [16384, 1024]. Possible: make weights inputs and keep them as safetensors.",
            Assert.Throws<OnnxExportError>(() => Written.Bytes(OnnxGraph.Of(("y", sum)).With(weights))).Message);
    }

    [Fact]
    public void A_file_that_cannot_be_written_leaves_the_old_one() => Scratch.In(folder =>
    {
        var file = Path.Combine(folder, "y.onnx");
        File.WriteAllText(file, "old");
        Assert.Throws<OnnxExportError>(() => Onnx.Write(file, OnnxGraph.Of(("y", new Sorted().Of(Variable("x", [2]))))));
        Assert.Equal("old", File.ReadAllText(file));
        Assert.Single(Directory.GetFiles(folder));
    });
}
