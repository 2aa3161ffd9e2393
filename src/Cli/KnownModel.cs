namespace AutoDiffCnn.Cli;

/// <summary>A model that can be named on the command line.</summary>
/// <param name="Layer">The model.</param>
/// <param name="Input">The shape of one input, without the batch.</param>
/// <example><code>
/// using AutoDiffCnn.Cli;
///
/// KnownModel.All["lenet5"].Input // [1, 28, 28]
/// </code></example>
public sealed record KnownModel(Layer Layer, Shape Input)
{
    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, KnownModel> All { get; } = new Dictionary<string, KnownModel>
    {
        ["lenet5"] = new(Models.LeNet5, [1, 28, 28]),
        ["keras-mnist"] = new(Models.KerasMnist, [1, 28, 28]),
    };

    /// <summary>The names, as a list in a sentence.</summary>
    public static string Names => string.Join(", ", All.Keys);
}
