using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using AutoDiffCnn.Tests.Common;
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

        foreach (var repair in error.Repairs)
        {
            // There may be other mistakes, of several inputs also others of a kind; this one is mended.
            // Where another function tells of a mistake, between its results, there may be nothing to apply it to.
            var repaired = call.Repaired(repair);
            Assert.True(repaired is not null || call.Function.Name == "CrossCorrelate" || !Regex.IsMatch(error.Place, $@"^{call.Function.Name}\b"), $"{error.Message}\n{repair}: it cannot be applied.");
            var other = repaired is null ? null : Answers(repaired.Make);
            Assert.False(other is not null && Repairs.Mistake(other.Reason) == Repairs.Mistake(error.Reason)
                    && (call.Arguments.Count(at => at is Node) < 2 || other.Repairs.SequenceEqual(error.Repairs)),
                $"{error.Message}\n{repair}: {repaired}: {other?.Message}");
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

        /// <summary>The call that a repair makes of this one; null if it cannot be applied as it stands.</summary>
        /// <remarks>Kernels without channels are left out: what bounds a kernel's size is told of spatial axes.</remarks>
        public Call? Repaired(string repair) => Function.Name is not ("CrossCorrelate" or "Convolve") && Repairs.Apply(repair, [.. Function.GetParameters()
            .Zip(Arguments, (parameter, value) => new Argument(parameter.Name!, parameter.ParameterType, value))]) is { } repaired
                ? new(Function, repaired) : null;

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Function.Name}({string.Join(", ", Arguments)})");
    }
}
