using System.Collections.Immutable;
using FsCheck;

namespace AutoDiffCnn.Tests;

/// <summary>What an op's Vjp claims.</summary>
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
public sealed record OpCase(Op Op, ImmutableArray<Tensor> Inputs)
{
    /// <summary>A variable for each input: x0, x1, …</summary>
    public ImmutableArray<Node> Variables() =>
        [.. Inputs.Select((input, i) => Variable($"x{i}", input.Shape, Op.InputKind(i)))];

    /// <summary>The op applied.</summary>
    public Node Apply(params ImmutableArray<Node> inputs) => Op switch
    {
        Op1 op => op.Of(inputs[0]),
        Op2 op => op.Of(inputs[0], inputs[1]),
        Op3 op => op.Of(inputs[0], inputs[1], inputs[2]),
        OpN op => op.Of(inputs.AsSpan()),
        _ => throw new InvalidOperationException($"{Op} is a leaf."),
    };

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
