using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>From units to steps: which kernel does what.</summary>
internal sealed class Lowering(BufferTable table)
{
    /// <summary>The steps of a unit, in order.</summary>
    public IEnumerable<Step> Steps(Unit unit) => unit.IsLoop ? [new LoopLowering(table).Step(unit)] : Steps(unit, unit.Root);

    private IEnumerable<Step> Steps(Unit unit, Node node)
    {
        var text = unit;
        var y = table[node];
        return node.Op switch
        {
            SumTo => [new SumStep(text, node.Inputs[0].Shape, node.Shape, Input(node, 0), y)],
            MatMul product => [MatMul(text, node, product)],
            Convolution convolution => Convolve(text, node, convolution),
            ConvolutionInput convolution => ConvolveInput(text, node, convolution),
            ConvolutionKernel convolution => ConvolveKernel(text, node, convolution),
            SumPool pool => [PoolSteps.Sum(text, Planes(node), Cover.OfPositions(pool.Window, pool.Kernel, node.Inputs[0].Shape[2..], node.Shape[2..]),
                (int)node.Inputs[0].Shape[2..].Elements, Input(node, 0), y)],
            SumPoolInput pool => [PoolSteps.Sum(text, Planes(node), Cover.OfImage(pool.Window, pool.Kernel, node.Shape[2..], node.Inputs[0].Shape[2..]),
                (int)node.Inputs[0].Shape[2..].Elements, Input(node, 0), y)],
            MaxPool pool => [MaxPool(text, node, pool.Window, pool.Kernel, y, unit.Nodes.Length > 1 ? table[unit.Nodes[0]] : -1)],
            MaxPoolIndices pool => [MaxPool(text, node, pool.Window, pool.Kernel, -1, y)],
            Max max => [IndexSteps.Max(text, IndexSteps.Along.Of(node.Inputs[0].Shape, max.Axis), Input(node, 0), y, -1)],
            ArgMax max => [IndexSteps.Max(text, IndexSteps.Along.Of(node.Inputs[0].Shape, max.Axis), Input(node, 0), -1, y)],
            TakeAlong take => [IndexSteps.Take(text, IndexSteps.Along.Of(node.Inputs[0].Shape, take.Axis), Input(node, 0), Input(node, 1), y)],
            PutAlong put => [IndexSteps.Put(text, IndexSteps.Along.Of(node.Shape, put.Axis), Input(node, 0), Input(node, 1), y)],
            Gather gather => [IndexSteps.Gather(text, IndexSteps.Along.Of(node.Inputs[0].Shape, gather.Axis), node.Shape[gather.Axis], Input(node, 0), Input(node, 1), y)],
            ScatterAdd add => [IndexSteps.ScatterAdd(text, IndexSteps.Along.Of(node.Shape, add.Axis), node.Inputs[0].Shape[add.Axis], Input(node, 0), Input(node, 1), y)],
            PlaneTake => [IndexSteps.PlaneTake(text, Planes(node), node.Inputs[0].Shape[2..].Elements, node.Shape[2..].Elements, Input(node, 0), Input(node, 1), y)],
            PlanePut => [IndexSteps.PlanePut(text, Planes(node), node.Shape[2..].Elements, node.Inputs[0].Shape[2..].Elements, Input(node, 0), Input(node, 1), y)],
            OneHot hot => [IndexSteps.OneHot(text, node.Inputs[0].Shape.Elements, hot.Classes, Input(node, 0), y)],
            Transpose transpose => [CopyStep.Of(text, Axes(node.Shape, Permute(node.Inputs[0].Shape.Strides(), transpose.Axes), node.Shape.Strides()), Input(node, 0), 0, y, 0)],
            Slice slice => [CopyStep.Of(text, Axes(node.Shape, Scale(node.Inputs[0].Shape, slice.Step), node.Shape.Strides()), Input(node, 0), Place(slice.Start, node.Inputs[0].Shape), y, 0)],
            Place place => [CopyStep.Clear($"clear {node.Shape}", node.Shape.Elements, y),
                CopyStep.Of(text, Axes(node.Inputs[0].Shape, node.Inputs[0].Shape.Strides(), Scale(node.Shape, place.Step)), Input(node, 0), 0, y, Place(place.Start, node.Shape))],
            Reverse reverse => [Reverse(text, node, reverse)],
            Concat concat => Concat(text, node, concat),
            RandomUniform => [RandomSteps.Uniform(text, node.Shape.Elements, Input(node, 0), y)],
            RandomNormal => [RandomSteps.Normal(text, node.Shape.Elements, Input(node, 0), y)],
            FoldIn fold => [RandomSteps.FoldIn(text, fold.Purpose, Input(node, 0), y)],
            _ => [new MeaningStep(text, node, [.. node.Inputs.Select(input => table[input])], y)],
        };
    }

    private int Input(Node node, int index) => table[node.Inputs[index]];

    private MatMulStep MatMul(object text, Node node, MatMul product)
    {
        var (m, k, n) = product.Matrices(node.Inputs[0].Shape, node.Inputs[1].Shape);
        return new MatMulStep(text, (int)node.Shape[..^2].Elements, m, k, n,
            product.TransposeA ? new Side(Input(node, 0), 1, m) : new Side(Input(node, 0), k, 1),
            product.TransposeB ? new Side(Input(node, 1), k, 1) : new Side(Input(node, 1), 1, n), table[node]);
    }

    private IEnumerable<Step> Convolve(object text, Node node, Convolution convolution)
    {
        var (x, w, groups) = (node.Inputs[0].Shape, node.Inputs[1].Shape, convolution.Groups);
        var (channels, kernels, depth) = (w[1], w[0] / groups, (int)w[1..].Elements);
        var packed = table.Workspace(groups * ConvolutionStep.PackedSize(kernels, depth));
        yield return ConvolutionStep.PackKernels(groups, kernels, depth,
            (g, o) => [.. Enumerable.Range((g * kernels + o) * depth, depth)], Input(node, 1), packed);
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
            (g, c) => [.. Enumerable.Range(0, channels).SelectMany(o => Enumerable.Range(1, plane)
                .Select(back => ((g * channels + o) * kernels + c + 1) * plane - back))],
            Input(node, 1), packed);
        yield return new ConvolutionStep(text, Patches.Transposed(convolution.Window, node.Shape[2..], w[2..], dy[2..]),
            dy[0], groups, channels, kernels, Input(node, 0), packed, table[node]);
    }

    private IEnumerable<Step> ConvolveKernel(object text, Node node, ConvolutionKernel convolution)
    {
        var (x, dy, w, groups) = (node.Inputs[0].Shape, node.Inputs[1].Shape, node.Shape, convolution.Groups);
        var shares = KernelGradientStep.Shares(x[0], w.Elements);
        var target = shares == 1 ? table[node] : table.Workspace(shares * w.Elements);
        yield return new KernelGradientStep(text, Patches.Forward(convolution.Window, x[2..], w[2..], dy[2..]),
            x[0], groups, w[1], w[0] / groups, shares, Input(node, 0), Input(node, 1), target);
        if (shares > 1)
        {
            yield return new SumStep($"add {shares} shares", [shares, (int)w.Elements], [1, (int)w.Elements], target, table[node]);
        }
    }

    private Step MaxPool(object text, Node node, Window window, Shape kernel, int y, int places) => PoolSteps.Max(text, Planes(node),
        Cover.OfPositions(window, kernel, node.Inputs[0].Shape[2..], node.Shape[2..]),
        (int)node.Inputs[0].Shape[2..].Elements, Input(node, 0), y, places);

    private Step Reverse(object text, Node node, Reverse reverse)
    {
        var (shape, steps) = (node.Shape, node.Shape.Strides());
        var turned = steps.Select((step, axis) => reverse.Axes.Contains(axis) ? -step : step).ToArray();
        var start = reverse.Axes.Distinct().Sum(axis => Math.Max(0, shape[axis] - 1) * steps[axis]);
        return CopyStep.Of(text, Axes(shape, turned, steps), Input(node, 0), start, table[node], 0);
    }

    private IEnumerable<Step> Concat(object text, Node node, Concat concat)
    {
        var (offset, steps) = (0L, node.Shape.Strides());
        foreach (var input in node.Inputs)
        {
            yield return CopyStep.Of(text, Axes(input.Shape, input.Shape.Strides(), steps), table[input], 0, table[node], offset);
            offset += input.Shape[concat.Axis] * steps[concat.Axis];
        }
    }

    private static long Planes(Node node) => (long)node.Shape[0] * node.Shape[1];

    private static IEnumerable<CopyStep.Axis> Axes(Shape box, long[] from, long[] to) =>
        Enumerable.Range(0, box.Rank).Select(axis => new CopyStep.Axis(box[axis], from[axis], to[axis]));

    private static long[] Permute(long[] strides, Shape axes) => [.. axes.AsSpan().ToArray().Select(axis => strides[axis])];

    private static long[] Scale(Shape whole, Shape step) => [.. whole.Strides().Select((stride, axis) => stride * step[axis])];

    private static long Place(Shape start, Shape whole) => whole.Strides().Select((stride, axis) => stride * start[axis]).Sum();
}
