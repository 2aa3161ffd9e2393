using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A node's formula with a name for it.</summary>
internal sealed record Equation(Node Node, MathText Left, MathText Right);

/// <summary>A graph as a list of equations. Knows no op: each writes itself.</summary>
internal static class Equations
{
    private const int Line = 76;
    private const int Short = 12;
    private const int Literal = 60;

    /// <summary>One equation for each node that has a symbol, and for each that is used more than once or would make a
    /// line too long, which is called t₁, t₂, …; the others are written where they are used. Each comes after what it
    /// mentions.</summary>
    /// <param name="outputs">What to write; outputs without a symbol are called y.</param>
    /// <param name="symbols">The symbols that are given. Variables have their names otherwise.</param>
    public static ImmutableArray<Equation> Of(ImmutableArray<Node> outputs, IReadOnlyDictionary<Node, MathText> symbols)
    {
        var (nodes, results) = (new Graph(outputs).Nodes, outputs.ToHashSet());
        var uses = nodes.SelectMany(node => node.Inputs).CountBy(node => node).ToDictionary();
        var equations = ImmutableArray.CreateBuilder<Equation>();
        var (written, temporaries, literals) = (new Dictionary<Node, MathText>(nodes.Length), 0, 0);
        foreach (var node in nodes)
        {
            var right = node.Op is Variable ? MathText.Symbol(node.Op.Name)
                : node.Op.Write(node, [.. node.Inputs.Select(input => written[input])]);
            right = right with { IsScalar = right.IsScalar || node.Shape.Rank == 0 };
            var left = symbols.TryGetValue(node, out var symbol) ? symbol
                : node.Op is Variable || right.IsScalar && node.Op is Constant ? null
                : node.Op is Constant ? MathText.Symbol("c").Sub(MathText.Verbatim($"{++literals}"))
                : results.Contains(node) ? MathText.Symbol("y")
                : right.Unicode.Length > Line || uses[node] > 1 && right.Unicode.Length > Short ? MathText.Symbol("t").Sub(MathText.Verbatim($"{++temporaries}"))
                : null;
            written[node] = left is null ? right : left with { IsScalar = node.Shape.Rank == 0 };
            if (left is not null && node.Op is not Variable)
            {
                equations.Add(new(node, left, right));
            }
        }

        return equations.ToImmutable();
    }

    /// <summary>What nobody wants to read is rewritten: 1 · x is x, x + x is 2 · x, a · (b · x) is ab · x, and numbers are computed.</summary>
    public static Func<Node, Node?>[] Rules => [Rewrite.Algebra, Rewrite.Fold, Numbers];

    private static Node? Numbers(Node node) => node switch
    {
        { Op: Add, Inputs: [var a, var b] } when a == b || AreSameProduct(a, b) => 2 * a,
        { Op: Multiply, Inputs: [var a, { Op: Multiply, Inputs: [var b, var x] }] } when Constant.NumberIn(a) * Constant.NumberIn(b) is { } ab => ab * x,
        { Op: Multiply, Inputs: [var a, { Op: Multiply, Inputs: [var x, var b] }] } when Constant.NumberIn(a) * Constant.NumberIn(b) is { } ab => ab * x,
        _ => null,
    };

    private static bool AreSameProduct(Node a, Node b) =>
        a is { Op: Multiply, Inputs: [var x, var y] } && b is { Op: Multiply, Inputs: [var z, var t] } && x == t && y == z;

    /// <summary>A constant: a number, a short literal, or what kind it is.</summary>
    public static MathText Of(Tensor value)
    {
        var text = value.ToString().ReplaceLineEndings(" ");
        var shown = text.Length <= Literal ? text : $"constant {value.Shape}";
        return value.Shape.Rank == 0 ? MathText.Number(value.Scalar) : new($@"\text{{{shown}}}", shown, shown);
    }
}

/// <summary>A graph as mathematics.</summary>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 1, 4, 4]), Variable("w", [1, 1, 3, 3]));
/// Sum(Square(Relu(Conv2D(x, w)))).ToLatex() // \sum \operatorname{relu}\left(x \star w\right)^{2}
/// </code></example>
public static class GraphLatex
{
    /// <summary>The node's formula in LaTeX; several lines in an <c>aligned</c> environment if there are intermediate
    /// results. Each op writes itself (<see cref="Op.Write"/>).</summary>
    public static string ToLatex(this Node node)
    {
        var simple = Rewrite.Apply(new Graph(node), Equations.Rules).Outputs[0];
        var equations = Equations.Of([simple], new Dictionary<Node, MathText>());
        return equations switch
        {
            [] => simple.Op.Write(simple, []).Latex, // a variable or a number
            [var only] => only.Right.Latex,
            _ => Aligned(equations.Select(each => $"{each.Left.Latex} &= {each.Right.Latex}")),
        };
    }

    /// <summary>Lines below each other, aligned where they have <c>&amp;</c>.</summary>
    internal static string Aligned(IEnumerable<string> lines) => $"\\begin{{aligned}}\n{string.Join(" \\\\\n", lines)}\n\\end{{aligned}}";
}
