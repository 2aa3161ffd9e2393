/// <summary>Losses, with what PyTorch calls them.</summary>
internal static class LossesRows
{
    public static IReadOnlyList<FunctionRow> All { get; } =
    [
        new("softmax_xent", "256,1000:w 256:i1000",
            x => SoftmaxCrossEntropy(x[0], x[1]), "F.cross_entropy(x[0], x[1])"),
        new("softmax_xent_image", "16,21,32,32:w 16,32,32:i21",
            x => SoftmaxCrossEntropy(x[0], x[1], smoothing: 0.1), "F.cross_entropy(x[0], x[1], label_smoothing=0.1)"),
        new("crossentropy", "256,1000:w 256:i1000", x => CrossEntropy(x[0], x[1]), "F.nll_loss(x[0], x[1])"),
        new("binary_xent", "256,1000:uc 256,1000:pc",
            x => BinaryCrossEntropy(Sigmoid(x[0]), Clamp(x[1], 0, 1)),
            "F.binary_cross_entropy(torch.sigmoid(x[0]), x[1].clamp(0, 1))"),
        new("binary_xent_logits", "256,1000:w 256,1000:uc",
            x => BinaryCrossEntropyWithLogits(x[0], x[1]), "F.binary_cross_entropy_with_logits(x[0], x[1])"),
        new("kldiv", "256,1000:w 256,1000:pc", x => KlDivLoss(x[0], x[1]), "F.kl_div(x[0], x[1])"),
        new("mse", "256,1000:w 256,1000:wc", x => MeanSquaredError(x[0], x[1]), "F.mse_loss(x[0], x[1])"),
        new("l1", "256,1000:w 256,1000:wc", x => L1Loss(x[0], x[1]), "F.l1_loss(x[0], x[1])"),
        new("huber", "256,1000:w 256,1000:wc", x => HuberLoss(x[0], x[1]), "F.huber_loss(x[0], x[1])"),
        new("smoothl1", "256,1000:w 256,1000:wc", x => SmoothL1Loss(x[0], x[1]), "F.smooth_l1_loss(x[0], x[1])"),
        new("poisson", "256,1000:w 256,1000:pc", x => PoissonNllLoss(x[0], x[1]), "F.poisson_nll_loss(x[0], x[1])"),
        new("gaussian", "256,1000:w 256,1000:wc 256,1000:p",
            x => GaussianNllLoss(x[0], x[1], x[2]), "F.gaussian_nll_loss(x[0], x[1], x[2])"),
        new("hinge", "256,1000:w 256,1000:sc",
            x => HingeEmbeddingLoss(x[0], x[1]), "F.hinge_embedding_loss(x[0], x[1])"),
        new("softmargin", "256,1000:w 256,1000:sc", x => SoftMarginLoss(x[0], x[1]), "F.soft_margin_loss(x[0], x[1])"),
        new("ranking", "256,1000:w 256,1000:w 256,1000:sc",
            x => MarginRankingLoss(x[0], x[1], x[2]), "F.margin_ranking_loss(x[0], x[1], x[2])"),
        new("multimargin", "256,1000:w 256:i1000", x => MultiMarginLoss(x[0], x[1]), "F.multi_margin_loss(x[0], x[1])"),
        new("cosineembed", "256,1000:w 256,1000:w 256:sc",
            x => CosineEmbeddingLoss(x[0], x[1], x[2]), "F.cosine_embedding_loss(x[0], x[1], x[2])"),
        new("triplet", "256,1000:w 256,1000:w 256,1000:w",
            x => TripletMarginLoss(x[0], x[1], x[2]), "F.triplet_margin_loss(x[0], x[1], x[2])"),
    ];
}
