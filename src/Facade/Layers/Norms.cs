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
        var channels = Channels(this, x);
        var across = Shape.Repeat(1, x.Shape.Rank).With(1, channels);
        var scale = Functions.Reshape(scope.Parameter("weight", [channels], Init.Ones), across);
        var shift = Functions.Reshape(scope.Parameter("bias", [channels], Init.Zeros), across);
        var (mean, variance) = scope.Mode == Mode.Train ? Batch(x) : (null, null);
        var count = x.Shape[0] * x.Shape[2..].Elements;
        var runningMean = scope.Carry("running_mean", [channels], Init.Zeros, old => Follow(old, mean!));
        var runningVariance = scope.Carry("running_var", [channels], Init.Ones, old =>
            Follow(old, variance! * ((double)count / (count - 1))));
        return Functions.BatchNorm(x, mean ?? Functions.Reshape(runningMean, across),
            variance ?? Functions.Reshape(runningVariance, across),
            scale, shift, Epsilon);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder,
        Momentum == Layers.BatchNormMomentum ? "" : $"momentum: {Number(Momentum)}",
        Text(Epsilon));

    internal static string Text(double epsilon) =>
        epsilon == Layers.BatchNormEpsilon ? "" : $"epsilon: {Number(epsilon)}";

    /// <summary>The number of channels, if there are any.</summary>
    internal static int Channels(Layer layer, Node x) => x.Shape is [_, var channels, ..]
        ? channels
        : throw new ShapeError($"{layer} on {x.Shape}",
            $"the input needs channels: [n, c, …], not rank {x.Shape.Rank}", [$"Reshape to [1, {x.Shape.Elements}]"]);

    private (Node? Mean, Node? Variance) Batch(Node x) => x.Shape[0] * x.Shape[2..].Elements > 1
        ? Functions.Moments(x, [.. Enumerable.Range(0, x.Shape.Rank).Where(axis => axis != 1)])
        : throw new ShapeError($"{this} on {x.Shape}",
            $"in training each channel needs more than one value, this has {(x.Shape.Contains(0) ? "none" : "one")}",
            [x.Shape[2..].Contains(0) ? $"an input of {x.Shape.Select((n, axis) => Math.Max(n, axis == 0 ? 2 : 1))}" : "a batch of at least 2"]);

    private Node Follow(Node running, Node batch) =>
        (1 - Momentum) * running + Momentum * Functions.Reshape(batch, running.Shape);
}

/// <summary>The last axes with mean 0 and variance 1, then · weight + bias: <see cref="Functions.LayerNorm"/>.
/// Parameters weight, bias of the shape of these axes.</summary>
/// <param name="Axis">The first of the axes; −1 for the last alone, 1 for all but the batch.</param>
/// <param name="Epsilon">ε, keeps the root away from 0.</param>
/// <example><code>LayerNorm().Build([1, 16, 64]).Parameters[0].Shape // [64]</code></example>
public sealed record LayerNormLayer(int Axis, double Epsilon) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "norm";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        var part = x.Shape[x.Shape.Axis(Axis)..];
        return Functions.LayerNorm(x, scope.Parameter("weight", part, Init.Ones),
            scope.Parameter("bias", part, Init.Zeros), Axis, Epsilon);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, Axis == -1 ? "" : $"axis: {Axis}", BatchNormLayer.Text(Epsilon));
}

/// <summary>The last axes divided by the root of their mean square, then · weight: <see cref="Functions.RmsNorm"/>.
/// Parameter weight of the shape of these axes.</summary>
/// <param name="Axis">The first of the axes.</param>
/// <param name="Epsilon">ε, keeps the root away from 0.</param>
/// <example><code>RmsNorm().Build([1, 16, 64]).Parameters.Length // 1</code></example>
public sealed record RmsNormLayer(int Axis, double Epsilon) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "norm";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Functions.RmsNorm(x,
        scope.Parameter("weight", x.Shape[x.Shape.Axis(Axis)..], Init.Ones), Axis, Epsilon);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, Axis == -1 ? "" : $"axis: {Axis}", BatchNormLayer.Text(Epsilon));
}

/// <summary>Each group of channels of each image with mean 0 and variance 1, then · weight + bias for each channel:
/// <see cref="Functions.GroupNorm"/>. Parameters weight, bias [c].</summary>
/// <param name="Groups">How many groups of neighbouring channels; null for one a channel, which is instance
/// normalisation.</param>
/// <param name="Epsilon">ε, keeps the root away from 0.</param>
/// <example><code>GroupNorm(8).Build([1, 64, 8, 8]).Parameters[0].Shape // [64]</code></example>
public sealed record GroupNormLayer(int? Groups, double Epsilon) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "norm";

    /// <inheritdoc/>
    public override string Name => Groups is null ? "InstanceNorm" : "GroupNorm";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        var channels = BatchNormLayer.Channels(this, x);
        return Functions.GroupNorm(x, Groups ?? Math.Max(1, channels), scope.Parameter("weight", [channels], Init.Ones),
            scope.Parameter("bias", [channels], Init.Zeros), Epsilon);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"{Groups}", BatchNormLayer.Text(Epsilon));
}

public static partial class Layers
{
    internal const double BatchNormMomentum = 0.1;
    internal const double BatchNormEpsilon = 1e-5;

    /// <summary>Batch normalisation of each channel: see <see cref="BatchNormLayer"/>.</summary>
    /// <param name="momentum">How far the running values follow each batch.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The momentum is not in [0, 1], or ε is negative.</exception>
    public static Layer BatchNorm(double momentum = BatchNormMomentum, double epsilon = BatchNormEpsilon) => new BatchNormLayer(momentum, epsilon);

    /// <summary>The last axes of each example with mean 0 and variance 1: see <see cref="LayerNormLayer"/>.</summary>
    /// <param name="axis">The first of the axes; −1 for the last alone, 1 for all but the batch.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    public static Layer LayerNorm(int axis = -1, double epsilon = BatchNormEpsilon) => new LayerNormLayer(axis, epsilon);

    /// <summary>The last axes of each example divided by the root of their mean square: see
    /// <see cref="RmsNormLayer"/>.</summary>
    /// <param name="axis">The first of the axes.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    public static Layer RmsNorm(int axis = -1, double epsilon = BatchNormEpsilon) => new RmsNormLayer(axis, epsilon);

    /// <summary>Each group of channels of each image with mean 0 and variance 1: see
    /// <see cref="GroupNormLayer"/>.</summary>
    /// <param name="groups">How many groups of neighbouring channels.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    public static Layer GroupNorm(int groups, double epsilon = BatchNormEpsilon) => new GroupNormLayer(groups, epsilon);

    /// <summary>Each channel of each image with mean 0 and variance 1: <see cref="GroupNorm"/> with a group for each
    /// channel. Unlike PyTorch's by default it has weight and bias.</summary>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    public static Layer InstanceNorm(double epsilon = BatchNormEpsilon) => new GroupNormLayer(null, epsilon);

    /// <summary>x / (k + alpha/size · Σ x²)^beta over the channels around:
    /// <see cref="Functions.LocalResponseNorm"/>.</summary>
    /// <param name="size">How many channels are summed.</param>
    /// <param name="alpha">The weight of the sum.</param>
    /// <param name="beta">The power.</param>
    /// <param name="k">What is added to the sum.</param>
    public static Layer LocalResponseNorm(int size, double alpha = 1e-4, double beta = 0.75, double k = 1) =>
        new CallLayer("LocalResponseNorm", x => Functions.LocalResponseNorm(x, size, alpha, beta, k), $"{size}",
            alpha == 1e-4 ? "" : $"alpha: {Layer.Number(alpha)}", beta == 0.75 ? "" : $"beta: {Layer.Number(beta)}",
            k == 1 ? "" : $"k: {Layer.Number(k)}");
}
