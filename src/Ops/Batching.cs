using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>From a graph for one example to the graph for all of a batch, node by node: each op has a rule that takes
/// inputs with one more axis in front. An op without one, as a user's own, is applied to each example
/// alone.</summary>
/// <remarks>Indices have no shape ops. Those of a pool's planes therefore keep the batch within their first axis, and
/// all others have it in front, each as the ops that read them need it.</remarks>
internal sealed class Batching
{
    private readonly int size;
    private readonly Dictionary<Node, Node> batched;

    /// <summary>A batch.</summary>
    /// <param name="size">How many examples.</param>
    /// <param name="given">For variables of one example their values for all.</param>
    public Batching(int size, IEnumerable<(Node One, Node All)> given)
    {
        this.size = size;
        batched = given.ToDictionary(pair => pair.One, pair => pair.All);
    }

    /// <summary>The values of some nodes for all examples, with the batch in front.</summary>
    public ImmutableArray<Node> Map(IReadOnlyList<Node> ones)
    {
        foreach (var node in new Graph([.. ones]).Nodes)
        {
            if (!batched.ContainsKey(node) && node.Inputs.Any(IsBatched))
            {
                var all = Rule(node);
                Node.Mark(all, node.Inputs.Select(Given), node.Origin ?? new Origin(""));
                batched[node] = all;
            }
        }

        return [.. ones.Select(All)];
    }

    private bool IsBatched(Node node) => batched.ContainsKey(node);

    /// <summary>A node with the batch in front; repeated, if it is the same for all.</summary>
    private Node All(Node node) => batched.GetValueOrDefault(node) ?? Broadcast.To(node, [size, .. node.Shape]);

    private Node Rule(Node node)
    {
        var (rank, isPlane) = (node.Inputs[0].Shape.Rank, node.Op is PlanePut or PlaneTake or TakeAlong or PutAlong);
        if (isPlane && !IsBatched(node.Inputs[1]))
        {
            return OneByOne(node);
        }

        return (node.Op, node.Inputs) switch
        {
            (IElementwise, _) => node.Op.Apply([.. node.Inputs.Select(All)]),
            (Reshape op, [var x]) => Functions.Reshape(All(x), [size, .. op.Shape]),
            (Transpose op, [var x]) => new Transpose([0, .. op.Axes.Select(axis => axis + 1)]).Of(All(x)),
            (Broadcast op, [var x]) => Broadcast.To(Functions.Reshape(All(x), Aligned(x.Shape, op.Shape.Rank)), [size, .. op.Shape]),
            (SumTo op, [var x]) => Functions.Reshape(SumTo.Of(All(x), Aligned(op.Shape, rank)), [size, .. op.Shape]),
            (Slice op, [var x]) => new Slice([0, .. op.Start], [size, .. op.Size], [1, .. op.Step]).Of(All(x)),
            (Place op, [var x]) => new Place([0, .. op.Start], [1, .. op.Step], [size, .. op.Shape]).Of(All(x)),
            (Reverse op, [var x]) => new Reverse([.. op.Axes.Select(axis => axis + 1)]).Of(All(x)),
            (Concat op, _) => new Concat(op.Axis + 1).Apply([.. node.Inputs.Select(All)]),
            (Max op, [var x]) => new Max(op.Axis + 1).Of(All(x)),
            (Prod op, [var x]) => new Prod(op.Axis + 1).Of(All(x)),
            (CumSum op, [var x]) => new CumSum(op.Axis + 1, op.FromEnd).Of(All(x)),
            (ArgMax op, [var x]) => new ArgMax(op.Axis + 1).Of(All(x)),
            (TakeAlong op, [var x, var index]) => new TakeAlong(op.Axis + 1).Of(All(x), batched[index]),
            (PutAlong op, [var x, var index]) => new PutAlong(op.Axis + 1, op.Size).Of(All(x), batched[index]),
            (OneHot op, [var index]) => op.Of(batched[index]),
            (AllReduce op, [var x]) => op.Of(All(x)),
            (ToIndex op, [var x]) => op.Of(All(x)),
            (RandomUniform or RandomNormal or RandomPermutation or FoldIn, [var key]) => node.Op.Apply(batched[key]),
            (CustomVjp op, _) => (op with { Body = Mapped(op.Body, node.Inputs), Rule = Mapped(op, node.Inputs) })
                .Apply([.. node.Inputs.Select(Given)]),
            (BodyOp op, _) => (op with { Body = Mapped(op.Body, node.Inputs) }).Apply([.. node.Inputs.Select(Given)]),
            (Gather op, [var x, var index]) => IsBatched(index)
                ? Taken(op.Axis, All(x), batched[index]) : new Gather(op.Axis + 1).Of(All(x), index),
            (ScatterAdd op, [var x, var index]) => IsBatched(index)
                ? Added(op, All(x), batched[index]) : new ScatterAdd(op.Axis + 1, op.Size).Of(All(x), index),
            (MatMul { TransposeA: false } op, [var a, var b]) when rank == 2 && !IsBatched(b) => Split(op.Of(Merged(a), b), node.Shape),
            (MatMul op, [var a, var b]) when rank == 2 && !IsBatched(a) => Product(op, a, b),
            (MatMul op, [var a, var b]) => op.Of(All(a), All(b)),
            (Convolution op, [var x, var w]) => IsBatched(w)
                ? Apart(new Convolution(op.Window, size * op.Groups).Of(BySide(x), Merged(w)), node.Shape)
                : Split(op.Of(Merged(x), w), node.Shape),
            (ConvolutionInput op, [var dy, var w]) => IsBatched(w)
                ? Apart(new ConvolutionInput(op.Window, size * op.Groups, BySide(op.X)).Of(BySide(dy), Merged(w)), node.Shape)
                : Split(new ConvolutionInput(op.Window, op.Groups, Merged(op.X)).Of(Merged(dy), w), node.Shape),
            (ConvolutionKernel op, [var x, var dy]) => Split(
                new ConvolutionKernel(op.Window, size * op.Groups, Merged(op.W)).Of(BySide(x), BySide(dy)), node.Shape),
            (MaxPool op, [var x]) => Split(op.Of(Merged(x)), node.Shape),
            (MaxPoolIndices op, [var x]) => op.Of(Merged(x)),
            (SumPool op, [var x]) => Split(op.Of(Merged(x)), node.Shape),
            (SumPoolInput op, [var dy]) => Split(new SumPoolInput(op.Kernel, op.Window, Merged(op.X)).Of(Merged(dy)), node.Shape),
            (PlanePut op, [var dy, var index]) => Split(new PlanePut(Merged(op.X)).Of(Merged(dy), batched[index]), node.Shape),
            (PlaneTake op, [var x, var index]) => Split(new PlaneTake(Merged(op.Y)).Of(Merged(x), batched[index]), node.Shape),
            _ => OneByOne(node),
        };
    }

    /// <summary>A node with the batch in front if it differs between examples, as it is if not.</summary>
    private Node Given(Node node) => batched.GetValueOrDefault(node, node);

    /// <summary>A function of whole batches, where its arguments are batches.</summary>
    private Body Mapped(Body one, ImmutableArray<Node> inputs)
    {
        ImmutableArray<Node> all = [.. one.Parameters.Select((parameter, i) =>
            IsBatched(inputs[i]) ? Body.Parameter(batched[inputs[i]]) : parameter)];
        return new(all, new Batching(size, one.Parameters.Zip(all).Where(pair => pair.First != pair.Second)).Map([one.Result]));
    }

    /// <summary>A rule for whole batches. The cotangent of what is the same for all examples is the sum of
    /// theirs.</summary>
    private Func<IReadOnlyList<Node>, Node, Node, Node?[]> Mapped(CustomVjp op, ImmutableArray<Node> inputs)
    {
        bool[] differs = [.. inputs.Select(IsBatched)];
        return (xs, y, dy) =>
        {
            var ones = op.Body.Parameters.Select((parameter, i) => differs[i] ? Body.Parameter(parameter) : xs[i]).ToArray();
            var (oneY, oneDy) = (Body.Parameter(op.Body.Result), Body.Parameter(op.Body.Result));
            var batch = new Batching(size,
                [.. ones.Zip(xs).Where((_, i) => differs[i]), (oneY, y), (oneDy, dy)]);
            return [.. op.Rule(ones, oneY, oneDy).Select((part, i) => part is null ? null
                : differs[i] ? batch.Map([part])[0]
                : Functions.Reshape(SumTo.Of(batch.Map([part])[0], [1, .. part.Shape]), part.Shape))];
        };
    }

    /// <summary>An op on each example alone.</summary>
    private Node OneByOne(Node node)
    {
        if (node.Kind == Kind.Index || node.Inputs.Any(input => input.Kind == Kind.Index && IsBatched(input)))
        {
            throw new GraphError($"Vmap has no rule for {node.Op} with an index that differs between "
                + "examples, and an index cannot be cut into one for each: call the function on each example and Stack the "
                + "results.");
        }

        var results = Arrays.Range(0, size).Select(i => Functions.Reshape(
            node.Op.Apply([.. node.Inputs.Select(input => IsBatched(input) ? Example(input, i) : input)]), [1, .. node.Shape]));
        return new Concat(0).Of([.. results]);
    }

    private Node Example(Node node, int index)
    {
        var start = Shape.Repeat(0, node.Shape.Rank + 1).With(0, index);
        var part = new Slice(start, [1, .. node.Shape], Shape.Repeat(1, start.Rank)).Of(batched[node]);
        return Functions.Reshape(part, node.Shape);
    }

    /// <summary>One matrix times each example's: the columns of all examples are the rows of one product, so that the
    /// one is not repeated.</summary>
    private Node Product(MatMul op, Node a, Node b)
    {
        var columns = op.TransposeB ? All(b) : Functions.Transpose(All(b));
        var (count, inner) = (columns.Shape[1], columns.Shape[2]);
        var rows = new MatMul(TransposeB: !op.TransposeA).Of(Functions.Reshape(columns, [size * count, inner]), a);
        return Functions.Transpose(Functions.Reshape(rows, [size, count, rows.Shape[1]]));
    }

    /// <summary>A shape with the batch in front and axes of size 1 up to a rank.</summary>
    private Shape Aligned(Shape shape, int rank) => [size, .. Shape.Repeat(1, rank - shape.Rank), .. shape];

    /// <summary>With the batch within the first axis.</summary>
    private Node Merged(Node node) => Functions.Reshape(All(node), Merged(node.Shape));

    private Shape Merged(Shape shape) => shape.With(0, size * shape[0]);

    /// <summary>With the batch, which is within the first axis, in front.</summary>
    private Node Split(Node all, Shape one) => Functions.Reshape(all, [size, .. one]);

    /// <summary>With the batch within the channels: [n, batch · c, …].</summary>
    private Node BySide(Node node) => Functions.Reshape(Swapped(All(node)), BySide(node.Shape));

    private Shape BySide(Shape shape) => shape.With(1, size * shape[1]);

    /// <summary>With the batch, which is within the channels, in front.</summary>
    private Node Apart(Node all, Shape one) => Swapped(Functions.Reshape(all, [one[0], size, .. one[1..]]));

    private static Node Swapped(Node node) => new Transpose([1, 0, .. Arrays.Range(2, node.Shape.Rank - 2)]).Of(node);

    /// <summary>Each example's own parts: a product with a one-hot matrix.</summary>
    private Node Taken(int axis, Node x, Node index)
    {
        var (front, rest) = ToFront(x, axis + 1);
        var parts = new MatMul().Of(new OneHot(x.Shape[axis + 1]).Of(index), front);
        return FromFront(parts, rest, axis + 1);
    }

    private Node Added(ScatterAdd op, Node x, Node index)
    {
        var (front, rest) = ToFront(x, op.Axis + 1);
        var sums = new MatMul(TransposeA: true).Of(new OneHot(op.Size).Of(index), front);
        return FromFront(sums, rest, op.Axis + 1);
    }

    /// <summary>[batch, axis, all others], and the sizes of the others.</summary>
    private (Node Front, Shape Others) ToFront(Node x, int axis)
    {
        Shape others = [.. Arrays.Range(1, x.Shape.Rank - 1).Where(other => other != axis)];
        var front = new Transpose([0, axis, .. others]).Of(x);
        return (Functions.Reshape(front, [size, x.Shape[axis], (int)front.Shape[2..].Elements]), front.Shape[2..]);
    }

    private Node FromFront(Node front, Shape rest, int axis)
    {
        var split = Functions.Reshape(front, [size, front.Shape[1], .. rest]);
        return new Transpose([0, .. Arrays.Range(2, axis - 1), 1, .. Arrays.Range(axis + 1, rest.Rank - axis + 1)]).Of(split);
    }
}
