namespace AutoDiffCnn;

/// <summary>From convolutions of channels-last and batch-last images, and their transposes, to steps.</summary>
internal sealed class ConvolutionLowering(BufferTable table, bool winograd, IReadOnlySet<Node> states)
{
    /// <summary>Whether there are kernels for it.</summary>
    public static bool Knows(Node node, Reordered reordered) => node.Inputs[0].Shape is var x && x.Rank - 2 <= DirectShape.Axes
        && (reordered.Order == ImageOrder.ChannelsLast || x[^1] % Lanes.Count == 0);

    /// <summary>The steps of a convolution of images in another order.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="node">The node.</param>
    /// <param name="reordered">Its op, a convolution within.</param>
    public IEnumerable<Step> Steps(object text, Node node, Reordered reordered)
    {
        var isBatchLast = reordered.Order == ImageOrder.BatchLast;
        var (first, second) = (reordered.Order.ToFirst(node.Inputs[0].Shape), node.Inputs[1].Shape);
        return reordered.Inner switch
        {
            Convolution op => Image(text, node, DirectShape.Forward(op, first, second, reordered.Order.ToFirst(node.Shape)), isBatchLast),
            ConvolutionInput op => Image(text, node, DirectShape.Transpose(op, first, second), isBatchLast),
            ConvolutionKernel op => Weights(text, node, DirectShape.Forward(new Convolution(op.Window, op.Groups), first, op.W,
                reordered.Order.ToFirst(second)), isBatchLast),
            var op => throw new ArgumentException($"{op} is no convolution.", nameof(reordered)),
        };
    }

    private IEnumerable<Step> Image(object text, Node node, DirectShape shape, bool isBatchLast)
    {
        var (x, w, y) = (table[node.Inputs[0]], table[node.Inputs[1]], table[node]);
        // Weights that no run changes, as in a network that is only used, are prepared once.
        var once = node.Inputs[1].Op is Variable or Constant && !states.Contains(node.Inputs[1]);
        shape = isBatchLast ? shape : shape.Flat();
        if (isBatchLast)
        {
            yield return new BatchStep(text, shape, x, w, y);
        }
        else if (winograd && WinogradShape.Of(shape) is { PaysByBlocks: true } tiles)
        {
            var transformed = table.Workspace(tiles.Weights, once);
            yield return new WinogradWeightsStep(tiles, w, transformed, once);
            yield return new WinogradStep(text, tiles, x, transformed, y);
        }
        else if (winograd && WinogradShape.Of(shape) is { PaysByPanels: true } few)
        {
            var v = table.Workspace(new WinogradParts(few.Tiles, few.Sources).Size);
            var packed = table.Workspace(PackWeightsStep.Size(shape), once);
            yield return new PackWeightsStep(shape, w, packed, once);
            yield return new WinogradTilesStep(few, areTargets: false, x, v);
            yield return new WinogradPanelStep(text, few, DirectStep.PanelWidth(shape), v, packed, y);
        }
        else
        {
            var packed = table.Workspace(PackWeightsStep.Size(shape.Packing), once);
            yield return new PackWeightsStep(shape.Packing, w, packed, once);
            yield return new DirectStep(text, shape, x, packed, y);
        }
    }

    private IEnumerable<Step> Weights(object text, Node node, DirectShape shape, bool isBatchLast)
    {
        var (x, dy, dw) = (table[node.Inputs[0]], table[node.Inputs[1]], table[node]);
        shape = isBatchLast ? shape : shape.Flat();
        if (isBatchLast)
        {
            var lanes = table.Workspace(BatchGradientStep.Size(shape));
            yield return new BatchGradientStep(text, shape, x, dy, lanes);
            yield return new AddLanesStep(BatchGradientStep.Share(shape), node.Shape.Elements, lanes, dw);
        }
        else if (winograd && WinogradShape.Of(shape) is { PaysForGradient: true } tiles)
        {
            var v = table.Workspace(new WinogradParts(tiles.Tiles, tiles.Sources).Size);
            var m = table.Workspace(new WinogradParts(tiles.Tiles, tiles.Targets).Size);
            var shares = WinogradGradientStep.Share(tiles);
            var sums = table.Workspace(shares * AddSharesStep.Size(shape));
            yield return new WinogradTilesStep(tiles, areTargets: false, x, v);
            yield return new WinogradTilesStep(tiles, areTargets: true, dy, m);
            yield return new WinogradGradientStep(text, tiles, DirectStep.PanelWidth(shape), v, m, sums);
            yield return new AddSharesStep(shape, shares, sums, dw);
        }
        else if (shape is { Groups: 1, IsPointwise: true })
        {
            // dw[o, c] = Σ dy[p, o] · x[p, c], a product of matrices.
            var size = new MatMulSize(1, shape.Targets, (int)(shape.Images * shape.Target.Elements), shape.Sources);
            foreach (var step in MatMulStep.Of(text, size, new Side(dy, 1, shape.Targets), new Side(x, 1, shape.Sources), dw,
                floats => table.Workspace(floats)))
            {
                yield return step;
            }
        }
        else
        {
            var shares = shape.IsDepthwise ? DepthwiseGradientStep.Share(shape) : WeightGradientStep.Share(shape);
            var sums = table.Workspace(shares * AddSharesStep.Size(shape.Packing));
            yield return shape.IsDepthwise
                ? new DepthwiseGradientStep(text, shape, x, dy, sums)
                : new WeightGradientStep(text, shape, x, dy, sums);
            yield return new AddSharesStep(shape.Packing, shares, sums, dw);
        }
    }
}
