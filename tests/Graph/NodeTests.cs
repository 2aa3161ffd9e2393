namespace AutoDiffCnn.Tests.Graphs;

public class NodeTests
{
    private static readonly Node x = Variable("x", [2, 3]);

    [Fact]
    public void Arithmetic_broadcasts_from_the_last_axis()
    {
        Node a = Tensor.Of([[1, 2, 3], [4, 5, 6]]);
        Assert.Equal(Tensor.Of([[2, 4, 6], [5, 7, 9]]), (a + Tensor.Of([1, 2, 3])).Value);
        Assert.Equal(Tensor.Of([[0, 1, 2], [2, 3, 4]]), (a - Tensor.Of([[1], [2]])).Value);
        Assert.Equal(Tensor.Of([[10, 20, 30], [40, 50, 60]]), (a * 10).Value);
        Assert.Equal(Tensor.Of([[6, 3, 2], [1.5, 1.2, 1]]), (6 / a).Value);
        Assert.Equal(Tensor.Of([[0.5, 1, 1.5], [2, 2.5, 3]]), (a / 2).Value);
        Assert.Equal(Tensor.Of([[4, 3, 2], [1, 0, -1]]), (5 - a).Value);
        Assert.Equal(Tensor.Of([[-1, -2, -3], [-4, -5, -6]]), (-a).Value);
        Assert.Equal([2, 2, 3], (Variable("y", [2, 1, 1]) + a).Shape);
        Assert.Equal([0, 3], (Variable("z", [0, 1]) + Variable("w", [3])).Shape);
    }

    [Fact]
    public void Sizes_that_cannot_be_broadcast_are_refused_with_a_reshape_that_works()
    {
        var bias = Variable("b", [6]);
        var map = Variable("y", [1, 6, 24, 20]);
        var error = Assert.Throws<ShapeError>(() => map + bias);
        Assert.Equal("Add on [1, 6, 24, 20] and [6]: axis -1: sizes 20 and 6 differ and neither is 1.\n"
            + "Possible: Reshape [6] to [6, 1, 1], [1, 1, 1, 1] instead of [6].", error.Message);
        Assert.Equal(map.Shape, (map + Reshape(bias, [6, 1, 1])).Shape);
        Assert.Equal(map.Shape, (map + Variable("one", [1, 1, 1, 1])).Shape);

        error = Assert.Throws<ShapeError>(() => x * Variable("y", [3, 2]));
        Assert.Equal("Multiply on [2, 3] and [3, 2]: axis -1: sizes 3 and 2 differ and neither is 1.\nPossible: Reshape [3, 2] to [2, 3].", error.Message);
        Assert.Equal([2, 3], (x * Reshape(Variable("y", [3, 2]), [2, 3])).Shape);
    }

    [Fact]
    public void Broadcast_and_sum_to_refuse_what_does_not_fit()
    {
        var error = Assert.Throws<ShapeError>(() => BroadcastTo(x, [4, 3]));
        Assert.Equal("Broadcast(Shape: [4, 3]) on [2, 3]: axis 0 has size 2, it must be 1 or 4.\nPossible: an input of shape [4, 3].", error.Message);
        error = Assert.Throws<ShapeError>(() => BroadcastTo(x, [3]));
        Assert.Equal("Broadcast(Shape: [3]) on [2, 3]: rank 2 exceeds rank 1.\nPossible: an input of shape [3].", error.Message);
        Assert.Equal([3], BroadcastTo(Variable("y", [3]), [3]).Shape);

        error = Assert.Throws<ShapeError>(() => SumTo.Of(x, [2]));
        Assert.Equal("SumTo(Shape: [2]) on [2, 3]: [2] must be broadcastable to [2, 3], but axis 0 has size 2, it must be 1 or 3.\nPossible: [1, 1].", error.Message);
        Assert.Equal([1, 1], SumTo.Of(x, [1, 1]).Shape);

        error = Assert.Throws<ShapeError>(() => new Add().Of(x, Variable("y", [3])));
        Assert.Equal("Add on [2, 3] and [3]: [2, 3] and [3] must be equal.\nPossible: Broadcast.Pair, which repeats sizes of 1.", error.Message);
        Assert.Equal([2, 3], Broadcast.Pair(new Add(), x, Variable("y", [3])).Shape);
    }

    [Fact]
    public void A_closed_node_shows_its_value_an_open_one_its_op()
    {
        Assert.Equal("[[15, 16], [6, 15]]", CrossCorrelate(
            Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]), Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]])).ToString());
        Assert.Equal("x : [2, 3]", x.ToString());
        Assert.Equal("Reshape(Shape: [6])([2, 3]) : [6]", Reshape(x, [6]).ToString());
        Assert.True(Exp(2).IsClosed && !Exp(x).IsClosed);
    }

    [Fact]
    public void A_kind_that_does_not_fit_is_refused()
    {
        var error = Assert.Throws<KindError>(() => OneHot(x, 10));
        Assert.Equal("OneHot(Classes: 10) on [2, 3]: input 0, variable x, is real, it must be an index.\nPossible: Variable(\"x\", [2, 3], Kind.Index).", error.Message);
        Assert.Equal([2, 3, 10], OneHot(Variable("x", [2, 3], Kind.Index), 10).Shape);
        error = Assert.Throws<KindError>(() => Relu(Variable("labels", [2], Kind.Index)));
        Assert.Equal("Relu on [2]: input 0, variable labels, is an index, it must be real.\nPossible: Variable(\"labels\", [2]).", error.Message);
        error = Assert.Throws<KindError>(() => Gather(x, Tanh(Variable("t", [2])), 0));
        Assert.Equal("Gather(Axis: 0) on [2, 3] and [2]: input 1, the Tanh [2], is real, it must be an index.\nPossible: ArgMax, which gives positions.", error.Message);
    }

    [Fact]
    public void A_binding_that_is_missing_or_does_not_fit_is_refused()
    {
        var labels = Variable("labels", [2], Kind.Index);
        static string Text(Action run) => Assert.Throws<BindingError>(run).Message;
        Assert.Equal("variable x [2, 3] has no value.", Text(() => Reference.Run(Exp(x))));
        Assert.Equal("variable x [2, 3] has no value.", Text(() => _ = Exp(x).Value));
        Assert.Equal("variable x has shape [2, 3], the value has [3].", Text(() => Reference.Run(x, (x, Tensor.Of([1, 2, 3])))));
        Assert.Equal("variable labels is an index, but element 1 is -1.", Text(() => Reference.Run(OneHot(labels, 3), (labels, Tensor.Of([0, -1])))));
        Assert.Equal("variable labels is an index, but element 0 is 0.5.", Text(() => Reference.Run(OneHot(labels, 3), (labels, Tensor.Of([0.5, 1])))));
        Assert.Equal("variable labels is an index, but element 0 is NaN.", Text(() => Reference.Run(OneHot(labels, 3), (labels, Tensor.Of([double.NaN, 1])))));
        Assert.Equal("the Constant [1] is an index, but element 0 is 4.29497E+09.", Text(() => Indices(Tensor.Of([4294967296]))));
    }

    [Theory, InlineData(""), InlineData("a b"), InlineData("%1"), InlineData("a\n")]
    public void A_name_must_not_confuse_a_print(string name) =>
        Assert.StartsWith($"'{name}' cannot name a variable: it must not be empty and have neither spaces nor %.",
            Assert.Throws<ArgumentException>(() => Variable(name, [1])).Message);
}
