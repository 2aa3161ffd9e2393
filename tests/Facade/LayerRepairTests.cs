using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>Whatever a layer is made of and applied to, it is built, or refused with its path, the numbers and the way
/// up to there; each repair that the error offers is applied, and the mistake is gone.</summary>
public sealed class LayerRepairTests
{
    private static readonly Gen<int> number = Gen.Frequency(
        (12, Gen.Choose(0, 4)), (3, Gen.Choose(-3, -1)), (1, Gen.Elements(65_536, int.MaxValue, int.MinValue)));

    // Few sizes that no array could hold: where a border is computed, they would cost memory.
    private static readonly Gen<Shape> shape = Gen.Frequency((14, Gen.Choose(1, 9)), (2, Gen.Constant(0)))
        .ArrayOf().Where(sizes => sizes.Length < 6).Select(Shape.From);

    private static readonly Gen<PerAxis> perAxis = Gen.OneOf(
        number.Select(n => (PerAxis)n), number.ArrayOf().Where(many => many.Length < 4).Select(many => PerAxis.Of(many)));

    private static readonly Gen<Layer> layer = Gen.Elements(
        Identity, Dense(3), Conv2D(4, 3), Conv2D(4, 1, stride: 2), Layer.Of(Flatten), Layer.Of(Relu), GlobalAvgPool);

    public static TheoryData<string> Names { get; } = [.. All().Select(method => method.Name).Distinct()];

    [Theory, MemberData(nameof(Names))]
    public void Any_layer_on_any_input_is_built_or_refused_with_repairs_that_work(string name)
    {
        foreach (var method in All().Where(method => method.Name == name))
        {
            var arguments = method.GetParameters().Aggregate(Gen.Constant(Array.Empty<Argument>()), (before, parameter) =>
                from some in before
                from next in Of(parameter)
                select (Argument[])[.. some, new(parameter.Name!, parameter.ParameterType, next)]);
            Law.ForAll(
                from input in shape
                from some in arguments
                from mode in Gen.Elements(Mode.Eval, Mode.Train)
                select new Call(method, [new("x", typeof(Node), Variable("x", input)), .. some], mode), Answers, times: 150);
        }
    }

    private static void Answers(Call call)
    {
        if (call.Error() is not { } error)
        {
            return;
        }

        // What is wrong with a part is told of the part, which has its own turn.
        if (call.Arguments.Any(at => at.Value is Layer or Layer[]) && !error.Place.Contains($": {call.Layer} on ", StringComparison.Ordinal))
        {
            return;
        }

        Assert.NotEmpty(error.Repairs);
        Assert.Matches(@"^(\w+\.)*\w+: \S.* on \[", error.Place);
        Assert.StartsWith("input [", error.Trail, StringComparison.Ordinal);
        foreach (var repair in error.Repairs)
        {
            var repaired = call.Repaired(repair);
            Assert.True(repaired is not null, $"{call}: {error.Message}\n{repair}: it cannot be applied.");

            // There may be other mistakes, of several branches also others of a kind; this one is mended.
            var other = repaired.Error();
            Assert.False(other is not null && Repairs.Mistake(other.Reason) == Repairs.Mistake(error.Reason)
                    && !(call.Arguments.Any(at => at.Value is Layer[]) && !other.Repairs.SequenceEqual(error.Repairs)),
                $"{call}: {error.Message}\n{repair}: {repaired}: {other?.Message}");
        }
    }

    private static Gen<object?> Of(ParameterInfo parameter) => parameter.ParameterType switch
    {
        // As many layers are made.
        _ when parameter.Name == "times" && parameter.ParameterType == typeof(int) => Gen.Choose(0, 3).Select(n => (object?)n),
        var type when type == typeof(int) => number.Select(n => (object?)n),
        var type when type == typeof(double) => Gen.Elements<object?>(0.0, 0.5, 1.0),
        var type when type == typeof(bool) => Gen.Elements<object?>(true, false),
        var type when type == typeof(string) => Gen.Constant<object?>("name"),
        // Weights and positions are made for so many pixels.
        _ when parameter.Name is "size" or "times" && parameter.ParameterType == typeof(PerAxis) =>
            Gen.Choose(-1, 9).ArrayOf().Where(many => many.Length < 4).Select(many => (object?)PerAxis.Of(many)),
        var type when type == typeof(PerAxis) => perAxis.Select(n => (object?)n),
        var type when type == typeof(PerAxis?) => Gen.OneOf(perAxis.Select(n => (object?)n), Gen.Constant<object?>(null)),
        var type when type == typeof(Padding) => Gen.OneOf(
            Gen.Elements([Padding.Same, Padding.Full, Padding.Valid, (Padding)1, (Padding)int.MaxValue, .. Omitted(parameter)]),
            from before in shape
            from after in shape
            select (object?)Padding.Of(before, after)),
        var type when type == typeof(Layer) => layer.Select(one => (object?)one),
        var type when type == typeof(Layer[]) => layer.ArrayOf().Where(some => some.Length < 4).Select(some => (object?)some),
        var type when type == typeof(Func<Node, Node, Node>) => Gen.Constant<object?>((Func<Node, Node, Node>)Maximum),
        { IsEnum: true } type => Gen.Elements(Enum.GetValues(type).Cast<object?>().ToArray()),
        _ => Gen.Constant<object?>(null),
    };

    /// <summary>Null for an argument that may be left out.</summary>
    private static object?[] Omitted(ParameterInfo parameter) => parameter.HasDefaultValue ? [null] : [];

    private static IEnumerable<MethodInfo> All() => typeof(Layers).GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Where(method => method.ReturnType == typeof(Layer));

    /// <summary>A layer on an input, which is the first argument.</summary>
    private sealed record Call(MethodInfo Method, Argument[] Arguments, Mode Mode)
    {
        public Layer Layer => (Layer)Method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [.. Arguments[1..].Select(at => at.Value)], null)!;

        public MisfitError? Error()
        {
            try
            {
                Layer.Build(((Node)Arguments[0].Value!).Shape, Mode);
                return null;
            }
            catch (MisfitError error) when (error.Trail.Length > 0)
            {
                return error;
            }
            catch (ArgumentException error) when (error.TargetSite!.DeclaringType!.Namespace!.StartsWith("AutoDiffCnn", StringComparison.Ordinal))
            {
                // Refused before there is an input: a rate, a padding below 0, no layer at all.
                return null;
            }
        }

        public Call? Repaired(string repair) => repair switch
        {
            _ when Regex.Match(repair, @"^a shortcut Conv(\d)D\((\d+), 1(?:, stride: (\d+))?\)$") is { Success: true } match =>
                With("shortcut", Pointwise(match.Groups[1].Value, Number(match, 2), match.Groups[3].Success ? Number(match, 3) : 1)),
            _ when Regex.Match(repair, @"^a shortcut Dense\((\d+)\)$") is { Success: true } match => With("shortcut", Dense(Number(match, 1))),
            _ when repair.StartsWith("a shortcut that keeps", StringComparison.Ordinal) => With("shortcut", Identity),
            _ when Regex.Match(repair, @"^a body that gives \[(.*)\]$") is { Success: true } match =>
                With("body", Layer.Of(_ => Zeros(Shape.From(Regex.Matches(match.Groups[1].Value, @"\d+").Select(size => Number(size, 0)))))),
            _ when Regex.IsMatch(repair, @"^Reshape to .* behind it$") => With("branches", ((Layer[])Arguments[1].Value!)
                .Select(branch => branch >> Layer.Of(y => y.Shape.Rank < 2 ? Reshape(y, [1, (int)y.Shape.Elements]) : y)).ToArray()),
            _ when Arguments.FirstOrDefault(at => at.Value is Layer[]) is { } many && Repairs.Exchange(repair) is var (from, to) =>
                With(many.Name, ((Layer[])many.Value!).Select(branch => branch >> Layer.Of(y => y.Shape == from ? Zeros(to) : y)).ToArray()),
            "at least one input" => With("branches", new[] { Identity }),
            _ => Repairs.Apply(repair, Inputs) is { } values
                ? this with { Arguments = [.. Arguments.Select((at, i) => at with { Value = values[i] ?? at.Value })] } : Longer?.Repaired(repair),
        };

        /// <summary>The same call with more arguments, which are as they were by default.</summary>
        private Call? Longer => typeof(Layers).GetMethods().Where(method => method.Name == Method.Name
                && method.GetParameters().Length >= Arguments.Length && method.ReturnType == typeof(Layer)
                && method.GetParameters().Zip(Arguments[1..]).All(pair => pair.First.ParameterType == pair.Second.Type))
            .OrderBy(method => method.GetParameters().Length).Select(method => this with
            {
                Method = method,
                Arguments = [.. Arguments, .. method.GetParameters()[(Arguments.Length - 1)..].Select(parameter => new Argument(
                    parameter.Name!, parameter.ParameterType, parameter.Name == "stride" ? Arguments.Single(at => at.Name == "kernel").Value : null))],
            }).FirstOrDefault();

        /// <summary>Of branches it is theirs that are to fit, and not the input.</summary>
        private Argument[] Inputs => Arguments.Any(at => at.Value is Layer[]) ? [new("", typeof(Node), null), .. Arguments[1..]] : Arguments;

        private static int Number(System.Text.RegularExpressions.Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

        private static Layer Pointwise(string rank, int channels, int stride) => rank switch
        {
            "1" => Conv1D(channels, 1, stride: stride),
            "2" => Conv2D(channels, 1, stride: stride),
            _ => Conv3D(channels, 1, stride: stride),
        };

        private Call With(string name, object value) =>
            this with { Arguments = [.. Arguments.Select(at => at.Name == name ? at with { Value = value } : at)] };

        public override string ToString() => $"{Method.Name}({string.Join(", ", Arguments.Select(at => $"{at.Name}: {Text(at.Value)}"))})";

        private static string Text(object? value) => value switch
        {
            Node x => $"{x.Shape}",
            Layer[] some => $"[{string.Join(", ", some.AsEnumerable())}]",
            _ => $"{value}",
        };
    }
}
