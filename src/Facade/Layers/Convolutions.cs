using System.Text;

namespace AutoDiffCnn;

/// <summary>y = x ⋆ w + b over one, two or three spatial axes; parameters weight [filters, c/groups, kernel…],
/// bias [filters].</summary>
/// <param name="Rank">The number of spatial axes.</param>
/// <param name="Filters">The number of kernels, the channels of the result.</param>
/// <param name="Kernel">The kernel's size on each axis.</param>
/// <param name="Padding">Zeros around the image.</param>
/// <param name="Stride">The step between positions.</param>
/// <param name="Dilation">The distance between kernel elements.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
/// <param name="Bias">Whether there is a bias.</param>
/// <param name="Init">How the weight is drawn.</param>
/// <example><code>Conv2D(6, 5, Same).Build([1, 1, 28, 28]).Output.Shape // [1, 6, 28, 28]</code></example>
public sealed record ConvLayer(
    int Rank, int Filters, PerAxis Kernel, Padding Padding, PerAxis Stride, PerAxis Dilation, int Groups, bool Bias,
    Init Init) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Name => $"Conv{Rank}D";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        var (window, kernel) = WindowOn(this, x.Shape, Rank, Kernel, Padding, Stride, Dilation);
        var w = scope.Parameter("weight", [Filters, x.Shape[1] / Math.Max(1, Groups), .. kernel], Init);
        var y = new Convolution(window, Groups).Of(x, w);
        return Bias ? AddBias(scope, y) : y;
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, $"{Filters}", $"{Kernel}",
        Text(Padding), Text("stride", Stride), Text("dilation", Dilation), Text("groups", Groups),
        Text(Bias), Text(Init));

    /// <summary>The window of a convolution on x, and its kernel's size along each axis.</summary>
    internal static (Window Window, Shape Kernel) WindowOn(
        Layer layer, Shape x, int rank, PerAxis kernel, Padding padding, PerAxis stride, PerAxis dilation)
    {
        CheckImage(layer, x, rank);
        var place = $"{layer} on {x}";
        Window.Check(place, stride.Least, dilation.Least, kernel.Least);
        var sizes = kernel.Along(rank, place);
        return (padding.Window(x[2..], sizes, stride.Along(rank, place), dilation.Along(rank, place)), sizes);
    }

    internal static Node AddBias(Scope scope, Node y)
    {
        var channels = y.Shape[1];
        return y + Functions.Reshape(scope.Parameter("bias", [channels], Init.Zeros),
            Shape.Repeat(1, y.Shape.Rank - 1).With(0, channels));
    }

    internal static void CheckImage(Layer layer, Shape x, int rank)
    {
        if (x.Rank != rank + 2)
        {
            var axes = rank switch { 1 => "l", 2 => "h, w", _ => "d, h, w" };
            throw new ShapeError($"{layer} on {x}", $"the input needs rank {rank + 2}: [n, c, {axes}], not {x.Rank}",
                [x.Rank == rank + 1
                    ? $"Reshape to {Shape.From([x[0], 1, .. x[1..]])}"
                    : $"an input of rank {rank + 2}"]);
        }
    }

    internal static string Text(Padding padding) => padding == Padding.Valid ? "" : $"{padding}";

    internal static string Text(string name, PerAxis value) => value == 1 ? "" : $"{name}: {value}";

    internal static string Text(bool bias) => bias ? "" : "bias: false";

    internal static string Text(Init init) => init == Layers.DefaultInit ? "" : $"init: {init}";
}

/// <summary>One kernel for each channel: weight [c, 1, kernel, kernel], bias [c].</summary>
/// <param name="Kernel">The kernel's size on each axis.</param>
/// <param name="Padding">Zeros around the image.</param>
/// <param name="Stride">The step between positions.</param>
/// <param name="Dilation">The distance between kernel elements.</param>
/// <param name="Bias">Whether there is a bias.</param>
/// <param name="Init">How the weight is drawn.</param>
/// <example><code>
/// var net = DepthwiseConv2D(3, Same) >> Conv2D(64, 1);
/// net.Build([1, 32, 8, 8]).Output.Shape // [1, 64, 8, 8]
/// </code></example>
public sealed record DepthwiseConvLayer(
    PerAxis Kernel, Padding Padding, PerAxis Stride, PerAxis Dilation, bool Bias, Init Init) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "conv";

    /// <inheritdoc/>
    public override string Name => "DepthwiseConv2D";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        var (window, kernel) = ConvLayer.WindowOn(this, x.Shape, 2, Kernel, Padding, Stride, Dilation);
        var w = scope.Parameter("weight", [x.Shape[1], 1, .. kernel], Init);
        var y = new Convolution(window, Functions.EachChannel($"{this} on {x.Shape}", x.Shape)).Of(x, w);
        return Bias ? ConvLayer.AddBias(scope, y) : y;
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"{Kernel}", ConvLayer.Text(Padding),
        ConvLayer.Text("stride", Stride), ConvLayer.Text("dilation", Dilation),
        ConvLayer.Text(Bias), ConvLayer.Text(Init));
}

/// <summary>A depthwise convolution without bias, then a pointwise one: cheaper than a full one by
/// 1/filters + 1/kernel². Parameters depthwise.weight, pointwise.weight, pointwise.bias.</summary>
/// <param name="Filters">The channels of the result.</param>
/// <param name="Kernel">The size of the depthwise kernel.</param>
/// <param name="Padding">Zeros around the image.</param>
/// <param name="Stride">The step between positions of the depthwise kernel.</param>
/// <param name="Dilation">The distance between elements of the depthwise kernel.</param>
/// <param name="Bias">Whether the pointwise convolution has a bias.</param>
/// <param name="Init">How the weights are drawn.</param>
/// <remarks>A. Howard et al., MobileNets, 2017.</remarks>
/// <example><code>SeparableConv2D(64, 3, Same).Build([1, 32, 8, 8]).Output.Shape // [1, 64, 8, 8]</code></example>
public sealed record SeparableConvLayer(
    int Filters, PerAxis Kernel, Padding Padding, PerAxis Stride, PerAxis Dilation, bool Bias, Init Init) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "conv";

    /// <inheritdoc/>
    public override string Name => "SeparableConv2D";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        var depthwise =
            Layers.Named("depthwise", Layers.DepthwiseConv2D(Kernel, Padding, Stride, Dilation, bias: false, Init));
        return (depthwise >> Layers.Named("pointwise", Layers.Conv2D(Filters, 1, bias: Bias, init: Init)))
            .Apply(scope, x);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, $"{Filters}", $"{Kernel}",
        ConvLayer.Text(Padding), ConvLayer.Text("stride", Stride), ConvLayer.Text("dilation", Dilation),
        ConvLayer.Text(Bias), ConvLayer.Text(Init));
}

/// <summary>The transpose of a convolution over one, two or three spatial axes, which enlarges: weight
/// [c, filters/groups, kernel…], bias [filters].</summary>
/// <param name="Rank">The number of spatial axes.</param>
/// <param name="Filters">The channels of the result.</param>
/// <param name="Kernel">The kernel's size on each axis.</param>
/// <param name="Padding">What is cut from each side of the result.</param>
/// <param name="Stride">The distance at which x's elements are spread.</param>
/// <param name="Dilation">The distance between kernel elements.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
/// <param name="OutputPadding">Rows and columns added at the end.</param>
/// <param name="Bias">Whether there is a bias.</param>
/// <param name="Init">How the weight is drawn.</param>
/// <example><code>ConvTranspose2D(16, 2, stride: 2).Build([1, 32, 7, 7]).Output.Shape // [1, 16, 14, 14]</code></example>
public sealed record ConvTransposeLayer(
    int Rank, int Filters, PerAxis Kernel, PerAxis Padding, PerAxis Stride, PerAxis Dilation, int Groups,
    PerAxis OutputPadding, bool Bias, Init Init) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "conv";

    /// <inheritdoc/>
    public override string Name => $"ConvTranspose{Rank}D";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        ConvLayer.CheckImage(this, x.Shape, Rank);
        var place = $"{this} on {x.Shape}";
        Window.Check(place, Stride.Least, Dilation.Least, Kernel.Least);
        if (Groups < 1 || Filters % Groups != 0)
        {
            throw new ShapeError(place, $"{Groups} groups do not divide {Filters} filters",
                AutoDiffCnn.Groups.Repairs(Groups, Filters, x.Shape[1]));
        }

        var w = scope.Parameter("weight", [x.Shape[1], Filters / Groups, .. Kernel.Along(Rank, place)], Init);
        var y = Functions.ConvTranspose(Rank, x, w, Padding, Stride, Dilation, Groups, OutputPadding);
        return Bias ? ConvLayer.AddBias(scope, y) : y;
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, $"{Filters}", $"{Kernel}",
        Padding == 0 ? "" : $"{Padding}", ConvLayer.Text("stride", Stride),
        ConvLayer.Text("dilation", Dilation), ConvLayer.Text("groups", Groups),
        OutputPadding == 0 ? "" : $"outputPadding: {OutputPadding}", ConvLayer.Text(Bias), ConvLayer.Text(Init));
}
