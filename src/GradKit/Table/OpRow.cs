using System.Collections.Immutable;
using FsCheck;

namespace AutoDiffCnn;

/// <summary>What an op's Vjp claims.</summary>
/// <example><code>OpTable.RowOf(new ArgMax(0)).Derivative // None</code></example>
public enum Derivative
{
    /// <summary>The derivative, as differences measure it.</summary>
    True,

    /// <summary>Nothing passes, by definition of the op and whatever differences say.</summary>
    StoppedByDefinition,

    /// <summary>There is none: asking is an error.</summary>
    None,
}

/// <summary>An op with inputs to try it on.</summary>
/// <param name="Op">The op.</param>
/// <param name="Inputs">A value for each input.</param>
/// <example><code>new OpCase(new Tanh(), [Tensor.Of([0])]).Closed() // [0]</code></example>
public sealed record OpCase(Op Op, ImmutableArray<Tensor> Inputs)
{
    /// <summary>A variable for each input: x0, x1, …</summary>
    public ImmutableArray<Node> Variables() =>
        [.. Inputs.Select((input, i) => Variable($"x{i}", input.Shape, Op.InputKind(i)))];

    /// <summary>The op applied.</summary>
    public Node Apply(params ImmutableArray<Node> inputs) => Op.Apply(inputs);

    /// <summary>The inputs as constants.</summary>
    public ImmutableArray<Node> Constants() =>
        [.. Inputs.Select((input, i) => Op.InputKind(i) == Kind.Index ? Indices(input) : Constant(input))];

    /// <summary>The op on its inputs as constants.</summary>
    public Node Closed() => Apply(Constants());

    /// <summary>The shapes, then the values.</summary>
    public override string ToString() =>
        $"{Op} on {string.Join(" and ", Inputs.Select(input => input.Shape))}: {string.Join("; ", Inputs.AsEnumerable())}";
}

/// <summary>One op of the table.</summary>
/// <param name="Op">Its type.</param>
/// <param name="Cases">Instances with inputs on which it is smooth: random shapes, parameters and values.</param>
/// <example><code>
/// using FsCheck.Fluent;
///
/// var row = new OpRow(typeof(Cube), Values.Real([2]).Select(x => new OpCase(new Cube(), [x])));
/// GradKit.Attack(Subject.Of(row)).Holds // True
///
/// public sealed record Cube : Map1&lt;Cube>, IFormula1
/// {
///     static V IFormula1.Of&lt;V>(V x) => x * x * x;
///     public override Node? Vjp(Node x, Node y, Node dy) => 3 * x * x * dy;
/// }
/// </code></example>
public sealed record OpRow(Type Op, Gen<OpCase> Cases)
{
    /// <summary>What its Vjp claims.</summary>
    public Derivative Derivative { get; init; } = Derivative.True;

    /// <summary>Why there is no derivative.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether a rounding of an input can change the result by much: it jumps.</summary>
    public bool Jumps { get; init; }

    /// <summary>Where each input must lie, if not anywhere.</summary>
    public ImmutableArray<Domain> Domains { get; init; } = [];

    /// <summary>Where an input must lie.</summary>
    public Domain DomainOf(int input) => input < Domains.Length ? Domains[input] : Domain.Any;

    /// <inheritdoc/>
    public override string ToString() => Op.Name;
}
