namespace AutoDiffCnn;

/// <summary>From convolutions of channels-last and batch-last images, and their transposes, to steps.</summary>
internal sealed class ConvolutionLowering(BufferTable table, bool winograd)
{
    /// <summary>The steps of a convolution of channels-last images.</summary>
    /// <param name="text">What is done.</param>
    /// <param name="node">The node, whose op is <see cref="ChannelsLast"/>.</param>
    /// <param name="op">The convolution within.</param>
    public IEnumerable<Step> ChannelsLast(object text, Node node, Op op) => op switch
    {
        Convolution convolution => Image(text, node, DirectShape.Forward(
            convolution, ImageAxes.ToFirst(node.Inputs[0].Shape), node.Inputs[1].Shape, ImageAxes.ToFirst(node.Shape))),
        ConvolutionInput convolution => Image(text, node, DirectShape.Transpose(
            convolution, ImageAxes.ToFirst(node.Inputs[0].Shape), node.Inputs[1].Shape)),
        ConvolutionKernel convolution => Weights(text, node, DirectShape.Forward(
            new Convolution(convolution.Window, convolution.Groups), ImageAxes.ToFirst(node.Inputs[0].Shape), convolution.W,
            ImageAxes.ToFirst(node.Inputs[1].Shape))),
        _ => throw new ArgumentException($"{op} is no convolution.", nameof(op)),
    };

    private IEnumerable<Step> Image(object text, Node node, DirectShape shape)
    {
        var (x, w, y) = (table[node.Inputs[0]], table[node.Inputs[1]], table[node]);
        if (winograd && WinogradShape.Of(shape) is { } tiles)
        {
            var transformed = table.Workspace(tiles.Weights);
            yield return new WinogradWeightsStep(tiles, w, transformed);
            yield return new WinogradStep(text, tiles, x, transformed, y);
        }
        else
        {
            var packed = table.Workspace(PackWeightsStep.Size(shape.Packing));
            yield return new PackWeightsStep(shape.Packing, w, packed);
            yield return new DirectStep(text, shape, x, packed, y);
        }
    }

    private IEnumerable<Step> Weights(object text, Node node, DirectShape shape)
    {
        var (x, dy, dw) = (table[node.Inputs[0]], table[node.Inputs[1]], table[node]);
        if (winograd && WinogradShape.Of(shape) is { PaysForGradient: true } tiles)
        {
            var shares = WinogradGradientStep.Share(tiles);
            var transformed = table.Workspace(shares * tiles.Weights);
            yield return new WinogradGradientStep(text, tiles, x, dy, transformed);
            yield return new WinogradBackStep(tiles, shares, transformed, dw);
        }
        else
        {
            var shares = shape.IsDepthwise ? DepthwiseGradientStep.Share(shape) : WeightGradientStep.Share(shape);
            var sums = table.Workspace(shares * node.Shape.Elements);
            yield return shape.IsDepthwise
                ? new DepthwiseGradientStep(text, shape, x, dy, sums)
                : new WeightGradientStep(text, shape, x, dy, sums);
            yield return new AddSharesStep(shape.Packing, shares, sums, dw);
        }
    }
}
