using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Elements of a graph at one point, and how each follows from elements of its inputs. Knows no op: a sum or a
/// product is recognised by its derivative, which does not mention what it is linear in.</summary>
internal sealed class Expansion
{
    private const double Rounding = 1e-9;

    private readonly Dictionary<Node, Tensor> values;

    /// <summary>The point.</summary>
    /// <exception cref="BindingError">A variable has no value, or one that does not fit.</exception>
    public Expansion(Node node, ReadOnlySpan<(Node Variable, Tensor Value)> given)
    {
        var nodes = new Graph(node).Nodes;
        var bound = given.ToArray().ToDictionary(pair => pair.Variable, pair => pair.Value);
        values = nodes.Zip(Reference.Run(nodes, bound)).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    /// <summary>A node's value; null if it is not part of the graph.</summary>
    public Tensor? this[Node node] => values.GetValueOrDefault(node);

    /// <summary>The terms of an element, none where all is multiplied with 0; null if the element is no such sum.</summary>
    /// <param name="node">The node.</param>
    /// <param name="at">The element's flat position.</param>
    /// <param name="without">An input whose elements are not to be terms, so that those of the other factor are.</param>
    public ImmutableArray<Term>? Terms(Node node, int at, int without = -1)
    {
        if (node.Inputs.IsEmpty || Linear.Of(node, without) is not { Inputs.Length: > 0 } linear)
        {
            return null;
        }

        var point = linear.Point(node, values, Tensor.From(node.Shape, i => i == at ? 1 : 0));
        var terms = ImmutableArray.CreateBuilder<Term>();
        foreach (var (input, coefficients) in linear.Inputs.Zip(Reference.Run(linear.Coefficients, point)))
        {
            var (from, held) = (node.Inputs[input], values[node.Inputs[input]]);
            for (var i = 0; i < held.Count; i++)
            {
                if (coefficients.At(i) is not 0 and var coefficient)
                {
                    terms.Add(new(coefficient, from, Position(from.Shape, i), held.At(i), linear.Factor(node, input, i, coefficient, point)));
                }
            }
        }

        // ⌊x⌋ has the derivative 0 and is not 0; a + 1 is not linear in a.
        var (sum, value) = (terms.Sum(term => term.Value), values[node].At(at));
        var isSum = !double.IsFinite(value) || Math.Abs(sum - value) <= Rounding * terms.Sum(term => Math.Abs(term.Value));
        return isSum ? [.. terms.OrderByDescending(term => Math.Abs(term.Value))] : null;
    }

    /// <summary>The position on each axis of a flat one.</summary>
    public static Shape Position(Shape shape, int flat)
    {
        var steps = shape.Strides();
        return shape.Select((size, axis) => (int)(flat / steps[axis] % size));
    }

    /// <summary>The flat position of one on each axis.</summary>
    /// <exception cref="ShapeError">It lies outside.</exception>
    public static int Flat(Shape shape, Shape position)
    {
        if (position.Rank != shape.Rank || position.Where((p, axis) => p >= shape[axis]).Any())
        {
            throw new ShapeError($"Position {position} in {shape}", "it lies outside",
                shape.Elements == 0 ? [] : [$"{shape.Select((size, _) => size - 1)} for the last element"]);
        }

        var steps = shape.Strides();
        return (int)position.Select((p, axis) => p * steps[axis]).Sum();
    }
}
