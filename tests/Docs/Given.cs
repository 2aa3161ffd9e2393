namespace DocsTests;

/// <summary>What examples may use without saying where it comes from.</summary>
public static class Given
{
    /// <summary>A few of <see cref="Datasets.Digits"/>, so that an example is trained in no time.</summary>
#pragma warning disable IDE1006 // Named as in the examples, where they are variables.
    public static Split digits { get; } = Few(Datasets.Digits());

    /// <summary>LeNet-5.</summary>
    public static Layer lenet => Models.LeNet5;
#pragma warning restore IDE1006

    private static Split Few(Split all) => new(all.Train.Take(128), all.Test.Take(64));
}
