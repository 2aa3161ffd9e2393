using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Why an element of a gradient, or of any other node, is what it is.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// var dx = Gradient.Of(Sum(Square(Relu(x))), x);
/// dx.WhyZero([1], (x, Tensor.Of([1, -2, 3]))).Reason // dead relu: Relu got -2 at [1], where its slope is 0
/// </code></example>
public static class Explanations
{
    /// <summary>The terms that an element is the sum of, largest first: x₁dy₁ + x₂dy₂ + … for a weight's gradient. What
    /// only passes an element on is followed to where there is a sum.</summary>
    /// <param name="node">The node.</param>
    /// <param name="position">The element, by its position on each axis.</param>
    /// <param name="values">A value for each variable.</param>
    /// <exception cref="ShapeError">The position lies outside.</exception>
    /// <exception cref="BindingError">A variable has no value, or one that does not fit.</exception>
    public static Explanation Explain(this Node node, Shape position, params ReadOnlySpan<(Node Variable, Tensor Value)> values)
    {
        var (at, expansion) = (Expansion.Flat(node.Shape, position), new Expansion(node, values));
        var value = expansion[node]!.At(at);
        var own = new Term(1, node, position, value, null);
        var terms = expansion.Terms(node, at) ?? [own];
        while (terms is [{ Coefficient: 1, Factor: null } only] && only != own
            && expansion.Terms(only.Node, Expansion.Flat(only.Node.Shape, only.Position)) is { } next)
        {
            (own, terms) = (only, next);
        }

        return new(node, position, value, terms);
    }

    /// <summary>The way from an element that is 0 to the first node that makes it 0, and why that does.</summary>
    /// <inheritdoc cref="Explain"/>
    /// <exception cref="ArgumentException">The element is not 0.</exception>
    public static Cause WhyZero(this Node node, Shape position, params ReadOnlySpan<(Node Variable, Tensor Value)> values)
    {
        var (at, expansion) = (Expansion.Flat(node.Shape, position), new Expansion(node, values));
        return expansion[node]!.At(at) is not 0 and var value
            ? throw new ArgumentException($"{Term.NameOf(node)}{position} is {Tensor.Number(value)}, not 0.", nameof(position))
            : new Trace(expansion).Zero(node, at);
    }

    /// <summary>The way from an element that is NaN or infinite to the first node that makes it so, and why that
    /// does.</summary>
    /// <param name="node">The node.</param>
    /// <param name="values">A value for each variable.</param>
    /// <exception cref="BindingError">A variable has no value, or one that does not fit.</exception>
    /// <exception cref="ArgumentException">All elements are finite.</exception>
    public static Cause WhyNaN(this Node node, params ReadOnlySpan<(Node Variable, Tensor Value)> values)
    {
        var expansion = new Expansion(node, values);
        return Trace.Broken(expansion[node]!) is { } at
            ? new Trace(expansion).NaN(node, at)
            : throw new ArgumentException($"all elements of {Term.NameOf(node)} {node.Shape} are finite.", nameof(node));
    }
}

/// <summary>Why an element is 0 or NaN.</summary>
/// <param name="Path">The way to the node that is responsible: each node with the element.</param>
/// <param name="Reason">What happens there.</param>
/// <example><code>
/// var x = Variable("x", [2]);
/// Sum(Log(x)).WhyNaN((x, Tensor.Of([0, 1]))).Reason // log 0: Log got 0 at [0]
/// </code></example>
public sealed record Cause(ImmutableArray<(Node Node, Shape Position, double Value)> Path, string Reason)
{
    /// <summary>The node that is responsible.</summary>
    public Node Node => Path[^1].Node;

    /// <summary>The reason, and below it the way.</summary>
    public override string ToString() => string.Join("\n",
        Path.Select(step => $"  {Term.NameOf(step.Node)}{step.Position} = {Tensor.Number(step.Value)}").Prepend(Reason));
}
