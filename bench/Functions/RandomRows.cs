/// <summary>Random numbers, with what PyTorch calls them.</summary>
internal static class RandomRows
{
    public static IReadOnlyList<FunctionRow> All { get; } =
    [
        new("uniform", "2:i9999", x => Uniform([1000, 1000], x[0]), "torch.rand(1000, 1000)"),
        new("normal", "2:i9999", x => Normal([1000, 1000], x[0]), "torch.randn(1000, 1000)"),
        new("bernoulli", "2:i9999", x => Bernoulli([1000, 1000], 0.3, x[0]), "torch.empty(1000, 1000).bernoulli_(0.3)"),
        new("permutation", "2:i9999", x => Permutation(100000, x[0]), "torch.randperm(100000)"),
        new("dropout", "32,64,28,28:w 2:i9999", x => Dropout(x[0], 0.5, x[1]), "F.dropout(x[0], 0.5)"),
        new("channeldropout", "32,64,28,28:w 2:i9999", x => ChannelDropout(x[0], 0.5, x[1]), "F.dropout2d(x[0], 0.5)"),
        new("alphadropout", "32,64,28,28:w 2:i9999",
            x => AlphaDropout(x[0], 0.5, x[1]), "F.alpha_dropout(x[0], 0.5, True)"),
    ];
}
