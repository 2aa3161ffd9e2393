using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>From convolutions of channels-last and batch-last images, and their transposes, to steps.</summary>
internal sealed class ConvolutionLowering(BufferTable table, bool winograd)
{
    /// <summary>Whether there are kernels for it.</summary>
    public static bool Knows(Node node) => node.Inputs[0].Shape.Rank - 2 <= DirectShape.Axes;

    /// <summary>The steps of a convolution of images in another order.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="node">The node.</param>
    /// <param name="reordered">Its op, a convolution within.</param>
    public IEnumerable<Step> Steps(object text, Node node, Reordered reordered)
    {
        var isBatchLast = reordered.Order == AxisOrder.BatchLast;
        Shape First(int index) => reordered.OfInput(index)?.ToFirst(node.Inputs[index].Shape) ?? node.Inputs[index].Shape;
        var (first, second) = (First(0), First(1));
        return reordered.Inner switch
        {
            Convolution op when !isBatchLast
                && DirectShape.Forward(op, first, second, reordered.Order.ToFirst(node.Shape)) is var shape
                && ScatterStep.Pays(shape) && ScatterStep.Turned(shape, op.Window) is { } turned => Scatter(text, node, shape, turned),
            Convolution op => Image(
                text, node, DirectShape.Forward(op, first, second, reordered.Order.ToFirst(node.Shape)), isBatchLast),
            ConvolutionInput op when !isBatchLast
                && DirectShape.Transpose(op, first, second) is var shape && ScatterStep.Pays(shape) =>
                Scatter(text, node, shape, op.Window),
            ConvolutionInput op => Image(text, node, DirectShape.Transpose(op, first, second), isBatchLast),
            ConvolutionKernel op => Weights(
                text, node, DirectShape.Forward(new(op.Window, op.Groups), first, op.W, second), op.Window, isBatchLast),
            var op => throw new ArgumentException($"{op} is no convolution.", nameof(reordered)),
        };
    }

    private IEnumerable<Step> Scatter(object text, Node node, DirectShape shape, Window window)
    {
        var (x, w, once) = (table[node.Inputs[0]], table[node.Inputs[1]], table.IsUnchanged(node.Inputs[1]));
        var product = ScatterStep.Product(shape);
        if (!shape.Transposed)
        {
            // From w[k, source, target] to turned[source, the kernel backwards, target].
            var (k, t, turned) = (shape.Kernel.Elements, shape.Targets, table.Workspace(shape.Depth * (long)shape.Targets));
            var plane = (long)shape.Sources * t;
            yield return CopyStep.Of("turn weights", [new(shape.Sources, t, k * t), new(k, -plane, t), new(t, 1, 1)], w, (k - 1) * plane, turned, 0);
            (w, once) = (turned, false);
        }

        var packed = table.Workspace(PackWeightsStep.Size(product), once);
        yield return new PackWeightsStep(product, w, packed, once);
        yield return new ScatterStep(text, shape, window, x, packed, table[node]);
    }

    private IEnumerable<Step> Image(object text, Node node, DirectShape shape, bool isBatchLast)
    {
        var (x, w, y) = (table[node.Inputs[0]], table[node.Inputs[1]], table[node]);
        var once = table.IsUnchanged(node.Inputs[1]);
        shape = isBatchLast ? shape : shape.Flat();
        if (isBatchLast)
        {
            yield return new BatchStep(text, shape, x, w, y);
        }
        else if (shape.HasNarrowGroups)
        {
            var weights = w;
            if (shape is { Transposed: true, Targets: > 1 })
            {
                weights = table.Workspace((long)shape.Depth * shape.AllTargets, once);
                yield return new TurnGroupsStep(shape, w, weights, once);
            }

            yield return new GroupedStep(text, shape, x, weights, y, table.Buffers[y].Streams && shape.AllTargets % Lanes.Count == 0);
        }
        else if (winograd && WinogradShape.Of(shape) is { PaysByBlocks: true } tiles)
        {
            var (weights, widen) = Widened(tiles, w, once);
            var transformed = table.Workspace(tiles.Weights, once);
            foreach (var step in widen)
            {
                yield return step;
            }

            yield return new WinogradWeightsStep(tiles, weights, transformed, once);
            yield return new WinogradStep(text, tiles, x, transformed, y);
        }
        else if (winograd && WinogradShape.Of(shape) is { PaysByPanels: true } few)
        {
            var v = table.Workspace(new WinogradParts(few.Tiles, few.Sources).Size);
            // What is packed once is read faster; packing at each step costs more than that.
            var isPacked = once && !few.Transposed && !few.IsPadded;
            var (weights, widen) = isPacked ? (table.Workspace(PackWeightsStep.Size(shape), once), []) : Widened(few, w, once);
            foreach (var step in isPacked ? [new PackWeightsStep(shape, w, weights, once)] : widen)
            {
                yield return step;
            }

            yield return new WinogradTilesStep(few, areTargets: false, x, v);
            yield return new WinogradPanelStep(text, few, DirectStep.PanelWidth(shape), v, weights, isPacked, y);
        }
        else
        {
            var packed = table.Workspace(PackWeightsStep.Size(shape), once);
            yield return new PackWeightsStep(shape, w, packed, once);
            yield return new DirectStep(text, shape, x, packed, y, table.Buffers[y].Streams && shape.Targets % Lanes.Count == 0);
        }
    }

    /// <summary>Weights with as many channels as are transformed.</summary>
    private (int Buffer, ImmutableArray<Step> Steps) Widened(WinogradShape tiles, int w, bool once)
    {
        if (!tiles.IsPadded)
        {
            return (w, []);
        }

        var (size, wide) = (tiles.Channels, (tiles.Sources, tiles.Targets));
        (size, wide) = tiles.Transposed ? ((size.Targets, size.Sources), (wide.Targets, wide.Sources)) : (size, wide);
        var widened = table.Workspace((long)Winograd.Kernel * tiles.Sources * tiles.Targets, once);
        return (widened, [new WidenStep(size, wide, w, widened, once)]);
    }

    private IEnumerable<Step> Weights(object text, Node node, DirectShape shape, Window window, bool isBatchLast)
    {
        var (x, dy, dw, size) = (table[node.Inputs[0]], table[node.Inputs[1]], table[node], (int)node.Shape.Elements);
        if (isBatchLast)
        {
            var lanes = table.Workspace(BatchGradientStep.Size(shape));
            return
            [
                new BatchGradientStep(text, shape, x, dy, lanes),
                new AddLanesStep(BatchGradientStep.Share(shape), node.Shape.Elements, lanes, dw),
            ];
        }

        if (ScatterStep.Pays(shape) && ScatterStep.Turned(shape, window) is { } turned)
        {
            // Of few targets: the sources' channels fill registers, so both sides are exchanged, and the kernel is turned.
            var exchanged = shape.Exchanged(turned);
            var (sums, k, plane) = (table.Workspace(size), shape.Kernel.Elements, (long)shape.Sources * shape.Targets);
            return
            [
                .. Shares.Steps(table, sums, size, WeightGradientStep.Share(exchanged),
                    shares => [new WeightGradientStep(text, exchanged, dy, x, shares)]),
                CopyStep.Of("turn weights", [new(k, -plane, plane), new(shape.Sources, 1, shape.Targets), new(shape.Targets, shape.Sources, 1)],
                    sums, (k - 1) * plane, dw, 0),
            ];
        }

        shape = shape.Flat();
        if (winograd && WinogradShape.Of(shape) is { PaysForGradient: true } tiles)
        {
            var v = table.Workspace(new WinogradParts(tiles.Tiles, tiles.Sources).Size);
            var m = table.Workspace(new WinogradParts(tiles.Tiles, tiles.Targets).Size);
            var wide = Winograd.Kernel * tiles.Sources * tiles.Targets;
            var widened = tiles.IsPadded ? table.Workspace(wide) : dw;
            var (row, count) = (tiles.Targets, tiles.Channels);
            return
            [
                .. Shares.Steps(table, widened, wide, WinogradGradientStep.Share(tiles), sums =>
                [
                    new WinogradTilesStep(tiles, areTargets: false, x, v),
                    new WinogradTilesStep(tiles, areTargets: true, dy, m),
                    new WinogradGradientStep(text, tiles, DirectStep.PanelWidth(shape), v, m, sums),
                ]),
                .. tiles.IsPadded
                    ? [CopyStep.Of("narrow weights", [new(Winograd.Kernel, tiles.Sources * row, size / Winograd.Kernel),
                        new(count.Sources, row, count.Targets), new(count.Targets, 1, 1)], widened, 0, dw, 0)]
                    : Array.Empty<Step>(),
            ];
        }

        if (shape is { Groups: 1, IsPointwise: true })
        {
            // dw[c, o] = Σ x[p, c] · dy[p, o], a product of matrices.
            var product = new MatMulSize(1, shape.Sources, (int)(shape.Images * shape.Target.Elements), shape.Targets);
            return MatMulStep.Of(text, product, new Side(x, 1, shape.Sources), new Side(dy, 1, shape.Targets), dw,
                table.Workspace);
        }

        return GroupedGradientStep.Pays(shape)
            ? Shares.Steps(table, dw, size, GroupedGradientStep.Share(shape),
                sums => [new GroupedGradientStep(text, shape, x, dy, sums)])
            : Shares.Steps(table, dw, size, WeightGradientStep.Share(shape),
                sums => [new WeightGradientStep(text, shape, x, dy, sums)]);
    }
}
