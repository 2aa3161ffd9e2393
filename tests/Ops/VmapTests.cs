using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Vmap of a function is the loop over its examples.</summary>
public class VmapTests
{
    private const int Batch = 3;

    public static TheoryData<string> Names => [.. OpTable.Rows.Select(row => row.Op.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_op_of_a_batch_is_the_op_of_each_example(string name) => Law.ForAll(
        from at in OpTable.Rows.First(row => row.Op.Name == name).Cases
        from coins in Gen.Choose(0, 2).ArrayOf(at.Inputs.Length)
        select (at, coins), test =>
    {
        var (at, coins) = test;
        bool IsIndex(int i) => at.Op.InputKind(i) == Kind.Index;

        // The positions of a pool's planes come from a pool only, which is batched with what reads them.
        var free = Enumerable.Range(0, at.Inputs.Length).Where(i => !IsIndex(i) || at.Op is not (PlaneTake or PlanePut));
        var chosen = free.Where(i => coins[i] > 0).ToHashSet();
        if (chosen.Count == 0 || at.Op is MaxPoolIndices)
        {
            return;
        }

        var examples = Enumerable.Range(0, Batch).Select(example => at.Inputs.Select((input, i) =>
            chosen.Contains(i) ? Turned(input, example) : input).ToArray()).ToArray();
        var fixedInputs = at.Constants();
        Node[] batches = [.. chosen.Order().Select(i => Stacked([.. examples.Select(example => example[i])])
            is var all && IsIndex(i) ? Indices(all) : Constant(all))];
        Node Apply(Node[] ones) =>
            at.Apply([.. fixedInputs.Select((input, i) => chosen.Contains(i) ? ones[chosen.Order().ToList().IndexOf(i)] : input)]);
        var all = batches.Length == 1
            ? Vmap(x => Apply([x]))(batches[0])
            : batches.Length == 2 ? Vmap((a, b) => Apply([a, b]))(batches[0], batches[1]) : null;
        if (all is not null)
        {
            var each = examples.Select(example => (at with { Inputs = [.. example] }).Closed().Value).ToArray();
            Same(Stacked(each), Reference.Run(all));
        }
    }, 40);

    /// <summary>Without a rule an op is applied to each example alone, and the graph grows with the batch.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Each_primitive_has_a_rule(string name) => Law.ForAll(OpTable.Rows.First(row => row.Op.Name == name).Cases, at =>
    {
        // Positions come from what they are positions in.
        static Node Twice(Node x, Node largest) => Gradient.Of(Sum(Sin(x) * Gradient.Of(Sum(Square(largest)), x)), x);
        (Shape Shape, Kind Kind, Func<Node, Node> F) one = at.Op switch
        {
            MaxPoolIndices or PlaneTake or PlanePut => ([1, 2, 4, 4], Kind.Real, x => Twice(x, MaxPool(x, 2))),
            TakeAlong or PutAlong => ([4, 3], Kind.Real, x => Twice(x, Max(x, 0))),
            _ => (at.Inputs[0].Shape, at.Op.InputKind(0), x => at.Apply([x, .. at.Constants()[1..]])),
        };
        Graph All(int batch) => new(Vmap(one.F)(Variable("x", [batch, .. one.Shape], one.Kind)));
        Assert.Equal(All(2).Nodes.Length, All(5).Nodes.Length);
        Assert.Contains(new Graph(one.F(Variable("x", one.Shape, one.Kind))).Nodes, node => at.Op is Reshape || node.Op.GetType() == at.Op.GetType());
    }, 3);

    [Fact]
    public void Gradients_of_single_examples_are_those_of_the_loop()
    {
        var (w, v) = (Variable("w", [4, 1, 3, 3]), Variable("v", [5, 4 * 4 * 4]));
        Node Loss(Node image, Node label)
        {
            var x = MaxPool(Relu(Conv2D(Reshape(image, [1, 1, 10, 10]), w)), 2);
            var scores = Reshape(Dense(Flatten(x), v), [5]);
            return LogSumExp(scores, 0) - Sum(scores * OneHot(label, 5));
        }

        var (images, labels) = (Key.Of(1).Normal([Batch, 1, 10, 10]), Tensor.Of([2, 0, 4]));
        var values = new Dictionary<Node, Tensor> { [w] = Key.Of(2).Normal(w.Shape), [v] = Key.Of(3).Normal(v.Shape) };
        foreach (var parameter in new[] { w, v })
        {
            var all = Vmap((image, label) => Gradient.Of(Loss(image, label), parameter))(images, Indices(labels));
            Assert.Equal([Batch, .. parameter.Shape], all.Shape);
            var each = Enumerable.Range(0, Batch).Select(i => Reference.Run(
                [Gradient.Of(Loss(Example(images, i), Indices(Tensor.Of(labels.At(i)))), parameter)], values)[0]).ToArray();
            Same(Stacked(each), Reference.Run([all], values)[0]);
        }
    }

    [Fact]
    public void Each_example_may_have_its_own_index()
    {
        var x = Tensor.Of([[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]]);
        var index = Indices(Tensor.Of([[2, 0], [1, 1]]));
        Assert.Equal(Tensor.Of([[[5, 6], [1, 2]], [[9, 10], [9, 10]]]), Vmap((x, index) => new Gather(0).Of(x, index))(x, index).Value);
        var columns = Vmap((x, index) => new Gather(1).Of(x, index))(Transpose(x, [0, 2, 1]), index);
        Assert.Equal(Tensor.Of([[[5, 1], [6, 2]], [[9, 9], [10, 10]]]), columns.Value);
        var sums = Vmap((x, index) => new ScatterAdd(1, 3).Of(x, index))(columns, index);
        Assert.Equal(Tensor.Of([[[1, 0, 5], [2, 0, 6]], [[0, 18, 0], [0, 20, 0]]]), sums.Value);
        Assert.Equal(Tensor.Of([[0, 1], [1, 0]]), Vmap(label => OneHot(label, 2))(Indices(Tensor.Of([1, 0]))).Value);
        Assert.Equal("Vmap has no rule for Label with an index that differs between examples, and an index cannot be cut "
            + "into one for each: call the function on each example and Stack the results.",
            Assert.Throws<GraphError>(() => Vmap(label => new Label().Of(label))(Indices(Tensor.Of([1, 2])))).Message);
    }

    [Fact]
    public void Each_example_may_have_its_own_key_or_all_the_same()
    {
        var (x, key) = (Key.Of(1).Normal([Batch, 50]), Key.Of(2));
        var keys = Tensor.From([Batch, 2], i => i % 2 == 0 ? 7 : i);
        static Node Dropped(Node x, Node key) => Dropout(x + Normal(x.Shape, key), 0.5, FoldIn(key, 3));
        Same(Stacked([.. Enumerable.Range(0, Batch).Select(i => Dropped(Example(x, i), Indices(Example(keys, i))).Value)]),
            Vmap(Dropped)(x, Indices(keys)).Value);
        Same(Stacked([.. Enumerable.Range(0, Batch).Select(i => Dropped(Example(x, i), Indices(key.ToTensor())).Value)]),
            Vmap(x => Dropped(x, Indices(key.ToTensor())))(x).Value);
    }

    [Fact]
    public void It_nests_and_what_does_not_vary_is_repeated()
    {
        Node x = Tensor.Of([[1, 2], [3, 4], [5, 6]]);
        Assert.Equal(Tensor.Of([[2, 4], [6, 8], [10, 12]]), Vmap(Vmap(e => 2 * e))(x).Value);
        Assert.Equal(Tensor.Of([7, 7, 7]), Vmap(_ => 7)(x).Value);
        Assert.Equal(Tensor.Of([[11, 12], [13, 14], [15, 16]]), Vmap((a, b) => a + b)(x, Tensor.Of([10, 10, 10])).Value);
        Assert.Equal(Tensor.Of([[2, 4], [6, 8], [10, 12]]), Vmap(e => Gradient.Of(Sum(e * e), e))(x).Value);
    }

    [Fact]
    public void Rules_of_ones_own_and_checkpoints_take_whole_batches()
    {
        // A rule that is not f's, so that it is seen to be used; w is the same for all examples.
        var times = CustomVjp((x, w) => x * w, (x, w, y, dy) => (2 * w * dy, 3 * x * dy + y));
        var (w, xs) = (Variable("w", [2]), Tensor.Of([[1, 2], [3, 4], [5, 6]]));
        Node Loss(Node x) => Sum(Checkpoint(v => times(Tanh(v), w) * v)(x));
        var values = new Dictionary<Node, Tensor> { [w] = Tensor.Of([0.5, -2]) };
        var all = Vmap(Loss)(xs);
        var each = Enumerable.Range(0, Batch).Select(i => Loss(Example(xs, i))).ToArray();
        Same(Stacked([.. each.Select(node => Reference.Run([node], values)[0])]), Reference.Run([all], values)[0]);
        Same(Reference.Run([Gradient.Of(each.Aggregate((sum, node) => sum + node), w)], values)[0],
            Reference.Run([Gradient.Of(Sum(all), w)], values)[0]);
        Same(Stacked([.. each.Select((_, i) => Reference.Run([Gradient.Of(Loss(Example(xs, i)), w)], values)[0])]),
            Reference.Run([Vmap(x => Gradient.Of(Loss(x), w))(xs)], values)[0]);
    }

    [Fact]
    public void A_users_own_op_is_applied_to_each_example()
    {
        var y = Vmap(x => new Twice().Of(x))(Tensor.Of([[1, 2], [3, 4]]));
        Assert.Equal(Tensor.Of([[2, 4], [6, 8]]), y.Value);
        Assert.Equal(2, new Graph(Vmap(x => new Twice().Of(x))(Variable("x", [2, 2]))).Nodes.Count(node => node.Op is Twice));
    }

    [Fact]
    public void Batches_must_agree()
    {
        Assert.Contains("a batch of 3", Assert.Throws<ShapeError>(() =>
            Vmap((a, b) => a + b)(Variable("a", [3, 2]), Variable("b", [2, 2]))).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeError>(() => Vmap(x => x)(Variable("s", [])));
    }

    /// <summary>The same values in another place each.</summary>
    private static Tensor Turned(Tensor value, int by) =>
        Tensor.From(value.Shape, i => value.At((i + by) % value.Count));

    private static Tensor Stacked(Tensor[] examples) => Tensor.From([examples.Length, .. examples[0].Shape],
        i => examples[i / Math.Max(1, examples[0].Count)].At(i % Math.Max(1, examples[0].Count)));

    private static Tensor Example(Tensor all, int index)
    {
        var count = all.Count / all.Shape[0];
        return Tensor.From(all.Shape[1..], i => all.At(index * count + i));
    }

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected.At(i), actual.At(i), 1e-10 * Math.Max(1, Math.Abs(expected.At(i))));
        }
    }

    private sealed record Label : Op1
    {
        public override Kind InputKind(int index) => Kind.Index;

        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => x;

        public override Node? Vjp(Node x, Node y, Node dy) => NotDifferentiable("a label takes no values in between");
    }

    private sealed record Twice : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x) => x.Map(value => 2 * value);

        public override Node? Vjp(Node x, Node y, Node dy) => Of(dy);
    }
}
