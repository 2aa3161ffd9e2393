namespace OracleTests;

/// <summary>From the name of an op in the file to the function of nodes: the one place that a new op goes to, beside
/// cases.py; composites are in <see cref="CompositeTable"/>.</summary>
internal static class Table
{
    public static IReadOnlyDictionary<string, Func<Attributes, Node[], Node>> Functions { get; } =
        new Dictionary<string, Func<Attributes, Node[], Node>>(CompositeTable.Functions, StringComparer.Ordinal)
        {
            ["Exp"] = One(Exp),
            ["Expm1"] = One(Expm1),
            ["Log"] = One(Log),
            ["Log1p"] = One(Log1p),
            ["Sqrt"] = One(Sqrt),
            ["Rsqrt"] = One(Rsqrt),
            ["Reciprocal"] = One(Reciprocal),
            ["Square"] = One(Square),
            ["Negate"] = One(x => -x),
            ["Sin"] = One(Sin),
            ["Cos"] = One(Cos),
            ["Tanh"] = One(Tanh),
            ["Sigmoid"] = One(Sigmoid),
            ["Erf"] = One(Erf),
            ["Softplus"] = One(Softplus),
            ["Relu"] = One(Relu),
            ["Abs"] = One(Abs),
            ["Sign"] = One(Sign),
            ["Floor"] = One(Floor),
            ["Gelu"] = One(Gelu),
            ["LeakyRelu"] = (at, x) => LeakyRelu(x[0], at.Number("slope")),
            ["StopGradient"] = One(StopGradient),

            ["Add"] = Two((a, b) => a + b),
            ["Subtract"] = Two((a, b) => a - b),
            ["Multiply"] = Two((a, b) => a * b),
            ["Divide"] = Two((a, b) => a / b),
            ["Pow"] = Two(Pow),
            ["Maximum"] = Two(Maximum),
            ["Minimum"] = Two(Minimum),
            ["Less"] = Two(Less),
            ["LessOrEqual"] = Two(LessOrEqual),
            ["Greater"] = Two(Greater),
            ["Equal"] = Two(Equal),
            ["Where"] = (_, x) => Where(x[0], x[1], x[2]),

            ["Sum"] = (at, x) => at.Has("axes") ? Sum(x[0], at.Ints("axes"), at.Flag("keepDims")) : Sum(x[0]),
            ["Mean"] = (at, x) => at.Has("axes") ? Mean(x[0], at.Ints("axes"), at.Flag("keepDims")) : Mean(x[0]),
            ["Max"] = (at, x) => at.Has("axis") ? Max(x[0], at.Int("axis"), at.Flag("keepDims")) : Max(x[0]),
            ["Min"] = (at, x) => at.Has("axis") ? Min(x[0], at.Int("axis"), at.Flag("keepDims")) : Min(x[0]),
            ["LogSumExp"] = (at, x) => LogSumExp(x[0], at.Int("axis"), at.Flag("keepDims")),
            ["Prod"] = (at, x) => Prod(x[0], at.Int("axis"), at.Flag("keepDims")),
            ["ArgMax"] = (at, x) => ArgMax(x[0], at.Int("axis")),
            ["ArgMin"] = (at, x) => ArgMin(x[0], at.Int("axis")),
            ["Moments"] = (at, x) => Moments(x[0], at.Ints("axes")) is var (mean, variance) ? Concat(0, mean, variance) : x[0],

            ["Reshape"] = (at, x) => Reshape(x[0], at.Shape("shape")),
            ["Flatten"] = One(Flatten),
            ["BroadcastTo"] = (at, x) => BroadcastTo(x[0], at.Shape("shape")),
            ["Transpose"] = (at, x) => at.Has("axes") ? Transpose(x[0], at.Shape("axes")) : Transpose(x[0]),
            ["Concat"] = (at, x) => Concat(at.Int("axis"), x),
            ["Slice"] = (at, x) => Slice(x[0], at.Shape("start"), at.Shape("size"), at.Shape("step")),
            ["Part"] = (at, x) => Part(x[0], at.Int("axis"), at.Int("start"), at.Int("size")),
            ["Reverse"] = (at, x) => Reverse(x[0], at.Shape("axes")),
            ["Rotate180"] = (at, x) => Rotate180(x[0], at.Int("firstAxis")),
            ["Dilate"] = (at, x) => Dilate(x[0], at.Shape("step")),
            ["Pad"] = (at, x) => Pad(x[0], at.Shape("before"), at.Shape("after"), at.Name<PadMode>("mode"), at.Number("value", 0)),
            ["Gather"] = (at, x) => Gather(x[0], x[1], at.Int("axis")),
            ["OneHot"] = (at, x) => OneHot(x[0], at.Int("classes")),

            ["MatMul"] = (at, x) => at.Has("transposeA")
                ? new MatMul(at.Flag("transposeA"), at.Flag("transposeB")).Of(x[0], x[1]) : MatMul(x[0], x[1]),
            ["Dense"] = (_, x) => Dense(x[0], x[1], x.ElementAtOrDefault(2)),
            ["Conv1D"] = Convolved(Conv1D),
            ["Conv2D"] = Convolved(Conv2D),
            ["Conv3D"] = Convolved(Conv3D),
            ["DepthwiseConv2D"] = (at, x) =>
                DepthwiseConv2D(x[0], x[1], at.Padding("padding"), at.Int("stride", 1), at.Int("dilation", 1)),
            ["SeparableConv2D"] = (at, x) => SeparableConv2D(x[0], x[1], x[2], at.Padding("padding"), at.Int("stride", 1)),
            ["ConvTranspose1D"] = Enlarged(ConvTranspose1D),
            ["ConvTranspose2D"] = Enlarged(ConvTranspose2D),
            ["ConvTranspose3D"] = Enlarged(ConvTranspose3D),
            ["CrossCorrelate"] = (at, x) => CrossCorrelate(x[0], x[1], at.Padding("padding"), at.Int("stride", 1)),
            ["Convolve"] = (at, x) => Convolve(x[0], x[1], at.Padding("padding"), at.Int("stride", 1)),

            ["MaxPool"] = (at, x) => MaxPool(x[0], at.Int("kernel"), at.IntOrNull("stride"), at.Padding("padding"),
                at.Int("dilation", 1), at.Flag("ceil")),
            ["AvgPool"] = (at, x) => AvgPool(x[0], at.Int("kernel"), at.IntOrNull("stride"), at.Padding("padding"),
                at.Flag("ceil"), at.Flag("countPadding")),
            ["SumPool"] = (at, x) => SumPool(x[0], at.Int("kernel"), at.IntOrNull("stride"), at.Padding("padding")),
            ["GlobalMaxPool"] = One(GlobalMaxPool),
            ["GlobalAveragePool"] = One(GlobalAveragePool),

            ["Softmax"] = (at, x) => Softmax(x[0], at.Int("axis")),
            ["LogSoftmax"] = (at, x) => LogSoftmax(x[0], at.Int("axis")),
            ["SoftmaxCrossEntropy"] = Two(SoftmaxCrossEntropy),
            ["CrossEntropy"] = Two(CrossEntropy),
            ["MeanSquaredError"] = Two(MeanSquaredError),
            ["BatchNorm"] = Normalised,
        };

    private delegate Node Conv(Node x, Node w, Padding? padding, int stride, int dilation, int groups);

    private delegate Node Transposed(
        Node x, Node w, int padding, int stride, int dilation, int groups, int outputPadding);

    public static Func<Attributes, Node[], Node> One(Func<Node, Node> f) => (_, x) => f(x[0]);

    public static Func<Attributes, Node[], Node> Two(Func<Node, Node, Node> f) => (_, x) => f(x[0], x[1]);

    private static Func<Attributes, Node[], Node> Convolved(Conv f) => (at, x) =>
        f(x[0], x[1], at.Padding("padding"), at.Int("stride", 1), at.Int("dilation", 1), at.Int("groups", 1));

    private static Func<Attributes, Node[], Node> Enlarged(Transposed f) => (at, x) => f(x[0], x[1],
        at.Int("padding", 0), at.Int("stride", 1), at.Int("dilation", 1), at.Int("groups", 1), at.Int("outputPadding", 0));

    /// <summary>x, then in use the running moments, then scale and shift; all but x are [c].</summary>
    private static Node Normalised(Attributes at, Node[] inputs)
    {
        var x = inputs[0];
        Node[] rest = [.. inputs[1..].Select(each => Reshape(each, Shape.Repeat(1, x.Shape.Rank).With(1, x.Shape[1])))];
        var epsilon = at.Number("epsilon");
        return at.Flag("training") && Moments(x, [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => axis != 1)]) is var (mean, variance)
            ? BatchNorm(x, mean, variance, rest[0], rest[1], epsilon)
            : BatchNorm(x, rest[0], rest[1], rest[2], rest[3], epsilon);
    }
}
