using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

/// <summary>A function of nodes beside PyTorch's.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Inputs">Its inputs, as <see cref="FunctionInput"/> reads them, with a space between.</param>
/// <param name="Function">The function, with x for its inputs.</param>
/// <param name="Torch">The same in PyTorch, or null if it has nothing of the kind.</param>
/// <param name="Code">How the function is written.</param>
internal sealed partial record FunctionRow(string Name, string Inputs, Func<Node[], Node> Function, string? Torch,
    [CallerArgumentExpression(nameof(Function))] string Code = "")
{
    /// <summary>All rows, by groups.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<FunctionRow> Rows)> Groups { get; } =
    [
        ("elementwise", ElementwiseRows.All),
        ("reductions", ReductionsRows.All),
        ("norms", NormsRows.All),
        ("losses", LossesRows.All),
        ("products", ProductsRows.All),
        ("convolutions", ConvolutionsRows.All),
        ("images", ImagesRows.All),
        ("shaping", ShapingRows.All),
        ("random", RandomRows.All),
    ];

    /// <summary>What has no row, and why.</summary>
    public static IReadOnlyDictionary<string, string> Without { get; } = new[]
    {
        (Why: "a leaf, computed once or never", Names: "Constant Fill Indices Ones Variable Zeros"),
        (Why: "another view of the same memory", Names: "Flatten Reshape StopGradient"),
        (Why: "functions of functions: what they make is measured as what it consists of",
            Names: "Checkpoint CustomVjp Grad Hessian Hvp Jacobian JacobianForward JacobianReverse Jvp Scan ValueAndGrad Vjp Vmap"),
        (Why: "two numbers from two numbers", Names: "FoldIn"),
        (Why: "more than one process", Names: "AllReduce"),
    }.SelectMany(pair => pair.Names.Split(' '), (pair, name) => (name, pair.Why)).ToDictionary();

    /// <summary>Whether PyTorch may choose the order of its images in memory.</summary>
    public bool HasOrders => ConvolutionsRows.All.Contains(this);

    /// <summary>The names of the public functions of nodes.</summary>
    public static IReadOnlyList<string> Known { get; } =
        [.. typeof(Functions).GetMethods().Where(method => method.IsStatic && !method.IsSpecialName)
            .Select(method => method.Name).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The functions that this row calls.</summary>
    public IEnumerable<string> Calls => Word().Matches(Code).Select(match => match.Value).Where(Known.Contains);

    /// <summary>Whether two programs give different numbers.</summary>
    public bool IsRandom => RandomRows.All.Contains(this);

    /// <summary>The functions that no row calls.</summary>
    public static IEnumerable<string> Missing() =>
        Known.Except(Groups.SelectMany(group => group.Rows).SelectMany(row => row.Calls));

    /// <summary>The rows of a name, a group or <c>all</c>; empty if there is none.</summary>
    public static IEnumerable<FunctionRow> Find(string name) =>
        Groups.Where(group => name == "all" || name == group.Name).SelectMany(group => group.Rows) is var rows && rows.Any()
            ? rows
            : Groups.SelectMany(group => group.Rows).Where(row => row.Name == name);

    [GeneratedRegex(@"\w+(?=\()")]
    private static partial Regex Word();
}
