using System.Text;

namespace AutoDiffCnn;

/// <summary>In training elements are dropped with a probability; in use y = x.</summary>
/// <param name="Rate">The probability of being dropped, in [0, 1).</param>
/// <param name="Drop">What drops: a function of x, the rate and a key, such as
/// <see cref="Functions.Dropout"/>.</param>
/// <remarks>N. Srivastava et al., Dropout, JMLR 15, 2014; the inverted form.</remarks>
/// <example><code>
/// var net = Dense(128) >> Relu >> Dropout(0.5) >> Dense(10);
/// net.Build([1, 784]).Output.Shape // [1, 10]
/// </code></example>
public sealed record DropoutLayer(double Rate, Func<Node, double, Node, Node> Drop) : ScopedLayer
{
    /// <summary>The probability of being dropped.</summary>
    public double Rate { get; } = Rate is >= 0 and < 1
        ? Rate
        : throw new ArgumentOutOfRangeException(nameof(Rate), Rate,
            "A dropout rate lies in [0, 1): 0 keeps all, 1 would keep nothing.");

    /// <inheritdoc/>
    public override string Kind => "dropout";

    /// <summary>The function's name.</summary>
    public override string Name => FunctionLayer.NameOf(Drop) ?? "Dropout";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) =>
        scope.Mode == Mode.Train ? Drop(x, Rate, scope.Key()) : x;

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, Number(Rate));
}

public static partial class Layers
{
    /// <summary>In training each element is 0 with a probability, the others are scaled by 1/(1 − rate): see
    /// <see cref="DropoutLayer"/>.</summary>
    /// <param name="rate">The probability of being dropped, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static Layer Dropout(double rate) => new DropoutLayer(rate, Functions.Dropout);

    /// <summary>Drops whole channels in training: <see cref="Functions.ChannelDropout"/>.</summary>
    /// <param name="rate">The probability of being dropped, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static Layer ChannelDropout(double rate) => new DropoutLayer(rate, Functions.ChannelDropout);

    /// <summary>Dropout for selu, which keeps mean and variance: <see cref="Functions.AlphaDropout"/>.</summary>
    /// <param name="rate">The probability of being dropped, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not in [0, 1).</exception>
    public static Layer AlphaDropout(double rate) => new DropoutLayer(rate, Functions.AlphaDropout);
}
