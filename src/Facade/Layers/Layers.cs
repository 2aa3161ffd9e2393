namespace AutoDiffCnn;

/// <summary>The layers, by the names that users write; meant for <c>using static AutoDiffCnn.Layers</c>, beside
/// <see cref="Functions"/>, whose functions of nodes have the same names.</summary>
/// <example><code>
/// using static AutoDiffCnn.Functions;
/// using static AutoDiffCnn.Layers;
///
/// var net = Conv2D(8, 3) >> Relu >> MaxPool(2) >> Flatten >> Dense(10);
/// net // Conv2D(8, 3) >> Relu >> MaxPool(2) >> Flatten >> Dense(10)
/// </code></example>
public static partial class Layers
{
    /// <summary>Xavier, as in Keras: networks of a few layers end up better with it than with He's larger weights
    /// (LeNet-5 on 5,000 digits by about one percentage point), and deep ones have batch norm, which takes out the
    /// scale.</summary>
    internal static Init DefaultInit => Init.XavierUniform;

    /// <summary>y = x.</summary>
    public static Layer Identity { get; } = new Sequential([]);

    /// <summary><see cref="Conv2D(int, int, Padding?, int, int, int, bool, Init?)"/> over one spatial axis: x [n, c, l].</summary>
    public static Layer Conv1D(int filters, int kernel, Padding? padding = null, int stride = 1, int dilation = 1, int groups = 1,
        bool bias = true, Init? init = null) =>
        new ConvLayer(1, filters, kernel, padding ?? Padding.Valid, stride, dilation, groups, bias, init ?? DefaultInit);

    /// <summary>A convolution over height and width: x [n, c, h, w] to [n, filters, h', w'] with h' = ⌊(h + padding −
    /// dilation·(kernel − 1) − 1)/stride⌋ + 1. Weight [filters, c/groups, kernel, kernel], bias [filters].</summary>
    /// <param name="filters">The number of kernels, the channels of the result.</param>
    /// <param name="kernel">The kernel's size on each axis.</param>
    /// <param name="padding">Zeros around the image: a number for each side, Valid (none, the default), Same or
    /// Full.</param>
    /// <param name="stride">The step between positions.</param>
    /// <param name="dilation">The distance between kernel elements.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="bias">Whether there is a bias; it starts at 0.</param>
    /// <param name="init">How the weight is drawn; <see cref="Init.XavierUniform"/> by default.</param>
    public static Layer Conv2D(int filters, int kernel, Padding? padding = null, int stride = 1, int dilation = 1, int groups = 1,
        bool bias = true, Init? init = null) =>
        new ConvLayer(2, filters, kernel, padding ?? Padding.Valid, stride, dilation, groups, bias, init ?? DefaultInit);

    // An overload, because with int alone these would be ambiguous with the function of nodes.

    /// <summary>A convolution with sizes of their own for height and width: <c>Conv2D(8, [1, 7])</c>.</summary>
    /// <inheritdoc cref="Conv2D(int, int, Padding?, int, int, int, bool, Init?)" path="/param"/>
    public static Layer Conv2D(int filters, PerAxis kernel, Padding? padding = null, PerAxis? stride = null, PerAxis? dilation = null,
        int groups = 1, bool bias = true, Init? init = null) =>
        new ConvLayer(2, filters, kernel, padding ?? Padding.Valid, stride ?? 1, dilation ?? 1, groups, bias, init ?? DefaultInit);

    /// <summary><see cref="Conv2D(int, int, Padding?, int, int, int, bool, Init?)"/> over three spatial axes: x [n, c, d, h, w].</summary>
    public static Layer Conv3D(int filters, int kernel, Padding? padding = null, int stride = 1, int dilation = 1, int groups = 1,
        bool bias = true, Init? init = null) =>
        new ConvLayer(3, filters, kernel, padding ?? Padding.Valid, stride, dilation, groups, bias, init ?? DefaultInit);

    /// <summary>A convolution with sizes of their own for each axis.</summary>
    /// <inheritdoc cref="Conv2D(int, int, Padding?, int, int, int, bool, Init?)" path="/param"/>
    public static Layer Conv3D(int filters, PerAxis kernel, Padding? padding = null, PerAxis? stride = null, PerAxis? dilation = null,
        int groups = 1, bool bias = true, Init? init = null) =>
        new ConvLayer(3, filters, kernel, padding ?? Padding.Valid, stride ?? 1, dilation ?? 1, groups, bias, init ?? DefaultInit);

    /// <summary>A convolution of each channel with one kernel of its own: weight [c, 1, kernel, kernel], bias
    /// [c].</summary>
    /// <param name="kernel">The kernel's size on each axis.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="stride">The step between positions.</param>
    /// <param name="dilation">The distance between kernel elements.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="init">How the weight is drawn; <see cref="Init.XavierUniform"/> by default.</param>
    public static Layer DepthwiseConv2D(int kernel, Padding? padding = null, int stride = 1, int dilation = 1, bool bias = true, Init? init = null) =>
        new DepthwiseConvLayer(kernel, padding ?? Padding.Valid, stride, dilation, bias, init ?? DefaultInit);

    /// <summary>A depthwise convolution with sizes of their own for height and width.</summary>
    /// <inheritdoc cref="DepthwiseConv2D(int, Padding?, int, int, bool, Init?)" path="/param"/>
    public static Layer DepthwiseConv2D(PerAxis kernel, Padding? padding = null, PerAxis? stride = null, PerAxis? dilation = null,
        bool bias = true, Init? init = null) =>
        new DepthwiseConvLayer(kernel, padding ?? Padding.Valid, stride ?? 1, dilation ?? 1, bias, init ?? DefaultInit);

    /// <summary>A depthwise convolution and a pointwise one: see <see cref="SeparableConvLayer"/>.</summary>
    /// <param name="filters">The channels of the result.</param>
    /// <param name="kernel">The size of the depthwise kernel.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="stride">The step between positions of the depthwise kernel.</param>
    /// <param name="dilation">The distance between its elements.</param>
    /// <param name="bias">Whether the pointwise convolution has a bias.</param>
    /// <param name="init">How the weights are drawn; <see cref="Init.XavierUniform"/> by default.</param>
    public static Layer SeparableConv2D(int filters, int kernel, Padding? padding = null, int stride = 1, int dilation = 1, bool bias = true,
        Init? init = null) =>
        new SeparableConvLayer(filters, kernel, padding ?? Padding.Valid, stride, dilation, bias, init ?? DefaultInit);

    /// <summary>A depthwise convolution with sizes of their own for height and width, and a pointwise one.</summary>
    /// <inheritdoc cref="SeparableConv2D(int, int, Padding?, int, int, bool, Init?)" path="/param"/>
    public static Layer SeparableConv2D(int filters, PerAxis kernel, Padding? padding = null, PerAxis? stride = null, PerAxis? dilation = null,
        bool bias = true, Init? init = null) =>
        new SeparableConvLayer(filters, kernel, padding ?? Padding.Valid, stride ?? 1, dilation ?? 1, bias, init ?? DefaultInit);

    /// <summary>The transpose of a convolution, which enlarges: h' = (h − 1)·stride − 2·padding + dilation·(kernel −
    /// 1) + 1 + outputPadding. Weight [c, filters/groups, kernel, kernel], bias [filters].</summary>
    /// <param name="filters">The channels of the result.</param>
    /// <param name="kernel">The kernel's size on each axis.</param>
    /// <param name="padding">What is cut from each side of the result.</param>
    /// <param name="stride">The distance at which x's elements are spread.</param>
    /// <param name="dilation">The distance between kernel elements.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="outputPadding">Rows and columns added at the end.</param>
    /// <param name="bias">Whether there is a bias.</param>
    /// <param name="init">How the weight is drawn; <see cref="Init.XavierUniform"/> by default.</param>
    public static Layer ConvTranspose2D(int filters, int kernel, int padding = 0, int stride = 1, int dilation = 1, int groups = 1,
        int outputPadding = 0, bool bias = true, Init? init = null) =>
        new ConvTransposeLayer(2, filters, kernel, padding, stride, dilation, groups, outputPadding, bias, init ?? DefaultInit);

    /// <summary>A transposed convolution with sizes of their own for height and width.</summary>
    /// <inheritdoc cref="ConvTranspose2D(int, int, int, int, int, int, int, bool, Init?)" path="/param"/>
    public static Layer ConvTranspose2D(int filters, PerAxis kernel, PerAxis? padding = null, PerAxis? stride = null, PerAxis? dilation = null,
        int groups = 1, PerAxis? outputPadding = null, bool bias = true, Init? init = null) =>
        new ConvTransposeLayer(2, filters, kernel, padding ?? 0, stride ?? 1, dilation ?? 1, groups, outputPadding ?? 0, bias, init ?? DefaultInit);

    /// <summary><see cref="ConvTranspose2D(int, int, int, int, int, int, int, bool, Init?)"/> over one spatial axis: x [n, c, l].</summary>
    public static Layer ConvTranspose1D(int filters, int kernel, int padding = 0, int stride = 1, int dilation = 1, int groups = 1,
        int outputPadding = 0, bool bias = true, Init? init = null) =>
        new ConvTransposeLayer(1, filters, kernel, padding, stride, dilation, groups, outputPadding, bias, init ?? DefaultInit);

    /// <summary><see cref="ConvTranspose2D(int, int, int, int, int, int, int, bool, Init?)"/> over three spatial axes: x [n, c, d, h, w].</summary>
    public static Layer ConvTranspose3D(int filters, int kernel, int padding = 0, int stride = 1, int dilation = 1, int groups = 1,
        int outputPadding = 0, bool bias = true, Init? init = null) =>
        new ConvTransposeLayer(3, filters, kernel, padding, stride, dilation, groups, outputPadding, bias, init ?? DefaultInit);

    /// <summary>A transposed convolution with sizes of their own for each axis.</summary>
    /// <inheritdoc cref="ConvTranspose2D(int, int, int, int, int, int, int, bool, Init?)" path="/param"/>
    public static Layer ConvTranspose3D(int filters, PerAxis kernel, PerAxis? padding = null, PerAxis? stride = null, PerAxis? dilation = null,
        int groups = 1, PerAxis? outputPadding = null, bool bias = true, Init? init = null) =>
        new ConvTransposeLayer(3, filters, kernel, padding ?? 0, stride ?? 1, dilation ?? 1, groups, outputPadding ?? 0, bias, init ?? DefaultInit);

    /// <summary>A fully connected layer: x [n, in] to [n, units]. Weight [units, in], bias [units].</summary>
    /// <param name="units">The number of outputs.</param>
    /// <param name="bias">Whether there is a bias; it starts at 0.</param>
    /// <param name="init">How the weight is drawn; <see cref="Init.XavierUniform"/> by default.</param>
    public static Layer Dense(int units, bool bias = true, Init? init = null) => new DenseLayer(units, bias, init ?? DefaultInit);

    /// <summary>y = body(x) + shortcut(x); without a shortcut body(x) + x.</summary>
    /// <param name="body">The layers that are skipped.</param>
    /// <param name="shortcut">The way around.</param>
    public static Layer Residual(Layer body, Layer? shortcut = null) => new ResidualLayer(body, shortcut);

    /// <summary>The results of several layers on the same x, side by side along the channels.</summary>
    public static Layer Concat(params Layer[] branches) => new ConcatLayer([.. branches]);

    /// <summary>The layer under a name: its parameters are called name.weight and so on.</summary>
    /// <exception cref="ArgumentException">The name is empty or has spaces or one of % . /</exception>
    public static Layer Named(string name, Layer layer) => new NamedLayer(name, layer);

    /// <summary>Several layers on the same x, their results joined from the left by a function of two nodes:
    /// <c>Branch(Maximum, Dense(8), Dense(8))</c> is a maxout unit.</summary>
    /// <param name="join">The function.</param>
    /// <param name="branches">The layers, at least one.</param>
    public static Layer Branch(Func<Node, Node, Node> join, params Layer[] branches) => new BranchLayer(join, [.. branches]);

    /// <summary>The layer so often in a row, each time with parameters of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of times is negative.</exception>
    public static Layer Repeat(int times, Layer layer) => new RepeatLayer(times, layer);

    /// <summary>The layer with the same parameters wherever it stands under this name.</summary>
    /// <exception cref="ArgumentException">The name is empty or has spaces or one of % . /</exception>
    public static Layer Tied(string name, Layer layer) => new TiedLayer(name, layer);

    /// <summary>A row of a table for each whole number: x [n, …] to [n, …, size]. Parameter weight [count, size].</summary>
    /// <param name="count">How many rows.</param>
    /// <param name="size">The size of a row.</param>
    /// <param name="init">How the table is drawn; N(0, 1) by default, as in PyTorch.</param>
    public static Layer Embedding(int count, int size, Init? init = null) => new EmbeddingLayer(count, size, init ?? EmbeddingLayer.Normal);
}
