using System.Globalization;
using System.Text.RegularExpressions;

namespace AutoDiffCnn.Tests.Common;

/// <summary>An argument of a call.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Type">Its type.</param>
/// <param name="Value">What was given.</param>
public sealed record Argument(string Name, Type Type, object? Value);

/// <summary>What the repairs that errors offer make of a call's arguments: those that can be applied as they stand.</summary>
public static class Repairs
{
    private const string Sizes = @"(\[[\d, ]*\])";
    private const int Wide = 1000;
    private const string Exchanged = $"^(?:Reshape {Sizes} to {Sizes}|(?:one batch for both, such as )?{Sizes} (?:instead of|for) {Sizes})$";

    /// <summary>What takes the place of an argument; null where it stays. The texts are those in parentheses.</summary>
    private delegate object? Repair(Argument argument, string[] texts);

    private static readonly (string Pattern, Repair Apply)[] known =
    [
        (@"^axis (-?\d+)$", (at, to) => (at.Name, at.Value) switch
        {
            ("axis" or "firstAxis", int) => (object)Number(to[0]),
            ("axes", int[]) => Numbers(to[0]),
            ("axes", Shape) => Shape.From(Numbers(to[0])),
            _ => null,
        }),
        (@"^padding (\d+)(?: gives \d+| and outputPadding 0)?$", (at, to) => at.Name != "padding" ? At(at, "outputPadding", 0)
            : at.Type == typeof(Padding) ? (Padding)Number(to[0]) : One(at, Number(to[0]))),
        (@"^outputPadding (\d+)$", (at, to) => At(at, "outputPadding", Number(to[0]))),
        (@"^Same gives \d+$", (at, _) => at.Type == typeof(Padding) ? Padding.Same : null),
        (@"^a kernel of at (most|least) (\d+)$", (at, to) => (at.Name, at.Value) switch
        {
            ("kernel", _) => Each(at.Value, size => Bound(to[0], size, Number(to[1]))),
            ("w", Node w) => Variable("w", w.Shape.Select((size, axis) =>
                axis < 2 && w.Shape.Rank > 2 ? size : Bound(to[0], size, Number(to[1])))),
            _ => null,
        }),
        (@"^a kernel of \[(\d+)[\d, ]*\] without padding$", (at, to) => at.Name switch
        {
            "kernel" => Each(at.Value, _ => Number(to[0])),
            "padding" => Padding.Valid,
            _ => null,
        }),
        (@"^SumPool, where padding is 0$", (at, _) => at.Name == "padding" ? Padding.Valid : null),
        (@"^(\d+) groups?$", (at, to) => At(at, "groups", Number(to[0]))),
        (@"^a stride and dilation of 1$", (at, _) => at.Name is "stride" or "dilation" ? One(at) : null),
        (@"^a stride, dilation and kernel of 1$", (at, _) => (at.Name, at.Value) switch
        {
            ("stride" or "dilation" or "kernel", _) => One(at),
            ("w", Node w) => Variable("w", w.Shape.Select((size, _) => Math.Max(1, size))),
            _ => null,
        }),
        (@"^(\d+) numbers for each$", (at, to) => at.Type == typeof(Padding)
            ? Padding.Of(Shape.Repeat(0, Number(to[0])), Shape.Repeat(0, Number(to[0]))) : null),
        ($"^{Sizes}$", (at, to) => (at.Name, at.Value) switch
        {
            ("shape" or "axes", Shape) => Shape.From(Numbers(to[0])),
            (_, PerAxis { Count: not 1 }) => PerAxis.Of(Numbers(to[0])),
            _ => null,
        }),
        (@"^(\d+)$", (at, to) => at.Value is PerAxis { Count: not 1 } ? (PerAxis)Number(to[0]) : null),
        ($"^(?:Reshape to|an input of(?: shape)?|Flatten before it gives) {Sizes}$", (at, to) => Input(at, Shape.From(Numbers(to[0])))),
        (Exchanged, (at, to) => Exchange(to) is var (from, instead) ? (at.Name, at.Value) switch
        {
            (_, Node x) when x.Shape == from => Real(at, instead),
            ("kernel", Shape kernel) when kernel == from => instead,
            _ => null,
        } : null),
        (@"^(?:an input|an image|inputs) of rank (\d+)$", (at, to) => at.Name is "x" or "w" or "depthwise" or "pointwise" ? Real(at, Shape.Repeat(4, Number(to[0]))) : null),
        (@"^an image \[n, c, h, w\]$", (at, _) => Input(at, [2, 4, 8, 8])),
        (@"^an image of at least (\d+)$", (at, to) => at is { Name: "x", Value: Node x }
            ? Input(at, x.Shape.Select((size, axis) => axis < 2 ? size : Math.Max(size, Number(to[0])))) : null),
        (@"^an image whose (length|width|height|depth) is at least (\d+)$", (at, to) => at is { Name: "x", Value: Node x }
            ? Input(at, x.Shape.With(x.Shape.Rank - (to[0] switch { "height" => 2, "depth" => 3, _ => 1 }), Number(to[1]))) : null),
        (@"^a kernel of 1 and an image of at least 1$", (at, _) => (at.Name, at.Value) switch
        {
            ("kernel", _) => One(at),
            ("w", Node w) => Real(at, w.Shape.Select((size, axis) => axis < 2 ? size : 1)),
            ("x", Node x) => Input(at, x.Shape.Select((size, axis) => axis < 2 ? size : Math.Max(size, 1))),
            _ => null,
        }),
        (@"^a batch of at least (\d+)$", (at, to) => at is { Name: "x", Value: Node x } ? Input(at, x.Shape.With(0, Number(to[0]))) : null),
        ($"^a (?:size|kernel) of {Sizes}$", (at, to) => (at.Name, at.Value) switch
        {
            ("size" or "kernel", PerAxis) => PerAxis.Of(Numbers(to[0])),
            ("size" or "kernel", Shape) => Shape.From(Numbers(to[0])),
            _ => null,
        }),
        (@"^a size of (\d+)$", (at, to) => At(at, "size", Number(to[0]))),
        (@"^a size of at least (\d+)$", (at, to) => at.Value switch
        {
            int or PerAxis when at.Name is not ("axis" or "firstAxis" or "shift") => Each(at.Value, size => Math.Max(size, Number(to[0]))),
            Node x => Real(at, x.Shape.Select((size, _) => Math.Max(size, Number(to[0])))),
            _ => null,
        }),
        (@"^a size of at most (\d{1,9})$", (at, to) => at.Name == "size" ? Each(at.Value, size => Math.Min(size, Number(to[0]))) : null),
        (@"^(?:a size of at most 2147483647|sizes whose product stays below 2⁶³|at most \d+ elements)$", (at, _) => at.Value switch
        {
            int or PerAxis or Shape => Each(at.Value, size => size > Wide ? 1 : size),
            Padding => Padding.Valid,
            Node x => Real(at, x.Shape.Select((size, _) => size > Wide ? 1 : size)),
            _ => null,
        }),
        (@"^a border of at most (\d+)$", (at, to) => at.Name is "before" or "after" or "border"
            ? Each(at.Value, size => Math.Min(size, Number(to[0]))) : null),
        (@"^PadMode.Constant$", (at, _) => at.Value is PadMode ? PadMode.Constant : null),
        ($"^(before|times|steps|theta|r|a step|a grid|w)(?: of| =)? ({Sizes}|\\d+)$", (at, to) => (at.Name, to[0], at.Value) switch
        {
            ("before" or "after", "before", Shape) or ("times", "times", Shape) or ("step", "steps" or "a step", Shape) =>
                Shape.From(Numbers(to[1])),
            ("times", "times", PerAxis) => PerAxis.Of(Numbers(to[1])),
            ("theta", "theta", Node) or ("grid", "a grid", Node) or ("w", "w", Node) => Variable(at.Name, Shape.From(Numbers(to[1]))),
            ("r", "r", int) => Number(to[1]),
            _ => null,
        }),
        ($"^a second matrix of {Sizes}$", (at, to) => at.Name is "b" or "w" ? Real(at, Shape.From(Numbers(to[0]))) : null),
        ($"^an index of(?: shape)? {Sizes}$", (at, to) =>
            at.Name == "index" ? Variable("index", Shape.From(Numbers(to[0])), Kind.Index) : null),
        (@"^an index of rank 1$", (at, _) => at.Name == "index" ? Variable("index", [2], Kind.Index) : null),
        ($"^labels of(?: shape)? {Sizes}$", (at, to) => at.Name == "labels" ? Real(at, Shape.From(Numbers(to[0]))) : null),
        ($"^columns of {Sizes}$", (at, to) => at.Name == "columns" ? Real(at, Shape.From(Numbers(to[0]))) : null),
        ($"^scores of {Sizes}$", (at, to) => Input(at, Shape.From(Numbers(to[0])))),
        ($"^weights of {Sizes}$", (at, to) => at.Name == "weight" ? Real(at, Shape.From(Numbers(to[0]))) : null),
        (@"^the (first|second) transposed$", (at, to) => at.Value is Node x && at.Name == (to[0] == "first" ? "a" : "b")
            ? Real(at, [.. x.Shape[..^2], x.Shape[^1], x.Shape[^2]]) : null),
        ($"^Transpose\\((x|w), {Sizes}\\)$", (at, to) => at.Value is Node x && at.Name == to[0]
            ? Real(at, Shape.From(Numbers(to[1]).Select(axis => x.Shape[axis]))) : null),
        ($"^dy of {Sizes}$", (at, to) => at.Name == "dy" ? Real(at, Shape.From(Numbers(to[0]))) : null),
        (@"^numbers for (\d+) axes$", (at, to) => at.Value is Shape ? Shape.Repeat(at.Name == "step" ? 1 : 0, Number(to[0])) : null),
        (@"^Key.ToTensor\(\)$", (at, _) => at.Name == "key" ? Variable("key", [2], Kind.Index) : null),
        ($"^Variable\\(\"(.*)\", {Sizes}(, Kind.Index)?\\)$", (at, to) => at.Value is Node { Op: Variable { Name: var name } } && name == to[0]
            ? Variable(name, Shape.From(Numbers(to[1])), to[2].Length > 0 ? Kind.Index : Kind.Real) : null),
    ];

    /// <summary>The arguments that a repair makes of these; null if it changes none.</summary>
    public static object?[]? Apply(string repair, IReadOnlyList<Argument> arguments)
    {
        foreach (var (pattern, apply) in known)
        {
            if (Regex.Match(repair, pattern) is { Success: true } match)
            {
                string[] texts = [.. match.Groups.Values.Skip(1).Select(group => group.Value)];
                object?[] changed = [.. arguments.Select(argument => apply(argument, texts))];
                return changed.Any(one => one is not null) ? [.. changed.Select((one, i) => one ?? arguments[i].Value)] : null;
            }
        }

        return null;
    }

    /// <summary>Which shape is to be replaced by which; null if the repair is another.</summary>
    public static (Shape From, Shape To)? Exchange(string repair) =>
        Regex.Match(repair, Exchanged) is { Success: true } match ? Exchange([.. match.Groups.Values.Skip(1).Select(group => group.Value)]) : null;

    /// <summary>A mistake without its numbers, but for those of axes: what must be gone when it is repaired.</summary>
    public static string Mistake(string reason) => Regex.Replace(reason, @"(?<!axis )-?\d+", "#");

    private static object? At(Argument at, string name, int number) => at.Name == name ? One(at, number) : null;

    private static object One(Argument at, int number = 1) =>
        at.Type == typeof(PerAxis) || at.Type == typeof(PerAxis?) ? (PerAxis)number
        : at.Value is Shape sizes ? sizes.Select((_, _) => number) : (object)number;

    private static int Bound(string most, int size, int bound) => most == "most" ? Math.Min(size, bound) : Math.Max(size, bound);

    private static object? Each(object? value, Func<int, int> number) => value switch
    {
        int n => number(n),
        PerAxis many => PerAxis.Of([.. many.Select(number)]),
        Shape shape => shape.Select((n, _) => number(n)),
        _ => null,
    };

    /// <summary>The first input.</summary>
    private static Node? Input(Argument at, Shape shape) =>
        at.Name is "x" or "logits" or "logProbabilities" or "y" or "a" ? Real(at, shape) : null;

    private static Node? Real(Argument at, Shape shape) =>
        at.Value is Node { Op: Variable { Name: var name }, Kind: var kind } ? Variable(name, shape, kind) : null;

    private static (Shape From, Shape To) Exchange(string[] texts) => texts[0].Length > 0
        ? (Shape.From(Numbers(texts[0])), Shape.From(Numbers(texts[1])))
        : (Shape.From(Numbers(texts[3])), Shape.From(Numbers(texts[2])));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int[] Numbers(string text) => [.. Regex.Matches(text, @"-?\d+").Select(number => Number(number.Value))];
}
