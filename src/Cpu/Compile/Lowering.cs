using Along = AutoDiffCnn.IndexSteps.Along;

namespace AutoDiffCnn;

/// <summary>From units to steps: which kernel does what.</summary>
internal sealed class Lowering(BufferTable table, Choices choices)
{
    private readonly ConvolutionLowering convolutions = new(table, choices.Winograd);

    /// <summary>The steps of a unit, in order; none if no result has an element.</summary>
    public IEnumerable<Step> Steps(Unit unit) =>
        unit.Results.All(result => result.Shape.Elements == 0) ? []
        : !unit.Parts.IsDefault ? new RowLowering(table, choices.EmitFrom, unit).Steps()
        : unit.IsLoop || unit.Moments is not null
            ? new LoopLowering(table, choices.EmitFrom).Steps(unit)
            : Steps(unit, unit.Root);

    private IEnumerable<Step> Steps(Unit unit, Node node)
    {
        var text = unit;
        var y = table[node];
        var (x, shape) = (node.Inputs is [var first, ..] ? first.Shape : [], node.Shape);
        return node.Op switch
        {
            MatMul product => MatMul(text, node, product),
            Convolution convolution => Convolve(text, node, convolution),
            ConvolutionInput convolution => ConvolveInput(text, node, convolution),
            ConvolutionKernel convolution => ConvolveKernel(text, node, convolution),
            Reordered reordered => Reordered(unit, node, reordered),
            SumPool pool => [PoolSteps.Sum(text, new(pool.Kernel, pool.Window, x, shape, false), Input(node, 0), y, Streams(y))],
            SumPoolInput pool => [PoolSteps.SumInput(text,
                new(pool.Kernel, pool.Window, shape, x, false), Input(node, 0), y, Streams(y))],
            MaxPool pool => [PoolSteps.Max(text, new(pool.Kernel, pool.Window, x, shape, false), Input(node, 0),
                y, unit.Nodes.Length > 1 ? table[unit.Nodes[0]] : -1, Streams(y))],
            MaxPoolIndices pool => [PoolSteps.Max(text, new(pool.Kernel, pool.Window, x, shape, false), Input(node, 0),
                -1, y)],
            Max max => MaxSteps.Of(text, Along.Of(x, max.Axis), Input(node, 0), y, -1, floats => table.Workspace(floats)),
            ArgMax max => MaxSteps.Of(text, Along.Of(x, max.Axis), Input(node, 0), -1, y, floats => table.Workspace(floats)),
            Prod product => [ProductStep.Of(text, Along.Of(x, product.Axis), Input(node, 0), y)],
            CumSum sum => [ScanStep.Of(text, Along.Of(x, sum.Axis), sum.FromEnd, Input(node, 0), y)],
            TakeAlong take => [IndexSteps.Take(text, Along.Of(x, take.Axis), Input(node, 0), Input(node, 1), y)],
            Pick => [IndexSteps.Take(text, Along.Of(x, x.Rank - 1), Input(node, 0), Input(node, 1), y)],
            PutAlong put => [IndexSteps.Put(text, Along.Of(shape, put.Axis), Input(node, 0), Input(node, 1), y)],
            Gather gather => [IndexSteps.Gather(text, Along.Of(x, gather.Axis), shape[gather.Axis],
                Input(node, 0), Input(node, 1), y)],
            ScatterAdd add => [IndexSteps.ScatterAdd(text, Along.Of(shape, add.Axis), x[add.Axis],
                Input(node, 0), Input(node, 1), y)],
            Mix mix => [MixStep.Of(text, Along.Of(x, mix.Axis), mix.Matrix, Input(node, 0), y)],
            PlaneTake => [PlaneSteps.Take(text, PlaneShape.Of(x, shape, false, node.Inputs[1].Shape), Input(node, 0), Input(node, 1), y)],
            PlanePut when node.Inputs[1] is { Op: MaxPoolIndices pool, Inputs: [var image] } && image.Shape == shape =>
                [PoolSteps.MaxInput(text, new(pool.Kernel, pool.Window, shape, x, false), Input(node, 0), Input(node, 1), y, Streams(y))],
            PlanePut => [PlaneSteps.Put(text, PlaneShape.Of(shape, x, false, node.Inputs[1].Shape), Input(node, 0), Input(node, 1), y)],
            OneHot hot => [IndexSteps.OneHot(text, x.Elements, hot.Classes, Input(node, 0), y)],
            Below below => [IndexSteps.Below(text, x.Elements, below.Count, Input(node, 0), y)],
            ToIndex => [IndexSteps.ToIndex(text, x.Elements, Input(node, 0), y)],
            Slice or Reverse or Transpose => [Copy(text, Seen.Through(node), shape, y)],
            Place place => JoinStep.Of(text, [Part(Seen.Of(node.Inputs[0]), x, Scale(shape, place.Step), Place(place.Start, shape))],
                shape[..Whole(x, place)].Elements, shape[Whole(x, place)..].Elements, y, clear: true),
            Concat concat => Concat(text, node, concat),
            RoundOp => [],
            AllReduce => [new AllReduceStep(text, (int)shape.Elements, Input(node, 0), y)],
            RandomUniform when x == [2] => [RandomSteps.Uniform(text, shape.Elements, Input(node, 0), y)],
            RandomNormal when x == [2] => [RandomSteps.Normal(text, shape.Elements, Input(node, 0), y)],
            RandomPermutation when x == [2] => [RandomSteps.Permutation(text, shape[0], Input(node, 0), y)],
            FoldIn fold when x == [2] => [RandomSteps.FoldIn(text, fold.Purpose, Input(node, 0), y)],
            _ => [new MeaningStep(text, node, [.. node.Inputs.Select(input => table[input])], y)],
        };
    }

    /// <summary>Ops on images in another order. To a pool it is the same whether the batch or the channels are last:
    /// what is first is an image, what is last lies side by side.</summary>
    private IEnumerable<Step> Reordered(Unit unit, Node node, Reordered reordered)
    {
        var (x, y) = (node.Inputs[0].Shape, node.Shape);
        return reordered.Inner switch
        {
            Convolution or ConvolutionInput or ConvolutionKernel when ConvolutionLowering.Knows(node) =>
                convolutions.Steps(unit, node, reordered),
            MaxPool pool => [PoolSteps.Max(unit, new(pool.Kernel, pool.Window, x, y, true), Input(node, 0), table[node],
                unit.Nodes.Length > 1 ? table[unit.Nodes[0]] : -1, Streams(table[node]))],
            MaxPoolIndices pool => [PoolSteps.Max(unit, new(pool.Kernel, pool.Window, x, y, true), Input(node, 0), -1, table[node])],
            SumPool pool => [PoolSteps.Sum(unit, new(pool.Kernel, pool.Window, x, y, true), Input(node, 0), table[node], Streams(table[node]))],
            SumPoolInput pool => [PoolSteps.SumInput(unit,
                new(pool.Kernel, pool.Window, y, x, true), Input(node, 0), table[node], Streams(table[node]))],
            PlaneTake => [PlaneSteps.Take(unit, PlaneShape.Of(x, y, true, node.Inputs[1].Shape), Input(node, 0), Input(node, 1), table[node])],
            PlanePut when node.Inputs[1] is { Op: Reordered { Inner: MaxPoolIndices pool }, Inputs: [var image] } && image.Shape == y =>
                [PoolSteps.MaxInput(unit, new(pool.Kernel, pool.Window, y, x, true), Input(node, 0), Input(node, 1), table[node], Streams(table[node]))],
            PlanePut => [PlaneSteps.Put(unit, PlaneShape.Of(y, x, true, node.Inputs[1].Shape), Input(node, 0), Input(node, 1), table[node])],
            _ => [new MeaningStep(unit, node, [.. node.Inputs.Select(input => table[input])], table[node])],
        };
    }

    /// <summary>Whether a pool writes past the caches.</summary>
    private bool Streams(int buffer) => table.Buffers[buffer].Streams;

    private int Input(Node node, int index) => table[node.Inputs[index]];

    private IEnumerable<Step> MatMul(object text, Node node, MatMul product)
    {
        var (m, k, n) = product.Matrices(node.Inputs[0].Shape, node.Inputs[1].Shape);
        return MatMulStep.Of(text, new MatMulSize((int)node.Shape[..^2].Elements, m, k, n),
            product.TransposeA ? new Side(Input(node, 0), 1, m) : new Side(Input(node, 0), k, 1),
            product.TransposeB ? new Side(Input(node, 1), k, 1) : new Side(Input(node, 1), 1, n),
            table[node], table.Workspace, table.IsUnchanged(node.Inputs[1]));
    }

    private IEnumerable<Step> Convolve(object text, Node node, Convolution convolution)
    {
        var (x, w, groups) = (node.Inputs[0].Shape, node.Inputs[1].Shape, convolution.Groups);
        var (channels, kernels, depth) = (w[1], w[0] / groups, (int)w[1..].Elements);
        var packed = table.Workspace(groups * ConvolutionStep.PackedSize(kernels, depth));
        yield return ConvolutionStep.PackKernels(groups, kernels, depth,
            (g, o) => [.. Arrays.Range((g * kernels + o) * depth, depth)], Input(node, 1), packed);
        yield return new ConvolutionStep(text, Patches.Forward(convolution.Window, x[2..], w[2..], node.Shape[2..]),
            x[0], groups, channels, kernels, Input(node, 0), packed, table[node]);
    }

    /// <summary>The kernel of input channel c is made of w[·, c] of all its output channels, each turned.</summary>
    private IEnumerable<Step> ConvolveInput(object text, Node node, ConvolutionInput convolution)
    {
        var (dy, w, groups) = (node.Inputs[0].Shape, node.Inputs[1].Shape, convolution.Groups);
        var (channels, kernels, plane) = (w[0] / groups, w[1], (int)w[2..].Elements);
        var packed = table.Workspace(groups * ConvolutionStep.PackedSize(kernels, channels * plane));
        yield return ConvolutionStep.PackKernels(groups, kernels, channels * plane,
            (g, c) => [.. Arrays.Range(0, channels).SelectMany(o => Arrays.Range(1, plane)
                .Select(back => ((g * channels + o) * kernels + c + 1) * plane - back))],
            Input(node, 1), packed);
        yield return new ConvolutionStep(text, Patches.Transposed(convolution.Window, node.Shape[2..], w[2..], dy[2..]),
            dy[0], groups, channels, kernels, Input(node, 0), packed, table[node]);
    }

    private IEnumerable<Step> ConvolveKernel(object text, Node node, ConvolutionKernel convolution)
    {
        var (x, dy, w, groups) = (node.Inputs[0].Shape, node.Inputs[1].Shape, node.Shape, convolution.Groups);
        var shares = KernelGradientStep.Shares(x[0], w.Elements);
        var patches = Patches.Forward(convolution.Window, x[2..], w[2..], dy[2..]);
        return Shares.Steps(table, table[node], (int)node.Shape.Elements, shares, sums => [new KernelGradientStep(text, patches,
            x[0], groups, w[1], w[0] / groups, shares, Input(node, 0), Input(node, 1), sums)]);
    }

    private IEnumerable<Step> Concat(object text, Node node, Concat concat)
    {
        var (offset, steps, parts) = (0L, node.Shape.Strides(), new List<JoinStep.Part>());
        foreach (var input in node.Inputs)
        {
            parts.Add(Part(Seen.Of(input), input.Shape, steps, offset));
            offset += input.Shape[concat.Axis] * steps[concat.Axis];
        }

        return JoinStep.Of(text, parts, node.Shape[..concat.Axis].Elements, node.Shape[concat.Axis..].Elements, table[node]);
    }

    private JoinStep.Part Part(Seen x, Shape box, long[] to, long start) =>
        new([.. box.Zip(x.Steps, to).Select(axis => new CopyStep.Axis(axis.First, axis.Second, axis.Third))], table[x.Origin], x.Start, start);

    private Step Copy(object text, Seen x, Shape box, int y)
    {
        var part = Part(x, box, box.Strides(), 0);
        return CopyStep.Of(text, part.Axes, part.X, part.From, y, part.To);
    }

    /// <summary>How many of the outer axes something that is placed fills.</summary>
    private static int Whole(Shape x, Place place) => Arrays.Range(0, x.Rank)
        .TakeWhile(axis => place.Step[axis] == 1 && x[axis] == place.Shape[axis]).Count();

    private static long[] Scale(Shape whole, Shape step) =>
        [.. whole.Strides().Select((stride, axis) => stride * step[axis])];

    private static long Place(Shape start, Shape whole) =>
        whole.Strides().Select((stride, axis) => stride * start[axis]).Sum();
}
