using System.Text;

namespace AutoDiffCnn;

/// <summary>A call of a function of nodes, whose other arguments are given, as a layer. Two are equal if they are
/// written alike: their functions would be compared by identity.</summary>
/// <param name="Called">The function's name.</param>
/// <param name="Function">The function with its arguments.</param>
/// <param name="Arguments">The arguments as they are written, joined.</param>
internal sealed record CallLayer(string Called, Func<Node, Node> Function, string Arguments) : ScopedLayer
{
    /// <summary>The layer for a function's name, the function, and its arguments without those that are empty.</summary>
    public CallLayer(string called, Func<Node, Node> function, params string[] arguments)
        : this(called, function, string.Join(", ", arguments.Where(argument => argument.Length > 0)))
    {
    }

    /// <inheritdoc/>
    public override string Kind =>
        Called.EndsWith("Pool", StringComparison.Ordinal) ? "pool"
        : Called.EndsWith("Norm", StringComparison.Ordinal) ? "norm"
        : char.ToLowerInvariant(Called[0]) + Called[1..];

    /// <inheritdoc/>
    public override string Name => Called;

    /// <summary>Whether both are the same call.</summary>
    public bool Equals(CallLayer? other) => other is not null && (Called, Arguments) == (other.Called, other.Arguments);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Called, Arguments);

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Function(x);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, Arguments);
}

/// <summary>x for x &gt; 0, weight · x below, with a slope that is learnt: <see cref="Functions.PRelu"/>. Parameter weight
/// [1] or [c].</summary>
/// <param name="PerChannel">Whether each channel has a slope of its own.</param>
/// <param name="Slope">The first slope.</param>
/// <example><code>
/// PRelu().Build([1, 8, 4, 4]).ParameterCount // 1
/// PRelu(perChannel: true).Build([1, 8, 4, 4]).ParameterCount // 8
/// </code></example>
public sealed record PReluLayer(bool PerChannel, double Slope) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => "prelu";

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Functions.PRelu(x,
        scope.Parameter("weight", [PerChannel ? BatchNormLayer.Channels(this, x) : 1], Init.Constant(Slope)));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder,
        PerChannel ? "perChannel: true" : "", Slope == 0.25 ? "" : $"slope: {Number(Slope)}");
}

// Activations with arguments; those without are functions of a node, which are layers as they are.
public static partial class Layers
{
    /// <summary>Relu with a slope below 0 that is learnt: see <see cref="PReluLayer"/>.</summary>
    /// <param name="perChannel">Whether each channel has a slope of its own.</param>
    /// <param name="slope">The first slope.</param>
    public static Layer PRelu(bool perChannel = false, double slope = 0.25) => new PReluLayer(perChannel, slope);

    /// <summary><see cref="Functions.LeakyRelu(Node, double)"/> with a slope.</summary>
    public static Layer LeakyRelu(double slope) => Of("LeakyRelu", x => Functions.LeakyRelu(x, slope), slope);

    /// <summary><see cref="Functions.Elu(Node, double)"/> with an alpha.</summary>
    public static Layer Elu(double alpha) => Of("Elu", x => Functions.Elu(x, alpha), alpha);

    /// <summary><see cref="Functions.Celu(Node, double)"/> with an alpha.</summary>
    public static Layer Celu(double alpha) => Of("Celu", x => Functions.Celu(x, alpha), alpha);

    /// <summary><see cref="Functions.HardTanh(Node, double, double)"/> with bounds.</summary>
    public static Layer HardTanh(double low, double high) => Of("HardTanh", x => Functions.HardTanh(x, low, high), low, high);

    /// <summary><see cref="Functions.Clamp"/> with bounds.</summary>
    public static Layer Clamp(double low, double high) => Of("Clamp", x => Functions.Clamp(x, low, high), low, high);

    /// <summary><see cref="Functions.HardShrink"/> with a bound.</summary>
    public static Layer HardShrink(double bound = 0.5) => Of("HardShrink", x => Functions.HardShrink(x, bound), bound);

    /// <summary><see cref="Functions.SoftShrink"/> with a bound.</summary>
    public static Layer SoftShrink(double bound = 0.5) => Of("SoftShrink", x => Functions.SoftShrink(x, bound), bound);

    /// <summary><see cref="Functions.Threshold"/> with a bound and the value below it.</summary>
    public static Layer Threshold(double bound, double value) =>
        Of("Threshold", x => Functions.Threshold(x, bound, value), bound, value);

    /// <summary><see cref="Functions.Softplus(Node, double, double)"/> with a beta and a threshold.</summary>
    public static Layer Softplus(double beta, double threshold = 20) =>
        Of("Softplus", x => Functions.Softplus(x, beta, threshold), beta, threshold);

    /// <summary><see cref="Functions.Softmax(Node, int)"/> along an axis.</summary>
    public static Layer Softmax(int axis) => Of("Softmax", x => Functions.Softmax(x, axis), axis);

    /// <summary><see cref="Functions.LogSoftmax(Node, int)"/> along an axis.</summary>
    public static Layer LogSoftmax(int axis) => Of("LogSoftmax", x => Functions.LogSoftmax(x, axis), axis);

    /// <summary><see cref="Functions.Softmin"/> along an axis.</summary>
    public static Layer Softmin(int axis = -1) => Of("Softmin", x => Functions.Softmin(x, axis), axis);

    /// <summary><see cref="Functions.Sparsemax"/> along an axis.</summary>
    public static Layer Sparsemax(int axis = -1) => Of("Sparsemax", x => Functions.Sparsemax(x, axis), axis);

    /// <summary><see cref="Functions.Glu"/>, which halves an axis.</summary>
    public static Layer Glu(int axis = -1) => Of("Glu", x => Functions.Glu(x, axis), axis);

    private static CallLayer Of(string name, Func<Node, Node> function, params double[] arguments) =>
        new(name, function, [.. arguments.Select(Layer.Number)]);
}
