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
            Convolution op => Image(
                text, node, DirectShape.Forward(op, first, second, reordered.Order.ToFirst(node.Shape)), op.Window, isBatchLast),
            ConvolutionInput op => Image(text, node, DirectShape.Transpose(op, first, second), op.Window, isBatchLast),
            ConvolutionKernel op => Weights(
                text, node, DirectShape.Forward(new(op.Window, op.Groups), first, op.W, second), op.Window, isBatchLast),
            var op => throw new ArgumentException($"{op} is no convolution.", nameof(reordered)),
        };
    }

    private IEnumerable<Step> Image(object text, Node node, DirectShape shape, Window window, bool isBatchLast)
    {
        var (x, w, y, once) = (table[node.Inputs[0]], table[node.Inputs[1]], table[node], table.IsUnchanged(node.Inputs[1]));
        if (isBatchLast)
        {
            return [new BatchStep(text, shape, x, w, y)];
        }

        if (ScatterStep.Pays(shape) && ScatterStep.Transpose(shape, window) is { } scattered)
        {
            return winograd && shape.Transposed && RowWinogradShape.Of(shape.Exchanged(window) with { Transposed = false }) is { PaysForTranspose: true } back
                ? RowsBack(text, back, x, w, y, once)
                : Scatter(text, shape, scattered, x, w, y, once);
        }

        shape = shape.Flat();
        var tiles = winograd ? WinogradShape.Of(shape) : null;
        return shape.HasNarrowGroups ? Grouped(text, shape, x, w, y, once)
            : tiles is { PaysByBlocks: true } ? Blocks(text, tiles, x, w, y, once)
            : tiles is { PaysByPanels: true } ? Panels(text, tiles, shape, x, w, y, once)
            : winograd && RowWinogradShape.Of(shape) is { Pays: true } rows ? Rows(text, rows, DirectStep.PanelWidth(shape), x, w, y, once)
            : Direct(text, shape, x, w, y, once);
    }

    private IEnumerable<Step> Direct(object text, DirectShape shape, int x, int w, int y, bool once)
    {
        var packed = table.Workspace(PackWeightsStep.Size(shape), once);
        yield return new PackWeightsStep(shape, w, packed, once);
        yield return new DirectStep(text, shape, x, packed, y, table.Buffers[y].Streams && shape.Targets % Lanes.Count == 0);
    }

    private IEnumerable<Step> Scatter(object text, DirectShape shape, Window window, int x, int w, int y, bool once)
    {
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
        yield return new ScatterStep(text, shape, window, x, packed, y);
    }

    private IEnumerable<Step> Grouped(object text, DirectShape shape, int x, int w, int y, bool once)
    {
        var weights = w;
        if (shape is { Transposed: true, Targets: > 1 })
        {
            weights = table.Workspace((long)shape.Depth * shape.AllTargets, once);
            yield return new TurnGroupsStep(shape, w, weights, once);
        }

        yield return new GroupedStep(text, shape, x, weights, y, table.Buffers[y].Streams && shape.AllTargets % Lanes.Count == 0);
    }

    private IEnumerable<Step> Rows(object text, RowWinogradShape rows, int panelWidth, int x, int w, int y, bool once)
    {
        var transformed = table.Workspace(RowWinogradWeightsStep.Size(rows, panelWidth), once);
        yield return new RowWinogradWeightsStep(rows, panelWidth, w, transformed, once);
        yield return new RowWinogradStep(text, rows, panelWidth, x, transformed, y, table.Buffers[y].Streams && rows.Targets % Lanes.Count == 0);
    }

    private IEnumerable<Step> RowsBack(object text, RowWinogradShape rows, int dy, int w, int x, bool once)
    {
        var transformed = table.Workspace(RowWinogradWeightsStep.Size(rows, 0), once);
        yield return new RowWinogradWeightsStep(rows, 0, w, transformed, once);
        yield return new RowWinogradTransposeStep(text, rows, dy, transformed, x);
    }

    private IEnumerable<Step> Blocks(object text, WinogradShape tiles, int x, int w, int y, bool once)
    {
        var transformed = table.Workspace(tiles.Weights, once);
        var (weights, widen) = Widened(tiles, w, once);
        return
        [
            .. widen,
            new WinogradWeightsStep(tiles, weights, transformed, once),
            new WinogradStep(text, tiles, x, transformed, y),
        ];
    }

    private IEnumerable<Step> Panels(object text, WinogradShape tiles, DirectShape shape, int x, int w, int y, bool once)
    {
        var v = table.Workspace(new WinogradParts(tiles.Tiles, tiles.Sources).Size);
        // What is packed once is read faster; packing at each step costs more than that.
        var isPacked = once && !tiles.Transposed && !tiles.IsPadded;
        var packed = isPacked ? table.Workspace(PackWeightsStep.Size(shape), once) : 0;
        var (weights, before) = isPacked ? (packed, [new PackWeightsStep(shape, w, packed, once)]) : Widened(tiles, w, once);
        return
        [
            .. before,
            new WinogradTilesStep(tiles, areTargets: false, x, v),
            new WinogradPanelStep(text, tiles, DirectStep.PanelWidth(shape), v, weights, isPacked, y),
        ];
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
                new AddLanesStep(BatchGradientStep.Share(shape), size, lanes, dw),
            ];
        }

        if (ScatterStep.Pays(shape) && ScatterStep.Transpose(shape, window) is { } transpose)
        {
            return Exchanged(text, shape, transpose, x, dy, dw, size);
        }

        shape = shape.Flat();
        if (winograd && WinogradShape.Of(shape) is { PaysForGradient: true } tiles)
        {
            return Tiles(text, tiles, DirectStep.PanelWidth(shape), x, dy, dw, size);
        }

        if (winograd && RowWinogradShape.Of(shape) is { PaysForGradient: true } rows)
        {
            var products = table.Workspace(rows.Sums);
            return Shares.Steps(table, products, rows.Sums, rows.Shares,
                sums => [new RowWinogradGradientStep(text, rows, x, dy, sums)]).Append(new RowWinogradKernelStep(rows, products, dw));
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

    /// <summary>Of few targets: it is the gradient of the convolution from them to the sources, whose channels fill
    /// registers, with the kernel turned.</summary>
    private IEnumerable<Step> Exchanged(object text, DirectShape shape, Window transpose, int x, int dy, int dw, int size)
    {
        var (exchanged, turned) = (shape.Exchanged(transpose), table.Workspace(size));
        var (k, plane) = (shape.Kernel.Elements, (long)shape.Sources * shape.Targets);
        return
        [
            .. Shares.Steps(table, turned, size, WeightGradientStep.Share(exchanged),
                sums => [new WeightGradientStep(text, exchanged, dy, x, sums)]),
            CopyStep.Of("turn weights", [new(k, -plane, plane), new(shape.Sources, 1, shape.Targets), new(shape.Targets, shape.Sources, 1)],
                turned, (k - 1) * plane, dw, 0),
        ];
    }

    private IEnumerable<Step> Tiles(object text, WinogradShape tiles, int panelWidth, int x, int dy, int dw, int size)
    {
        var v = table.Workspace(new WinogradParts(tiles.Tiles, tiles.Sources).Size);
        var m = table.Workspace(new WinogradParts(tiles.Tiles, tiles.Targets).Size);
        var wide = Winograd.Kernel * tiles.Sources * tiles.Targets;
        var result = tiles.IsPadded ? table.Workspace(wide) : dw;
        var steps = Shares.Steps(table, result, wide, WinogradGradientStep.Share(tiles), sums =>
        [
            new WinogradTilesStep(tiles, areTargets: false, x, v),
            new WinogradTilesStep(tiles, areTargets: true, dy, m),
            new WinogradGradientStep(text, tiles, panelWidth, v, m, sums),
        ]);
        var (sources, targets) = tiles.Channels;
        CopyStep.Axis[] box =
        [
            new(Winograd.Kernel, tiles.Sources * tiles.Targets, size / Winograd.Kernel), new(sources, tiles.Targets, targets), new(targets, 1, 1),
        ];
        return tiles.IsPadded ? steps.Append(CopyStep.Of("narrow weights", box, result, 0, dw, 0)) : steps;
    }
}
