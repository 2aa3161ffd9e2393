using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Whatever a function of nodes is given, it answers when the graph is built: with a node, or with an error that
/// says what would work.</summary>
public class AnyArgumentsTests
{
    private static readonly Gen<int> number = Gen.Frequency(
        (12, Gen.Choose(0, 4)), (3, Gen.Choose(-3, -1)), (1, Gen.Elements(65_536, int.MaxValue, int.MinValue)));

    // Small ones, and such that no index can count: what lies between would only cost memory where a constant is computed.
    private static readonly Gen<Shape> shape = Gen.Frequency(
            (12, Gen.Choose(1, 4)), (3, Gen.Constant(0)), (3, Gen.Choose(5, 9)), (1, Gen.Constant(65_536)))
        .ArrayOf().Where(sizes => sizes.Length < 6
            && sizes.Aggregate(1.0, (product, size) => product * size) is < 1e6 or > int.MaxValue and < 1e18).Select(Shape.From);

    private static readonly Gen<Node> node =
        from of in shape
        from index in Gen.Choose(0, 5)
        from name in Gen.Choose(0, int.MaxValue - 1)
        select Variable(string.Create(CultureInfo.InvariantCulture, $"x{name}"), of, index == 0 ? Kind.Index : Kind.Real);

    public static TheoryData<string> Names { get; } = [.. Functions().Select(method => method.Name).Distinct()];

    [Theory, MemberData(nameof(Names))]
    public void Any_arguments_give_a_node_or_an_error_with_a_repair(string name)
    {
        foreach (var function in Functions().Where(method => method.Name == name))
        {
            var arguments = function.GetParameters().Aggregate(Gen.Constant(Array.Empty<object?>()), (before, parameter) =>
                from some in before
                from next in Argument(parameter.ParameterType)
                select (object?[])[.. some, next]);
            Law.ForAll(arguments.Select(list => new Call(function, list)), Answers, times: 300);
        }
    }

    [Fact]
    public void Any_parts_are_joined_or_refused_with_a_repair() => Law.ForAll(
        from axis in number
        from parts in node.ArrayOf()
        select (axis, parts),
        at => Answers(() => Concat(at.axis, at.parts)));

    [Fact]
    public void Each_kind_of_repair_is_met_and_applied()
    {
        var x = Variable("x", [2, 3, 4, 4]);
        var met = new HashSet<string>();
        foreach (var call in (Func<Node>[])[
            () => Conv2D(x, Variable("w", [2, 3, 5, 5])), () => Conv2D(x, Variable("w", [2, 3, 3, 3]), groups: 2),
            () => Conv2D(x, Variable("w", [2, 3, 3, 3]), stride: -1), () => MaxPool(x, 5), () => Softmax(x, 7), () => Sum(x, [9]),
            () => Reshape(x, [5]), () => Transpose(x, [0, 0, 1, 2]), () => Conv3D(x, Variable("w", [2, 3, 3, 3, 3])),
            () => MatMul(x, Variable("w", [2, 3, 5, 5])), () => x + Variable("b", [3]), () => Sin(Variable("i", [2], Kind.Index))])
        {
            met.UnionWith(Assert.ThrowsAny<MisfitError>(call).Repairs.SelectMany(Kinds));
        }

        Assert.Equal(repairs.Select(repair => repair.Pattern).Order(StringComparer.Ordinal), met.Order(StringComparer.Ordinal));
    }

    private static void Answers(Call call)
    {
        if (Answers(call.Make) is not { } error)
        {
            return;
        }

        if (Regex.IsMatch(error.Reason, "^axis -?\\d+ must lie in")
            && call.Function.GetParameters().Any(parameter => parameter.Name is "axis" or "axes" or "firstAxis"))
        {
            Assert.StartsWith(call.Function.Name, error.Place, StringComparison.Ordinal);
        }

        foreach (var repaired in error.Repairs.SelectMany(call.Repaired))
        {
            // There may be other mistakes; this one is mended.
            Assert.NotEqual(error.Reason, Answers(repaired.Make)?.Reason);
        }
    }

    private static MisfitError? Answers(Func<Node> call)
    {
        try
        {
            Verify.Check(new Graph(call()));
        }
        catch (MisfitError error)
        {
            Assert.NotEmpty(error.Repairs);
            Assert.NotEmpty(error.Place);
            return error;
        }
        catch (ArgumentOutOfRangeException error) when (error.TargetSite!.DeclaringType!.Assembly.GetName().Name!.StartsWith("AutoDiffCnn", StringComparison.Ordinal))
        {
            // A number that is not a size, such as a rate.
        }
        catch (BindingError)
        {
            // A constant of indices that is none.
        }

        return null;
    }

    /// <summary>Repairs that can be applied as they stand: the argument that takes the place of one, with the numbers of
    /// the text; null for an argument that stays.</summary>
    private static readonly (string Pattern, Func<ParameterInfo, object?, int[], object?> Argument)[] repairs =
    [
        (@"^axis (-?\d+)$", (parameter, value, to) => (parameter.Name, value) switch
        {
            ("axis" or "firstAxis", int) => (object)to[0],
            ("axes", int[]) => to,
            _ => null,
        }),
        (@"^padding (\d+)( gives \d+)?$", (_, value, to) => value is Padding ? (Padding)to[0] : null),
        (@"^Same gives \d+$", (_, value, _) => value is Padding ? Padding.Same : null),
        (@"^a kernel of at most (\d+)$", (parameter, value, to) => (parameter.Name, value) switch
        {
            ("kernel", int) => (object)to[0],
            ("w", Node w) => Variable("w", w.Shape.Select((size, axis) =>
                axis < 2 && w.Shape.Rank > 2 ? size : Math.Min(size, to[0]))),
            _ => null,
        }),
        (@"^(\d+) groups?$", (parameter, _, to) => parameter.Name == "groups" ? to[0] : null),
        (@"^a stride and dilation of 1$", (parameter, _, _) => parameter.Name is "stride" or "dilation" ? 1 : null),
        (@"^(?:Reshape(?: to)? )?(\[[\d, ]*\])$", (parameter, value, to) =>
            parameter.Name is "shape" or "axes" && value is Shape ? Shape.From(to) : null),
    ];

    /// <summary>The kinds of repair to which a text belongs.</summary>
    private static IEnumerable<string> Kinds(string repair) =>
        repairs.Where(kind => Regex.IsMatch(repair, kind.Pattern)).Select(kind => kind.Pattern);

    /// <summary>A generator of arguments; null for types that are not mathematics.</summary>
    private static Gen<object?>? Argument(Type type) => type switch
    {
        _ when type == typeof(Node) => node.Select(x => (object?)x),
        _ when type == typeof(Shape) => shape.Select(s => (object?)s),
        _ when type == typeof(int) => number.Select(n => (object?)n),
        _ when type == typeof(int?) => Gen.OneOf(number.Select(n => (object?)n), Gen.Constant<object?>(null)),
        _ when type == typeof(int[]) => number.ArrayOf().Select(axes => (object?)axes),
        _ when type == typeof(uint) => Gen.Choose(0, 9).Select(n => (object?)(uint)n),
        _ when type == typeof(double) => Gen.Elements(-1, 0, 0.5, 1, double.NaN, double.PositiveInfinity).Select(v => (object?)v),
        _ when type == typeof(bool) => Gen.Elements(true, false).Select(flag => (object?)flag),
        _ when type == typeof(string) => Gen.Constant<object?>("name"),
        _ when type == typeof(Tensor) => Gen.Elements(Tensor.Of(1), Tensor.Of([1, 2.5])).Select(t => (object?)t),
        { IsEnum: true } => Gen.Elements(Enum.GetValues(type).Cast<object?>().ToArray()),
        _ when type == typeof(Padding) => Gen.OneOf(
            Gen.Elements<object?>(null, Padding.Same, Padding.Full, Padding.Valid, (Padding)1, (Padding)int.MaxValue),
            from before in shape
            from after in shape
            select (object?)Padding.Of(before, after)),
        _ => null,
    };

    private static IEnumerable<MethodInfo> Functions() => typeof(Functions).GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Where(method => method.ReturnType == typeof(Node)
            && method.GetParameters().All(parameter => Argument(parameter.ParameterType) is not null));

    private sealed record Call(MethodInfo Function, object?[] Arguments)
    {
        public Node Make() => (Node)Function.Invoke(null, BindingFlags.DoNotWrapExceptions, null, Arguments, null)!;

        /// <summary>The calls that a repair makes of this one.</summary>
        public IEnumerable<Call> Repaired(string repair)
        {
            foreach (var (pattern, argument) in repairs)
            {
                if (Regex.Match(repair, pattern) is { Success: true } match)
                {
                    int[] numbers = [.. Regex.Matches(match.Groups[1].Value, @"-?\d+")
                        .Select(number => int.Parse(number.Value, CultureInfo.InvariantCulture))];
                    object?[] repaired = [.. Function.GetParameters()
                        .Select((parameter, i) => argument(parameter, Arguments[i], numbers))];
                    if (repaired.Any(one => one is not null))
                    {
                        yield return new(Function, [.. repaired.Select((one, i) => one ?? Arguments[i])]);
                    }
                }
            }
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Function.Name}({string.Join(", ", Arguments)})");
    }
}
