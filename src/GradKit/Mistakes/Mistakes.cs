using System.Collections.Immutable;
using System.Globalization;

namespace AutoDiffCnn;

/// <summary>The name of a mistake, found by trying: what would the gradient be if it had been made?</summary>
internal static class Mistakes
{
    private const int Most = 100;

    /// <summary>The first classic mistake that explains everything that was seen; null if none does.</summary>
    public static string? Of(Property property, Case at, Op? op, Key key, Verdict verdict) => property switch
    {
        _ when property == Property.Repeatable => verdict.Text.Contains("wrote into", StringComparison.Ordinal)
            ? "aliasing, it writes into its input"
            : "a stale cache, it remembers what it saw before",
        _ when property == Property.Shapes => op is null ? null : WrongShape(at),
        _ when property == Property.Linear => IsDeaf(at, key) ? "the cotangent is ignored" : "not linear in the cotangent",
        _ when property == Property.Differences2 && op is not null => "a value baked in, the rule is right but its own derivative is not",
        _ when property == Property.Differences && verdict.AtKink => Ties(at, key),
        _ when property == Property.Differences && op is not null => Wrong(at, key),
        _ => null,
    };

    private static string? WrongShape(Case at)
    {
        var parts = at.Output.Op.VjpAll(at.Output, Variable("dy", at.Output.Shape));
        return Enumerable.Range(0, parts.Length).Any(i => parts[i] is { } part && part.Shape.Elements > at.Output.Inputs[i].Shape.Elements)
            ? "not summed over the axes along which it was repeated, such as a bias over the batch"
            : null;
    }

    private static bool IsDeaf(Case at, Key key)
    {
        var u = Directions.Cotangent(at.Output.Shape, key);
        return at.Run(Directions.Pulled(at, u)).SequenceEqual(at.Run(Directions.Pulled(at, u.Map(value => 3 * value))));
    }

    /// <summary>At a tie, the sum of what would be right on each side.</summary>
    private static string? Ties(Case at, Key key)
    {
        for (var k = 0; k < Math.Min(at.Output.Shape.Elements, Most); k++)
        {
            var sides = Kinks.PointsAround(at, key).Select(point => Flat(Kinks.Row(point, k)))
                .DistinctBy(row => string.Join(" ", row.Select(value => Math.Round(value, 2)))).ToArray();
            var sum = Enumerable.Range(0, sides[0].Length).Select(i => sides.Sum(side => side[i]));
            if (sides.Length > 1 && Flat(Kinks.Row(at, k)).Zip(sum, (a, b) => Math.Abs(a - b) < 0.05 * (1 + Math.Abs(b))).All(same => same))
            {
                return "ties counted twice";
            }
        }

        return null;

        static double[] Flat(ImmutableArray<Tensor> row) => [.. row.SelectMany(tensor => tensor.ToDoubles())];
    }

    private static string? Wrong(Case at, Key key)
    {
        if (at.Inputs.Sum(input => input.Value.Count) > Most)
        {
            return null;
        }

        // At values of no symmetry, so that it is no accident what fits; where it is right there, here.
        var op = at.Output.Op;
        Case[] asides = [.. Enumerable.Range(0, 2).Select(n => at.At((x, value) => key.FoldIn($"{x.Op.Name} {n}").Uniform(value.Shape, 0.3, 1.7)))];
        var seen = Seen(asides, key);
        if (!seen.Any(one => Enumerable.Range(0, at.Inputs.Length).Any(one.IsWrong)))
        {
            seen = Seen([at], key);
        }

        for (var i = 0; i < at.Inputs.Length; i++)
        {
            var wrong = seen.Where(one => one.IsWrong(i)).ToArray();
            if (wrong.Length > 0)
            {
                return Hypotheses(op, wrong[0], i).FirstOrDefault(hypothesis =>
                    wrong.All(one => hypothesis.Predicts(one) is { } predicted && Observation.Near(one.Given[i], predicted))).Name
                    ?? Factor(wrong, i);
            }
        }

        return null;
    }

    private static Observation[] Seen(Case[] cases, Key key) => [.. cases
        .Where(at => Directions.AreFinite([.. at.Run([at.Output, .. Directions.Pulled(at, Zeros(at.Output.Shape))])]))
        .Select((at, n) => Observation.Of(at, Directions.Cotangent(at.Output.Shape, key.FoldIn((uint)n))))];

    private static IEnumerable<(string Name, Func<Observation, Tensor?> Predicts)> Hypotheses(Op op, Observation first, int i)
    {
        var inputs = first.Values.Length;
        for (var j = 0; j < inputs; j++)
        {
            var other = j;
            yield return ($"inputs {Math.Min(i, j)} and {Math.Max(i, j)} exchanged", one =>
                other != i && Observation.Near(one.Given[other], one.Measured(i)) ? one.Measured(other) : null);
        }

        yield return ($"nothing passes to input {i}", one => Tensor.Fill(one.Values[i].Shape, 0));
        yield return ("the wrong sign", one => one.Measured(i).Map(value => -value));
        for (var j = 0; j < inputs; j++)
        {
            var other = j;
            if (j != i)
            {
                for (var axes = first.Values[j].Shape.Rank; axes > 0; axes--)
                {
                    var last = axes;
                    yield return ($"kernel not rotated, input {j} should be turned by 180 degrees",
                        one => one.With(at: one.Values.SetItem(other, Change.Turned(one.Values[other], last))).Measured(i));
                }

                yield return ($"wrong axis, input {j} is transposed", one =>
                    Change.Transposed(one.Values[other]) is { } turned ? one.With(at: one.Values.SetItem(other, turned)).Measured(i) : null);
            }
        }

        for (var axes = first.Given[i].Shape.Rank; axes > 0; axes--)
        {
            var last = axes;
            yield return ("turned by 180 degrees", one => Change.Turned(one.Measured(i), last));
        }

        yield return ("wrong axis, the gradient is transposed", one => Change.Transposed(one.Measured(i)));
        yield return ("the slope at y instead of x", one =>
            one.Y is var y && y.Shape == one.Values[i].Shape ? one.With(at: one.Values.SetItem(i, y)).Measured(i) : null);
        foreach (var (name, other) in Change.Attributes(op))
        {
            yield return (name, one => As(other, one, i));
        }

        foreach (var (name, change) in Change.Parts(first.U.Shape))
        {
            yield return (name, one => one.With(u: change(one.U)).Measured(i));
        }

        foreach (var (name, change) in Change.Shifts(first.Given[i].Shape))
        {
            yield return ($"off by one, {name}", one => change(one.Measured(i)));
        }

        foreach (var (name, change) in Change.Shifts(first.U.Shape))
        {
            yield return ($"off by one, the cotangent {name}", one => one.With(u: change(one.U)).Measured(i));
        }
    }

    /// <summary>What another op would pass back, with the cotangent in the corner of its result.</summary>
    private static Tensor? As(Op other, Observation one, int i)
    {
        try
        {
            Func<ImmutableArray<Node>, Node> f = other.Apply;
            var y = one.With(f).Y;
            return Change.Cornered(one.U, y.Shape) is { } u ? one.With(f, u: u).Measured(i) : null;
        }
        catch (MisfitError)
        {
            return null;
        }
    }

    /// <summary>A number by which the gradient is wrong throughout: 1/n if a mean was taken for a sum.</summary>
    private static string? Factor(Observation[] wrong, int i)
    {
        var factors = wrong.SelectMany(one => one.Given[i].ToDoubles().Zip(one.Measured(i).ToDoubles())
            .Where(pair => Math.Abs(pair.Second) > 1e-9).Select(pair => pair.First / pair.Second)).ToArray();
        if (factors.Length == 0 || factors.Any(factor => Math.Abs(factor - factors[0]) > 1e-4 * Math.Abs(factors[0])))
        {
            return null;
        }

        var factor = factors[0];
        var isReduction = wrong[0].Values[i].Shape.Elements != wrong[0].U.Shape.Elements;
        return isReduction && IsCount(1 / factor) ? $"mean for sum, a factor of 1/{Text(1 / factor)}"
            : isReduction && IsCount(factor) ? $"sum for mean, a factor of {Text(factor)}"
            : $"the gradient is {Text(factor)} times what it should be";

        static bool IsCount(double n) => n > 1.5 && Math.Abs(n - Math.Round(n)) < 1e-4 * n;

        static string Text(double number) => number.ToString("G4", CultureInfo.InvariantCulture);
    }
}
