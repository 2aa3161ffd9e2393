using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Inputs in which an op is linear together, with what their elements are multiplied with.</summary>
/// <param name="Variables">A variable for each input of the op.</param>
/// <param name="Unit">A variable for the cotangent of the result.</param>
/// <param name="Inputs">The inputs.</param>
/// <param name="Coefficients">For each the cotangent: under one element of the result, what multiplies each of the input's
/// elements in it.</param>
internal sealed record Linear(ImmutableArray<Node> Variables, Node Unit, ImmutableArray<int> Inputs, ImmutableArray<Node> Coefficients)
{
    /// <summary>As many inputs as possible. What comes from a backward pass goes first: of an activation times an error,
    /// the errors are the elements.</summary>
    public static Linear Of(Node node, int without)
    {
        ImmutableArray<Node> variables = [.. node.Inputs.Select(input => Functions.Variable("x", input.Shape, input.Kind))];
        var (y, unit) = (node.With(variables), Functions.Variable("u", node.Shape));
        var (inputs, coefficients) = (ImmutableArray<int>.Empty, ImmutableArray<Node>.Empty);
        foreach (var i in Enumerable.Range(0, node.Kind == Kind.Real ? variables.Length : 0)
            .Where(i => variables[i].Kind == Kind.Real && i != without).OrderBy(i => node.Inputs[i].Origin?.Forward is null))
        {
            var tried = inputs.Add(i);
            if (Cotangents(y, unit, [.. tried.Select(each => variables[each])]) is { } found
                && !new Graph(found).Variables.Any(variable => tried.Any(each => variables[each] == variable)))
            {
                (inputs, coefficients) = (tried, found);
            }
        }

        return new(variables, unit, inputs, coefficients);
    }

    /// <summary>The values of the op's inputs, and the cotangent.</summary>
    public Dictionary<Node, Tensor> Point(Node node, Dictionary<Node, Tensor> values, Tensor unit) =>
        new(Variables.Zip(node.Inputs, (variable, input) => KeyValuePair.Create(variable, values[input]))) { [Unit] = unit };

    /// <summary>The element of another input that a coefficient is; null if it is none.</summary>
    public (Node Node, Shape Position)? Factor(Node node, int input, int at, double coefficient, Dictionary<Node, Tensor> point)
    {
        var coefficients = Coefficients[Inputs.IndexOf(input)];
        var unit = Constant.Leaf(Tensor.From(coefficients.Shape, i => i == at ? 1 : 0));
        for (var other = 0; other < Variables.Length; other++)
        {
            if (!Inputs.Contains(other) && Variables[other].Kind == Kind.Real
                && Cotangents(coefficients, unit, [Variables[other]]) is [var slopes])
            {
                var slope = Reference.Run([slopes], point)[0];
                int[] places = [.. Enumerable.Range(0, slope.Count).Where(i => slope.At(i) != 0)];
                if (places is [var place] && slope.At(place) == 1 && point[Variables[other]].At(place) == coefficient)
                {
                    return (node.Inputs[other], Expansion.Position(Variables[other].Shape, place));
                }
            }
        }

        return null;
    }

    private static ImmutableArray<Node>? Cotangents(Node y, Node dy, ImmutableArray<Node> xs)
    {
        try
        {
            return Gradient.Vjp(y, dy, xs);
        }
        catch (NotDifferentiableError)
        {
            return null;
        }
    }
}
