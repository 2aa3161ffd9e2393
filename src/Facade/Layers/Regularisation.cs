using System.Text;

namespace AutoDiffCnn;

/// <summary>y = (x − mean)/√(variance + ε) · weight + bias for each channel (axis 1). In training mean and variance are
/// the batch's own, and running ones follow them; in use the running ones are taken. Parameters weight, bias; carried
/// running_mean, running_var; all [c].</summary>
/// <param name="Momentum">How far the running values follow: running ← (1 − momentum)·running + momentum·batch, as in
/// PyTorch. The running variance follows the unbiased one (divided by count − 1), also as in PyTorch.</param>
/// <param name="Epsilon">ε, keeps the root away from 0.</param>
/// <remarks>S. Ioffe, C. Szegedy, Batch Normalization, ICML 2015.</remarks>
/// <example><code>
/// var net = Conv2D(64, 3, Same, bias: false) >> BatchNorm() >> Relu;
/// net.Build([1, 32, 8, 8]).Output.Shape // [1, 64, 8, 8]
/// </code></example>
public sealed record BatchNormLayer(double Momentum, double Epsilon) : ScopedLayer
{
    /// <summary>How far the running values follow.</summary>
    public double Momentum { get; init; } = Momentum is >= 0 and <= 1
        ? Momentum
        : throw new ArgumentOutOfRangeException(nameof(Momentum), Momentum, "A momentum lies in [0, 1]: 0 keeps the running values, 1 takes the batch's.");

    /// <summary>ε.</summary>
    public double Epsilon { get; init; } = Epsilon is >= 0 and < double.PositiveInfinity
        ? Epsilon
        : throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, "An epsilon is a finite number of at least 0.");

    /// <inheritdoc/>
    public override string Kind => "norm";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        if (x.Shape is not [_, var channels, .. var plane])
        {
            throw new ShapeError($"{this} on {x.Shape}",
                $"the input needs channels: [n, c, …], not rank {x.Shape.Rank}",
                [$"Reshape to [1, {x.Shape.Elements}]"]);
        }

        var across = Shape.Repeat(1, x.Shape.Rank).With(1, channels);
        var scale = Functions.Reshape(scope.Parameter("weight", [channels], Init.Ones), across);
        var shift = Functions.Reshape(scope.Parameter("bias", [channels], Init.Zeros), across);
        var (mean, variance) = scope.Mode == Mode.Train ? Batch(x) : (null, null);
        var count = x.Shape[0] * plane.Elements;
        var runningMean = scope.Carry("running_mean", [channels], Init.Zeros, old => Follow(old, mean!));
        var runningVariance = scope.Carry("running_var", [channels], Init.Ones, old =>
            Follow(old, variance! * ((double)count / (count - 1))));
        return Functions.BatchNorm(x, mean ?? Functions.Reshape(runningMean, across),
            variance ?? Functions.Reshape(runningVariance, across),
            scale, shift, Epsilon);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder,
        Momentum == Layers.BatchNormMomentum ? "" : $"momentum: {Tensor.Number(Momentum)}",
        Epsilon == Layers.BatchNormEpsilon ? "" : $"epsilon: {Tensor.Number(Epsilon)}");

    private (Node? Mean, Node? Variance) Batch(Node x) => x.Shape[0] * x.Shape[2..].Elements > 1
        ? Functions.Moments(x, [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => axis != 1)])
        : throw new ShapeError($"{this} on {x.Shape}",
            "in training each channel needs more than one value, this has one", ["a batch of at least 2"]);

    private Node Follow(Node running, Node batch) =>
        (1 - Momentum) * running + Momentum * Functions.Reshape(batch, running.Shape);
}

/// <summary>In training each element is 0 with a probability,
/// the others are scaled by 1/(1 − rate); in use y = x.</summary>
/// <param name="Rate">The probability of being dropped, in [0, 1).</param>
/// <remarks>N. Srivastava et al., Dropout, JMLR 15, 2014; the inverted form.</remarks>
/// <example><code>
/// var net = Dense(128) >> Relu >> Dropout(0.5) >> Dense(10);
/// net.Build([1, 784]).Output.Shape // [1, 10]
/// </code></example>
public sealed record DropoutLayer(double Rate) : ScopedLayer
{
    /// <summary>The probability of being dropped.</summary>
    public double Rate { get; } = Rate is >= 0 and < 1
        ? Rate
        : throw new ArgumentOutOfRangeException(nameof(Rate), Rate,
            "A dropout rate lies in [0, 1): 0 keeps all, 1 would keep nothing.");

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) =>
        scope.Mode == Mode.Train ? Functions.Dropout(x, Rate, scope.Key()) : x;

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, Tensor.Number(Rate));
}
