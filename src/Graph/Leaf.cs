namespace AutoDiffCnn;

/// <summary>A named input: data, a parameter, a state. Its value is given when the graph runs.</summary>
/// <param name="Name">The name, unique within a graph;
/// parameters are called by their path, <c>conv1.weight</c>.</param>
/// <param name="Shape">The shape.</param>
/// <param name="Kind">Whether the values are reals or indices.</param>
/// <example><code>Variable("labels", [64], Kind.Index).Op is Variable { Name: "labels" } // True</code></example>
public sealed record Variable(string Name, Shape Shape, Kind Kind) : Op0
{
    /// <summary>The name.</summary>
    public override string Name { get; } = Name.Length > 0 && Name.All(c => !char.IsWhiteSpace(c) && c != '%')
        ? Name
        : throw new ArgumentException(
            $"'{Name}' cannot name a variable: it must not be empty and have neither spaces nor %.", nameof(Name));

    /// <summary>Whether the values are reals or indices.</summary>
    public override Kind Kind { get; } = Kind;

    /// <inheritdoc/>
    public override Shape Infer() => Shape;

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Symbol(Name);

    internal override Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs) =>
        throw new BindingError($"variable {Name} {Shape} has no value.");
}

/// <summary>A value that is part of the graph.</summary>
/// <param name="Value">The value.</param>
/// <param name="Kind">Whether the values are reals or indices.</param>
/// <example><code>
/// Node kernel = Tensor.Of([[1, 0], [0, 1]]);
/// kernel.Op is Constant { Kind: Kind.Real } // True
/// kernel // [[1, 0], [0, 1]]
/// </code></example>
public sealed record Constant(Tensor Value, Kind Kind) : Op0
{
    /// <summary>Whether the values are reals or indices.</summary>
    public override Kind Kind { get; } = Kind;

    /// <inheritdoc/>
    public override Shape Infer() => Value.Shape;

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => Equations.Of(Value);

    internal override Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs) => Value;

    /// <summary>The number that all elements of a node are, if it is known.</summary>
    internal static double? NumberIn(Node node) => node switch
    {
        { Op: Constant { Value: { Count: 1 } only } } => only.At(0),
        { Op: Broadcast, Inputs: [var x] } => NumberIn(x),
        _ => null,
    };

    internal static Node Leaf(Tensor value, Kind kind = Kind.Real) => new Constant(value, kind).Of();

    internal static Node Leaf(double value) => Leaf(Tensor.Of(value));

    /// <summary>A constant of one value throughout: a scalar, broadcast.</summary>
    internal static Node Fill(Shape shape, double value) => Broadcast.To(Leaf(value), shape);
}

/// <summary>Stands in a rule's answer for a cotangent that does not exist.</summary>
internal sealed record NoCotangent(string Reason) : Op0
{
    public override Shape Infer() => [];

    internal override Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs) => throw new NotDifferentiableError(Reason);
}
