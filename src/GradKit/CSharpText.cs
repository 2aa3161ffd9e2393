using System.Globalization;
using System.Reflection;
using System.Text;

namespace AutoDiffCnn;

/// <summary>C# for values: tensors, ops, cases.</summary>
internal static class CSharpText
{
    /// <summary>Statements that build a case and check it.</summary>
    public static string Of(Case at)
    {
        var (text, names) = (new StringBuilder(), new Dictionary<Node, string>());
        foreach (var node in at.Graph.Nodes)
        {
            names[node] = node.Op is Variable { Name: var name } ? Identifier(name) : $"n{names.Count}";
            text.Append($"var {names[node]} = {Of(node, names)};\n");
        }

        var values = at.Inputs.Select(input => $"({names[input.Variable]}, {Of(input.Value)})");
        if (at.Twin is { } twin)
        {
            return text.Append($"Console.WriteLine(Reference.Run({names[at.Output]} - {names[twin]}, {string.Join(", ", values)}));").ToString();
        }

        return text.Append($"GradKit.Check({string.Join(", ", values.Prepend(names[at.Output]))});").ToString();
    }

    /// <summary>A tensor with all its digits.</summary>
    public static string Of(Tensor value)
    {
        var numbers = string.Join(", ", value.ToDoubles().Select(Number));
        return $"Tensor.Of({value.Shape}, {(value.Count == 0 ? "ReadOnlySpan<double>.Empty" : $"[{numbers}]")})";
    }

    /// <summary>An op as its constructor call, by the parameters of its primary constructor. What cannot be written, as
    /// a function, is named in a comment.</summary>
    public static string Of(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        double number => Number(number),
        string text => $"\"{text.Replace("\\", @"\\").Replace("\"", "\\\"")}\"",
        Shape shape => $"{shape}",
        Tensor tensor => Of(tensor),
        Enum one => $"{TypeName(one.GetType())}.{one}",
        IFormattable number when number.GetType().IsPrimitive => $"({number.GetType().Name}){number.ToString(null, CultureInfo.InvariantCulture)}"
            .Replace("(Int32)", ""),
        Delegate function => $"/* {function.Method.Name} */ null!",
        _ => $"new {TypeName(value.GetType())}({string.Join(", ", Parameters.Of(value).Select(pair => Of(pair.Value)))})",
    };

    private static string Of(Node node, Dictionary<Node, string> names) => node.Op switch
    {
        Variable variable => $"Variable(\"{variable.Name}\", {variable.Shape}{(variable.Kind == Kind.Index ? ", Kind.Index" : "")})",
        Constant { Kind: Kind.Index } constant => $"Indices({Of(constant.Value)})",
        Constant constant => $"Constant({Of(constant.Value)})",
        var op => $"{Of((object)op)}.Of({string.Join(", ", node.Inputs.Select(input => names[input]))})",
    };

    private static string Identifier(string name) =>
        string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')) is var clean && char.IsAsciiLetter(clean[0]) ? clean : $"v{clean}";

    /// <summary>What code may call a type: by its name alone where it is the library's, a script's or a program's.</summary>
    private static string TypeName(Type type) => type.Namespace is null or "AutoDiffCnn"
        && (type.DeclaringType is null || type.DeclaringType.Name.StartsWith("Submission#", StringComparison.Ordinal))
        ? type.Name
        : $"global::{type.FullName!.Replace('+', '.')}";

    private static string Number(double value) => value switch
    {
        double.NaN => "double.NaN",
        double.PositiveInfinity => "double.PositiveInfinity",
        double.NegativeInfinity => "double.NegativeInfinity",
        _ => value.ToString("R", CultureInfo.InvariantCulture) is var text && text.AsSpan().ContainsAny('.', 'E') ? text : $"{text}.0",
    };
}

/// <summary>The parameters of a record, by reflection: ops are values, whoever wrote them.</summary>
internal static class Parameters
{
    /// <summary>Name and value of each parameter of the primary constructor.</summary>
    public static IReadOnlyList<(string Name, object? Value)> Of(object value) =>
        [.. Constructor(value.GetType()).GetParameters().Select(parameter =>
            (parameter.Name!, value.GetType().GetProperty(parameter.Name!)?.GetValue(value)))];

    /// <summary>The same record with one parameter changed; null if its constructor refuses.</summary>
    public static object? With(object value, string name, object? other)
    {
        try
        {
            return Constructor(value.GetType()).Invoke([.. Of(value).Select(pair => pair.Name == name ? other : pair.Value)]);
        }
        catch (TargetInvocationException)
        {
            return null;
        }
    }

    /// <summary>The longest one that is not the copy constructor.</summary>
    private static ConstructorInfo Constructor(Type type) =>
        type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(constructor => constructor.GetParameters() is not [var only] || only.ParameterType != type)
            .MaxBy(constructor => constructor.GetParameters().Length)!;
}
