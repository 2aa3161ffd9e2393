using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AutoDiffCnn;

/// <summary>Writes a graph as a C# method. A node that is read once, by a loop that reads it element by element, is an
/// expression in that loop; any other is an array.</summary>
internal sealed partial class CSharpWriter
{
    private const int LongestExpression = 90;

    private const string Taken = "Expm1 Log1p Erf Larger Math Func Buffer best flat as base bool break byte case char class const do double else enum "
        + "false float for goto if in int is lock long namespace new null object out public ref return short static string switch this true try "
        + "uint using var void while";

    private readonly StringBuilder body = new();
    private readonly HashSet<string> used = [.. Taken.Split(' ')];
    private readonly Dictionary<Node, string> names = [];
    private readonly Dictionary<Node, Func<IReadOnlyList<string>, string>> expressions = [];
    private readonly Dictionary<Node, (string Text, string Name)> comments = [];
    private readonly List<string> functions = [];

    /// <summary>Says what stands above the code of a node, and what it is called.</summary>
    public void Comment(Node node, string text, string name) => comments.TryAdd(node, (text, name));

    /// <summary>The method.</summary>
    public string Write(string name, ImmutableArray<Node> variables, ImmutableArray<Node> outputs)
    {
        var graph = new Graph(outputs);
        var results = outputs.ToHashSet();
        var readers = graph.Nodes.SelectMany(node => node.Inputs.Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node);
        foreach (var variable in variables)
        {
            names[variable] = Fresh(comments.TryGetValue(variable, out var given) ? given.Name : variable.Op.Name);
        }

        foreach (var node in graph.Nodes.Where(node => node.Op is not Variable))
        {
            var isRead = readers[node].Count() == 1 && readers[node].All(reader => reader.Op is IElementwise or SumTo);
            if (Expression(node) is { } expression && !results.Contains(node) && !comments.ContainsKey(node)
                && (node.Op is Constant || IsView(node) || isRead) && expression(Indices(node.Shape)).Length <= LongestExpression)
            {
                expressions[node] = expression;
                continue;
            }

            names[node] = Fresh(comments.TryGetValue(node, out var comment) ? comment.Name : results.Contains(node) ? "y" : "t1");
            body.Append(comment.Text is { } text ? $"\n    // {text}\n" : "");
            Compute(node);
        }

        var parameters = variables.Select(variable => $"{Type(variable)} {names[variable]}").Concat(functions);
        var fields = outputs.Select(output => names[output]).ToArray();
        var distinct = fields.Distinct().Count() == fields.Length;
        var result = outputs.Length == 1 ? Type(outputs[0])
            : $"({string.Join(", ", outputs.Select((output, i) => distinct ? $"{Type(output)} {fields[i]}" : Type(output)))})";
        var code = body.ToString();
        var helpers = CSharpHelpers.All.Where(helper => Regex.IsMatch(code, $@"(?<![\w.]){helper.Key}\("))
            .Select(helper => $"\n{Indent(helper.Value)}\n");
        return $"public static {result} {name}({string.Join(", ", parameters)})\n{{\n{code.TrimStart('\n')}"
            + $"    return {(outputs.Length == 1 ? fields[0] : $"({string.Join(", ", fields)})")};\n{string.Concat(helpers)}}}\n";
    }

    /// <summary>An element of a node as an expression.</summary>
    private string At(Node node, IReadOnlyList<string> indices) => expressions.TryGetValue(node, out var expression)
        ? expression(indices)
        : node.Shape.Rank == 0 ? names[node] : $"{names[node]}[{string.Join(", ", indices)}]";

    /// <summary>A node that only says where its elements are to be found.</summary>
    private static bool IsView(Node node) => node.Op is Broadcast or Transpose or Slice or Reverse;

    /// <summary>A node's elements as expressions of their indices, if one needs no more than an element of each input.</summary>
    private Func<IReadOnlyList<string>, string>? Expression(Node node) => node.Op switch
    {
        Constant { Value: { Shape.Rank: 0 } value } => _ => node.Kind == Kind.Index ? $"{value.Scalar}L" : CodeReal.Literal(value.Scalar),
        IElementwise op => at => op.Accept(new CodeReal.Writer([.. node.Inputs.Select(input => At(input, at))])),
        Broadcast => at => At(node.Inputs[0], [.. node.Inputs[0].Shape.Select((size, axis) => size == 1
            ? "0" : at[node.Shape.Rank - node.Inputs[0].Shape.Rank + axis])]),
        Transpose op => at => At(node.Inputs[0], [.. op.Inverse.Select(axis => at[axis])]),
        Slice op => at => At(node.Inputs[0], [.. at.Select((i, axis) => Affine(i, op.Step[axis], op.Start[axis]))]),
        Reverse op => at => At(node.Inputs[0], [.. at.Select((i, axis) => op.Axes.Contains(axis) && i != "0" ? $"{node.Shape[axis] - 1} - {Factor(i)}" : i)]),
        AllReduce => at => At(node.Inputs[0], at), // a method runs alone
        OneHot => at => $"({At(node.Inputs[0], [.. at.SkipLast(1)])} == {at[^1]} ? 1.0 : 0.0)",
        _ => null,
    };

    /// <summary>A name that C# allows, that nothing else has and no loop counts with.</summary>
    private string Fresh(string name)
    {
        var clean = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        clean = char.IsAsciiLetter(clean[0]) ? clean : $"v{clean}";
        var counts = clean.Length <= 3 && "inockpq".Contains(clean[0]) && clean[1..].All(char.IsAsciiDigit);
        var stem = counts ? $"{clean}_" : clean.TrimEnd("0123456789".ToCharArray());
        var fresh = counts ? stem : clean;
        for (var count = 1; !used.Add(fresh); count++)
        {
            fresh = string.Create(CultureInfo.InvariantCulture, $"{stem}{count}");
        }

        return fresh;
    }

    private static string Type(Node node) => (node.Kind == Kind.Real ? "double" : "long") + (node.Shape.Rank == 0 ? "" : $"[{new string(',', node.Shape.Rank - 1)}]");

    /// <summary>A counter for each axis; an axis of size 1 needs none.</summary>
    private static string[] Indices(Shape shape, string letter = "i") => [.. shape.AsEnumerable()
        .Select((size, axis) => size == 1 ? "0" : string.Create(CultureInfo.InvariantCulture, $"{letter}{axis}"))];

    /// <summary>i · step + start.</summary>
    private static string Affine(string i, int step, int start) => i == "0" ? start.ToString(CultureInfo.InvariantCulture)
        : (step == 1 ? i : $"{Factor(i)} * {step}") + (start > 0 ? $" + {start}" : start < 0 ? $" - {-start}" : "");

    private static string Factor(string i) => i.Contains(' ', StringComparison.Ordinal) ? $"({i})" : i;

    private static string Indent(string text) => string.Join("\n", text.Split('\n').Select(line => line.Length == 0 ? line : $"    {line}"));
}
