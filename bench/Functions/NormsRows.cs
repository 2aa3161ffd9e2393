/// <summary>Norms, with what PyTorch calls them.</summary>
internal static class NormsRows
{
    public static IReadOnlyList<FunctionRow> All { get; } =
    [
        new("normalize", "32,64,28,28:w", x => Normalize(x[0]), "F.normalize(x[0])"),
        new("normalize3", "32,64,28,28:w", x => Normalize(x[0], 3), "F.normalize(x[0], 3)"),
        new("cosine", "32,64,28,28:w 32,64,28,28:w",
            x => CosineSimilarity(x[0], x[1]), "F.cosine_similarity(x[0], x[1])"),
        new("pairwise", "1024,1024:w 1024,1024:w",
            x => PairwiseDistance(x[0], x[1]), "F.pairwise_distance(x[0], x[1])"),
        new("layernorm", "1024,1024:w 1024:w 1024:w",
            x => LayerNorm(x[0], x[1], x[2]), "F.layer_norm(x[0], (1024,), x[1], x[2])"),
        new("rmsnorm", "1024,1024:w 1024:w",
            x => RmsNorm(x[0], x[1]), "x[0] * torch.rsqrt((x[0] * x[0]).mean(-1, keepdim=True) + 1e-5) * x[1]"),
        new("groupnorm", "32,64,28,28:w 64:w 64:w",
            x => GroupNorm(x[0], 8, x[1], x[2]), "F.group_norm(x[0], 8, x[1], x[2])"),
        new("instancenorm", "32,64,28,28:w", x => InstanceNorm(x[0]), "F.instance_norm(x[0])"),
        new("batchnorm", "32,64,28,28:w 64,1,1:wc 64,1,1:pc 64,1,1:w 64,1,1:w",
            x => BatchNorm(x[0], x[1], x[2], x[3], x[4]), "F.batch_norm(x[0], *(each.flatten() for each in x[1:]))"),
        new("local_response_norm", "32,64,28,28:w", x => LocalResponseNorm(x[0], 5), "F.local_response_norm(x[0], 5)"),
    ];
}
