using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>One thing to try: a node, and a value for each variable that it depends on.</summary>
/// <param name="Output">The node.</param>
/// <param name="Inputs">The variables with their values.</param>
/// <example><code>
/// var x = Variable("x", [2]);
/// new Case(x * x, [(x, Tensor.Of([1, 2]))]).Varied // [x : [2]]
/// </code></example>
public sealed record Case(Node Output, ImmutableArray<(Node Variable, Tensor Value)> Inputs)
{
    /// <summary>Another node that must have the same value and the same gradients, if this is about a law.</summary>
    public Node? Twin { get; init; }

    /// <summary>The function that made the output of the variables, so that it can be made of smaller ones; null if
    /// there is only the graph.</summary>
    internal Func<ImmutableArray<Node>, Case>? Remake { get; init; }

    /// <summary>Nodes that differences hold at their value, because the gradient does by definition.</summary>
    internal ImmutableArray<Node> Held { get; init; } =
        [.. new Graph(Output).Nodes.Where(node => node.Op is StopGradient)];

    /// <summary>The real variables, without those that only choose: the mask of a <see cref="Select"/> jumps.</summary>
    public ImmutableArray<Node> Varied
    {
        get
        {
            var masks = Graph.Nodes.Where(node => node.Op is Select).Select(node => node.Inputs[0]).ToHashSet();
            return [.. Inputs.Select(input => input.Variable).Where(x => x.Kind == Kind.Real && !masks.Contains(x))];
        }
    }

    /// <summary>All that is computed.</summary>
    public Graph Graph => Twin is null ? new(Output) : new(Output, Twin);

    /// <summary>How much there is to look at: ops, elements, and the digits of the values.</summary>
    internal (int Ops, long Elements, double Digits) Size => (
        Graph.Nodes.Count(node => !node.Inputs.IsEmpty),
        Inputs.Sum(input => input.Variable.Shape.Elements),
        Inputs.Sum(input => input.Value.ToDoubles().Sum(Digits)) + Graph.Nodes.Sum(node => node.Op.ToString().Length));

    /// <summary>A function of variables at these values.</summary>
    internal static Case Of(Func<ImmutableArray<Node>, Node> f, ImmutableArray<Tensor> values, Func<int, Kind>? kind = null)
    {
        ImmutableArray<Node> xs =
            [.. values.Select((value, i) => Variable($"x{i}", value.Shape, kind?.Invoke(i) ?? Kind.Real))];
        return Remade(f, xs) with { Inputs = [.. xs.Zip(values)] };
    }

    /// <summary>An op at its inputs. What only chooses, by the row's domains, is a constant.</summary>
    internal static Case Of(OpCase at, OpRow? row = null)
    {
        var fixedInputs = at.Constants();
        int[] free = [.. Enumerable.Range(0, at.Inputs.Length).Where(i => at.Op is Select || row?.DomainOf(i) != Domain.Mask)];
        return Of(xs => at.Apply([.. fixedInputs.Select((input, i) => Array.IndexOf(free, i) is >= 0 and var k ? xs[k] : input)]),
            [.. free.Select(i => at.Inputs[i])], k => at.Op.InputKind(free[k]));
    }

    /// <summary>A node alone, at what comes to it.</summary>
    internal static Case Alone(Node node, IEnumerable<Tensor> inputs) => Of(new OpCase(node.Op, [.. inputs]));

    /// <summary>The values of some nodes.</summary>
    internal ImmutableArray<Tensor> Run(params ImmutableArray<Node> nodes) => Reference.Run(nodes, Bindings);

    internal Dictionary<Node, Tensor> Bindings => Inputs.ToDictionary(input => input.Variable, input => input.Value);

    /// <summary>The same at other values of the varied inputs.</summary>
    internal Case At(Func<Node, Tensor, Tensor> value) => this with
    {
        Inputs = [.. Inputs.Select(input => (input.Variable,
            Varied.Contains(input.Variable) ? value(input.Variable, input.Value) : input.Value))],
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Graph.Print()}\n{string.Join("\n", Inputs.Select(input => $"{input.Variable.Op.Name} = {input.Value}"))}";

    private static Case Remade(Func<ImmutableArray<Node>, Node> f, ImmutableArray<Node> xs) =>
        new(f(xs), []) { Remake = others => Remade(f, others) };

    private static double Digits(double value) => value switch
    {
        0 => 0,
        1 => 1,
        _ when value == Math.Round(value) && Math.Abs(value) < 10 => value < 0 ? 3 : 2,
        _ when value * 2 == Math.Round(value * 2) && Math.Abs(value) < 10 => 4,
        _ => 6,
    };
}
