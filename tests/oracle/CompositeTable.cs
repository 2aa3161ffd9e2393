namespace OracleTests;

/// <summary>The composites of <see cref="Table"/>, beside composites.py.</summary>
internal static class CompositeTable
{
    public static IReadOnlyDictionary<string, Func<Attributes, Node[], Node>> Functions { get; } =
        new Dictionary<string, Func<Attributes, Node[], Node>>(StringComparer.Ordinal)
        {
            ["Ceil"] = Table.One(Ceil),
            ["Round"] = Table.One(Round),
            ["GeluTanh"] = Table.One(GeluTanh),
            ["Silu"] = Table.One(Silu),
            ["Mish"] = Table.One(Mish),
            ["Softsign"] = Table.One(Softsign),
            ["Tanhshrink"] = Table.One(Tanhshrink),
            ["LogSigmoid"] = Table.One(LogSigmoid),
            ["Relu6"] = Table.One(Relu6),
            ["Selu"] = Table.One(Selu),
            ["HardSigmoid"] = Table.One(HardSigmoid),
            ["HardSwish"] = Table.One(HardSwish),
            ["Softmin"] = (at, x) => Softmin(x[0], at.Int("axis")),
            ["Elu"] = (at, x) => Elu(x[0], at.Number("alpha")),
            ["Celu"] = (at, x) => Celu(x[0], at.Number("alpha")),
            ["HardTanh"] = (at, x) => HardTanh(x[0], at.Number("low"), at.Number("high")),
            ["Clamp"] = (at, x) => Clamp(x[0], at.Number("low"), at.Number("high")),
            ["HardShrink"] = (at, x) => HardShrink(x[0], at.Number("bound")),
            ["SoftShrink"] = (at, x) => SoftShrink(x[0], at.Number("bound")),
            ["Threshold"] = (at, x) => Threshold(x[0], at.Number("bound"), at.Number("value")),
            ["SoftplusOf"] = (at, x) => Softplus(x[0], at.Number("beta"), at.Number("threshold")),
            ["PRelu"] = Table.Two(PRelu),
            ["Glu"] = (at, x) => Glu(x[0], at.Int("axis")),

            ["CumSum"] = (at, x) => CumSum(x[0], at.Int("axis")),
            ["MaxOver"] = (at, x) => Max(x[0], at.Ints("axes"), at.Flag("keepDims")),
            ["MinOver"] = (at, x) => Min(x[0], at.Ints("axes"), at.Flag("keepDims")),
            ["LogSumExpOver"] = (at, x) => LogSumExp(x[0], at.Ints("axes"), at.Flag("keepDims")),
            ["Variance"] = (at, x) => Variance(x[0], at.Ints("axes"), at.Int("correction"), at.Flag("keepDims")),
            ["Std"] = (at, x) => Std(x[0], at.Ints("axes"), at.Int("correction"), at.Flag("keepDims")),
            ["Norm"] = (at, x) => Norm(x[0], at.Number("p"), at.Ints("axes"), at.Flag("keepDims")),
            ["NormOfLargest"] = (at, x) => Norm(x[0], double.PositiveInfinity, at.Ints("axes"), at.Flag("keepDims")),
            ["Normalize"] = (at, x) => Normalize(x[0], at.Number("p"), at.Int("axis")),
            ["CosineSimilarity"] = (at, x) => CosineSimilarity(x[0], x[1], at.Int("axis")),
            ["PairwiseDistance"] = (at, x) => PairwiseDistance(x[0], x[1], at.Number("p")),

            ["LayerNorm"] = (at, x) =>
                LayerNorm(x[0], x.ElementAtOrDefault(1), x.ElementAtOrDefault(2), at.Int("axis"), at.Number("epsilon")),
            ["GroupNorm"] = (at, x) =>
                GroupNorm(x[0], at.Int("groups"), x.ElementAtOrDefault(1), x.ElementAtOrDefault(2), at.Number("epsilon")),
            ["InstanceNorm"] = (_, x) => InstanceNorm(x[0], x.ElementAtOrDefault(1), x.ElementAtOrDefault(2)),
            ["LocalResponseNorm"] = (at, x) =>
                LocalResponseNorm(x[0], at.Int("size"), at.Number("alpha"), at.Number("beta"), at.Number("k")),

            ["LpPool"] = (at, x) =>
                LpPool(x[0], at.Number("p"), at.Int("kernel"), at.IntOrNull("stride"), at.Padding("padding"), at.Flag("ceil")),
            ["GlobalLpPool"] = (at, x) => GlobalLpPool(x[0], at.Number("p")),
            ["AdaptiveAvgPool"] = (at, x) => AdaptiveAvgPool(x[0], at.Shape("size")),
            ["AdaptiveMaxPool"] = (at, x) => AdaptiveMaxPool(x[0], at.Shape("size")),
            ["MaxPoolIndices"] = (at, x) =>
                MaxPoolIndices(x[0], at.Int("kernel"), at.IntOrNull("stride"), at.Padding("padding")),
            ["MaxUnpool"] = (at, x) => MaxUnpool(x[0], x[1], at.Shape("size")),

            ["Resize"] = (at, x) => Resize(x[0], at.Shape("size"), at.Name<ResizeMode>("mode"), at.Flag("alignCorners")),
            ["GridSample"] = (at, x) =>
                GridSample(x[0], x[1], at.Name<ResizeMode>("mode"), at.Name<PadMode>("padding"), at.Flag("alignCorners")),
            ["AffineGrid"] = (at, x) => AffineGrid(x[0], at.Shape("size"), at.Flag("alignCorners")),
            ["Patches"] = (at, x) =>
                Patches(x[0], at.Shape("kernel"), at.Padding("padding"), at.Int("stride"), at.Int("dilation")),
            ["Fold"] = (at, x) => Fold(x[0], at.Shape("size"), at.Shape("kernel"), at.Padding("padding"), at.Int("stride"),
                at.Int("dilation")),

            ["Tile"] = (at, x) => Tile(x[0], at.Shape("times")),
            ["RepeatInterleave"] = (at, x) => RepeatInterleave(x[0], at.Int("times"), at.Int("axis")),
            ["Roll"] = (at, x) => Roll(x[0], at.Int("shift"), at.Int("axis")),
            ["Stack"] = (at, x) => Stack(at.Int("axis"), x),
            ["Split"] = (at, x) => Split(x[0], at.Shape("sizes"), at.Int("axis"))[at.Int("which")],
            ["PixelShuffle"] = (at, x) => PixelShuffle(x[0], at.Int("r")),
            ["PixelUnshuffle"] = (at, x) => PixelUnshuffle(x[0], at.Int("r")),
            ["ChannelShuffle"] = (at, x) => ChannelShuffle(x[0], at.Int("groups")),
            ["Einsum"] = (at, x) => Einsum(at.Text("equation"), x),

            ["MeanSquaredErrorOf"] = (at, x) => MeanSquaredError(x[0], x[1], How(at)),
            ["L1Loss"] = (at, x) => L1Loss(x[0], x[1], How(at)),
            ["HuberLoss"] = (at, x) => HuberLoss(x[0], x[1], at.Number("delta"), How(at)),
            ["SmoothL1Loss"] = (at, x) => SmoothL1Loss(x[0], x[1], at.Number("beta"), How(at)),
            ["PoissonNllLoss"] = (at, x) => PoissonNllLoss(x[0], x[1], at.Flag("isLog"), at.Flag("full"), How(at)),
            ["GaussianNllLoss"] = (at, x) =>
                GaussianNllLoss(x[0], x[1], x[2], at.Flag("full"), at.Number("epsilon"), How(at)),
            ["KlDivLoss"] = (at, x) => KlDivLoss(x[0], x[1], at.Flag("isLog"), How(at)),
            ["BinaryCrossEntropy"] = (at, x) => BinaryCrossEntropy(x[0], x[1], x.ElementAtOrDefault(2), How(at)),
            ["BinaryCrossEntropyWithLogits"] = (at, x) =>
                BinaryCrossEntropyWithLogits(x[0], x[1], x.ElementAtOrDefault(2), x.ElementAtOrDefault(3), How(at)),
            ["HingeEmbeddingLoss"] = (at, x) => HingeEmbeddingLoss(x[0], x[1], at.Number("margin"), How(at)),
            ["SoftMarginLoss"] = (at, x) => SoftMarginLoss(x[0], x[1], How(at)),
            ["MarginRankingLoss"] = (at, x) => MarginRankingLoss(x[0], x[1], x[2], at.Number("margin"), How(at)),
            ["MultiMarginLoss"] = (at, x) =>
                MultiMarginLoss(x[0], x[1], at.Int("p"), at.Number("margin"), x.ElementAtOrDefault(2), How(at)),
            ["CosineEmbeddingLoss"] = (at, x) => CosineEmbeddingLoss(x[0], x[1], x[2], at.Number("margin"), How(at)),
            ["TripletMarginLoss"] = (at, x) => TripletMarginLoss(
                x[0], x[1], x[2], at.Number("margin"), at.Number("p"), at.Flag("swap"), How(at)),
            ["SoftmaxCrossEntropyOf"] = (at, x) => SoftmaxCrossEntropy(
                x[0], x[1], x.ElementAtOrDefault(2), at.Number("smoothing"), at.IntOrNull("ignore"), How(at)),
            ["CrossEntropyOf"] = (at, x) => CrossEntropy(x[0], x[1], x.ElementAtOrDefault(2), reduction: How(at)),
        };

    private static Reduction How(Attributes at) => at.Name<Reduction>("reduction");
}
