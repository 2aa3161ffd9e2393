using System.Collections.Immutable;
using System.Text;

namespace AutoDiffCnn;

/// <summary>A term of an element: how much an element of another node contributes.</summary>
/// <param name="Coefficient">What it is multiplied with; of a product the other factor.</param>
/// <param name="Node">The node whose element it is.</param>
/// <param name="Position">Which element.</param>
/// <param name="Element">Its value.</param>
/// <param name="Factor">Where the coefficient is an element of another node: which one.</param>
/// <example><code>
/// Node x = Tensor.Of([[1, 2]]);
/// MatMul(x, Tensor.Of([[3], [4]])).Explain([0, 0]).Terms[0] // Constant[0, 1] · Constant[1, 0] = 2 · 4 = 8
/// </code></example>
public sealed record Term(double Coefficient, Node Node, Shape Position, double Element, (Node Node, Shape Position)? Factor)
{
    /// <summary>The product.</summary>
    public double Value => Coefficient * Element;

    /// <summary>What is multiplied, with names, with numbers, and the product.</summary>
    public override string ToString()
    {
        var (element, coefficient) = (Tensor.Number(Element), Tensor.Number(Coefficient));
        var name = $"{NameOf(Node)}{Position}";
        return Factor is var (node, position) ? $"{name} · {NameOf(node)}{position} = {element} · {coefficient} = {Tensor.Number(Value)}"
            : Coefficient == 1 ? $"{name} = {element}"
            : $"{coefficient} · {name} = {coefficient} · {element} = {Tensor.Number(Value)}";
    }

    /// <summary>What a node is called where it has no symbol: by its op, the layer or rule that it comes from.</summary>
    internal static string NameOf(Node node) => node.Op switch
    {
        Variable => node.Op.Name,
        Constant => "Constant",
        _ when $"{node.Origin}" is { Length: > 0 } origin => $"{node.Op.Name} ({origin})",
        _ => node.Op.Name,
    };
}

/// <summary>The terms that make up one element of a node, largest first.</summary>
/// <param name="Node">The node.</param>
/// <param name="Position">The element.</param>
/// <param name="Value">Its value.</param>
/// <param name="Terms">What it is the sum of, without what is multiplied with 0.</param>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 3]), Variable("w", [1, 3]));
/// var dw = Gradient.Of(Sum(Square(Dense(x, w))), w);
/// dw.Explain([0, 1], (x, Tensor.Of([[1, 2, 3]])), (w, Tensor.Of([[1, 0, 1]]))).Value // 16
/// </code></example>
public sealed record Explanation(Node Node, Shape Position, double Value, ImmutableArray<Term> Terms)
{
    private const int Shown = 10;

    /// <summary>The element and its ten largest terms.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Term.NameOf(Node)}{Position} = {Tensor.Number(Value)}, ");
        text.Append(Terms.Length == 1 ? "1 term" : $"{Terms.Length} terms");
        foreach (var term in Terms.Take(Shown))
        {
            text.Append($"\n  {term}");
        }

        var rest = Terms.Skip(Shown).Sum(term => term.Value);
        return Terms.Length > Shown ? $"{text}\n  {Terms.Length - Shown} others = {Tensor.Number(rest)}" : $"{text}";
    }
}
