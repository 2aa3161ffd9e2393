namespace AutoDiffCnn;

/// <summary>How a parameter's first values are drawn: a pure function of a key and a shape.
/// Derive from it for another.</summary>
/// <remarks>Weights have the shape [o, i, kernel…]; with |kernel| for the kernel's number of elements fan-in is
/// i·|kernel| and fan-out o·|kernel|, as in PyTorch. With groups, i counts the channels that one kernel sees.</remarks>
/// <example><code>
/// var layer = Conv2D(16, 3, init: Init.HeUniform);
/// Init.Constant(0.5).Of(Key.Of(42), [2]) // [0.5, 0.5]
/// </code></example>
public abstract record Init
{
    // A uniform number is a multiple of 2⁻²⁴: the middle of its cell makes inversion symmetric
    // and never reaches an end.
    private const double HalfCell = 0.5 / (1 << 24);

    /// <summary>U(−b, b) with b = √(6/fan-in): keeps the variance through many layers with relu and
    /// without batch norm.</summary>
    /// <remarks>K. He et al., Delving Deep into Rectifiers, ICCV 2015.</remarks>
    public static Init HeUniform { get; } = UniformBy("HeUniform", (fanIn, _) => Math.Sqrt(6 / fanIn));

    /// <summary>N(0, 2/fan-in).</summary>
    /// <remarks>K. He et al., Delving Deep into Rectifiers, ICCV 2015.</remarks>
    public static Init HeNormal { get; } = NormalBy("HeNormal", (fanIn, _) => Math.Sqrt(2 / fanIn));

    /// <summary>U(−b, b) with b = √(6/(fan-in + fan-out)), also called Glorot. The layers' default.</summary>
    /// <remarks>X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward
    /// networks, AISTATS 2010.</remarks>
    public static Init XavierUniform { get; } =
        UniformBy("XavierUniform", (fanIn, fanOut) => Math.Sqrt(6 / (fanIn + fanOut)));

    /// <summary>N(0, 2/(fan-in + fan-out)), also called Glorot.</summary>
    /// <remarks>X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward
    /// networks, AISTATS 2010.</remarks>
    public static Init XavierNormal { get; } =
        NormalBy("XavierNormal", (fanIn, fanOut) => Math.Sqrt(2 / (fanIn + fanOut)));

    /// <summary>All 0: the default of biases.</summary>
    public static Init Zeros { get; } = new Rule("Zeros", (_, shape) => Tensor.Fill(shape, 0));

    /// <summary>All 1.</summary>
    public static Init Ones { get; } = new Rule("Ones", (_, shape) => Tensor.Fill(shape, 1));

    /// <summary>All the same value.</summary>
    public static Init Constant(double value) =>
        new Rule(Call("Constant", value), (_, shape) => Tensor.Fill(shape, value));

    /// <summary>U[low, high).</summary>
    public static Init Uniform(double low, double high) =>
        new Rule(Call("Uniform", low, high), (key, shape) => key.Uniform(shape, low, high));

    /// <summary>N(mean, deviation²).</summary>
    public static Init Normal(double mean, double deviation) =>
        new Rule(Call("Normal", mean, deviation), (key, shape) => key.Normal(shape, mean, deviation));

    /// <summary>N(mean, deviation²), but only values within mean ± 2·deviation:
    /// by inversion of the distribution function.</summary>
    public static Init TruncatedNormal(double mean, double deviation)
    {
        var tail = (1 - ErrorFunction.Erf(Math.Sqrt(2))) / 2;
        return new Rule(Call("TruncatedNormal", mean, deviation), (key, shape) => key.Uniform(shape)
            .Map(u => mean + deviation * NormalQuantile.Of(tail + (1 - 2 * tail) * (u + HalfCell))));
    }

    /// <summary>The values for a key and a shape.</summary>
    /// <exception cref="ShapeError">The rule needs a fan, and the shape has none.</exception>
    public abstract Tensor Of(Key key, Shape shape);

    private static string Call(string name, params double[] arguments) =>
        $"{name}({string.Join(", ", arguments.Select(Layer.Number))})";

    private static Rule UniformBy(string text, Func<double, double, double> bound) => new(text, (key, shape) =>
        key.Uniform(shape, -WithFan(text, shape, bound), WithFan(text, shape, bound)));

    private static Rule NormalBy(string text, Func<double, double, double> deviation) => new(text, (key, shape) =>
        key.Normal(shape, 0, WithFan(text, shape, deviation)));

    private static double WithFan(string text, Shape shape, Func<double, double, double> rule) => shape.Rank >= 2
        ? rule(shape[1..].Elements, (double)shape.With(1, 1).Elements)
        : throw new ShapeError($"Init.{text} on {shape}",
            "fan-in and fan-out need a weight of rank 2 or more: [o, i, kernel…]",
            ["Init.Zeros", "Init.Uniform with bounds"]);

    // Two rules are equal if they are written alike: their functions would be compared by identity.
    private sealed record Rule(string Text, Func<Key, Shape, Tensor> Draw) : Init
    {
        public override Tensor Of(Key key, Shape shape) => Draw(key, shape);

        public bool Equals(Rule? other) => other is not null && Text == other.Text;

        public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

        public override string ToString() => $"Init.{Text}";
    }
}
