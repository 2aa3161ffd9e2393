using AutoDiffCnn.Protocol;

namespace AutoDiffCnn;

// Convolutions and matrix products, which take a bias with them; normalisation with known moments.
internal sealed partial class OnnxWriter
{
    private string? Linear(Node node) => node switch
    {
        { Op: Add, Inputs: [{ Op: Convolution or ConvolutionInput } conv, { Op: Broadcast, Inputs: [var bias] }] }
            when IsReadOnce(conv) && PerChannel(bias, node.Shape) is { } b => Convolve(conv, b),
        { Op: Add, Inputs: [{ Op: MatMul, Shape.Rank: 2 } product, { Op: Broadcast, Inputs: [var bias] }] }
            when IsReadOnce(product) => Gemm(product, bias),
        { Op: Add } => Normalised(node),
        { Op: Convolution or ConvolutionInput } => Convolve(node, null),
        { Op: ConvolutionKernel op } => KernelGradient(node, op),
        { Op: MatMul op } => Product(node, op),
        _ => null,
    };

    private bool IsReadOnce(Node node) => readers[node] == 1;

    /// <summary>The vector of which each channel of an image has one element, if a node is that.</summary>
    private string? PerChannel(Node node, Shape image)
    {
        var channels = image.Rank < 2 ? 0 : image[1];
        if (node.Shape.Elements != channels || node.Shape.Rank < image.Rank - 1 || node.Shape[^(image.Rank - 1)] != channels)
        {
            return null;
        }

        return node is { Op: Reshape, Inputs: [{ Shape: [_] } vector] } ? Of(vector)
            : node.Shape.Rank == 1 ? Of(node)
            : Emit("Reshape", [Of(node), Whole([channels])]);
    }

    private string Convolve(Node node, string? bias)
    {
        string[] inputs = [Of(node.Inputs[0]), Of(node.Inputs[1]), .. bias is null ? Array.Empty<string>() : [bias]];
        var kernel = node.Inputs[1].Shape[2..];
        return node.Op switch
        {
            Convolution op => Emit("Conv", inputs, [.. Walk(kernel, op.Window), Attribute("group", op.Groups)]),
            ConvolutionInput op => Emit("ConvTranspose", inputs, [.. Walk(kernel, op.Window), Attribute("group", op.Groups),
                Attribute("output_padding", Longs(Unseen(op.Window, kernel, op.X[2..])))]),
            _ => throw new InvalidOperationException($"{node.Op} is no convolution."),
        };
    }

    /// <summary>The elements behind the last window.</summary>
    private static Shape Unseen(Window window, Shape kernel, Shape size) => size.Select((n, axis) =>
        (n + window.Before[axis] + window.After[axis] - window.Dilation[axis] * (kernel[axis] - 1) - 1) % window.Stride[axis]);

    private static AttributeProto[] Walk(Shape kernel, Window window) =>
    [
        Attribute("kernel_shape", Longs(kernel)),
        Attribute("strides", Longs(window.Stride)),
        Attribute("pads", [.. Longs(window.Before), .. Longs(window.After)]),
        Attribute("dilations", Longs(window.Dilation)),
    ];

    /// <summary>dw[o, c] = Σ_n x[n, c] ⋆ dy[n, o]: a convolution whose images are x's channels, whose channels are the batch
    /// and whose kernel is dy; stride and dilation change places, and what goes beyond w is cut off. Of g groups each
    /// brings a batch of its own.</summary>
    private string KernelGradient(Node node, ConvolutionKernel op)
    {
        var (x, dy, w, g) = (node.Inputs[0], node.Inputs[1], op.W, (long)op.Groups);
        var (batch, channels, spatial) = ((long)x.Shape[0], (long)w[1], Longs(x.Shape[2..]));
        var axes = Axes(spatial.Length);
        var images = g == 1
            ? Emit("Transpose", [Of(x)], Attribute("perm", [1, 0, .. axes.Select(axis => axis + 2)]))
            : Emit("Reshape", [
                Emit("Transpose", [Emit("Reshape", [Of(x), Whole([batch, g, channels, .. spatial])])],
                    Attribute("perm", [2, 1, 0, .. axes.Select(axis => axis + 3)])),
                Whole([channels, g * batch, .. spatial])]);
        var kernels = Emit("Transpose", [Of(dy)], Attribute("perm", [1, 0, .. axes.Select(axis => axis + 2)]));
        var turned = new Window(op.Window.Dilation, op.Window.Before, op.Window.After, op.Window.Stride);
        var whole = Emit("Conv", [images, kernels], [.. Walk(dy.Shape[2..], turned), Attribute("group", g)]);
        var positions = turned.Positions(op, x.Shape[2..], dy.Shape[2..], "");
        var cut = positions == w[2..] ? whole
            : Emit("Slice", [whole, Whole(axes.Select(_ => 0L)), Sizes(w[2..]), Whole(axes.Select(axis => axis + 2))]);
        return Emit("Transpose", [cut], Attribute("perm", [1, 0, .. axes.Select(axis => axis + 2)]));
    }

    private string Gemm(Node product, Node bias)
    {
        var op = (MatMul)product.Op;
        return Emit("Gemm", [Of(product.Inputs[0]), Of(product.Inputs[1]), Of(bias)], Turned(op));
    }

    private static AttributeProto[] Turned(MatMul op) =>
    [
        .. op.TransposeA ? [Attribute("transA", 1)] : Array.Empty<AttributeProto>(),
        .. op.TransposeB ? [Attribute("transB", 1)] : Array.Empty<AttributeProto>(),
    ];

    private string Product(Node node, MatMul op)
    {
        var (a, b) = (node.Inputs[0], node.Inputs[1]);
        return node.Shape.Rank == 2 && (op.TransposeA || op.TransposeB)
            ? Emit("Gemm", [Of(a), Of(b)], Turned(op))
            : Emit("MatMul", [op.TransposeA ? Turned(a) : Of(a), op.TransposeB ? Turned(b) : Of(b)]);
    }

    private string Turned(Node matrices) => Emit("Transpose", [Of(matrices)], Attribute("perm",
        [.. Axes(matrices.Shape.Rank - 2), matrices.Shape.Rank - 1, matrices.Shape.Rank - 2]));

    /// <summary>(x − mean) / √(variance + ε) · scale + shift for each channel, as one operator.</summary>
    private string? Normalised(Node node) => node is
    {
        Inputs: [
        {
            Op: Multiply, Inputs: [
            {
                Op: Multiply, Inputs: [
                { Op: Subtract, Inputs: [var x, { Op: Broadcast, Inputs: [var mean] }] } centred,
                { Op: Broadcast, Inputs: [{ Op: Rsqrt, Inputs: [{ Op: Add, Inputs: [var variance, var epsilon] }] }] }]
            } standard,
            { Op: Broadcast, Inputs: [var scale] }]
        } scaled,
        { Op: Broadcast, Inputs: [var shift] }]
    } && IsReadOnce(centred) && IsReadOnce(standard) && IsReadOnce(scaled) && AutoDiffCnn.Constant.NumberIn(epsilon) is { } e
        && PerChannel(scale, x.Shape) is { } gamma && PerChannel(shift, x.Shape) is { } beta
        && PerChannel(mean, x.Shape) is { } m && PerChannel(variance, x.Shape) is { } v
        ? Emit("BatchNormalization", [Of(x), gamma, beta, m, v], Attribute("epsilon", e))
        : null;
}
