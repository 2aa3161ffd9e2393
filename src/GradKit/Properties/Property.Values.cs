using System.Collections.Immutable;

namespace AutoDiffCnn;

// What holds for every value, whoever computes it.
public sealed partial record Property
{
    /// <summary>No hidden state.</summary>
    public static Property Repeatable { get; } = new("repeatable",
        "running twice gives the same bits and leaves the inputs alone")
    { Checks = CheckRepeatable };

    /// <summary>Vmap is the loop.</summary>
    public static Property Vmapped { get; } = new("vmap",
        "Vmap gives what a loop over the examples gives, to 1e-9 of the largest value")
    { Checks = CheckVmap };

    /// <summary>Passes change nothing.</summary>
    public static Property Rewritten { get; } = new("rewritten",
        "simplifying changes no value and no gradient, to 1e-9 of the largest value")
    { Checks = CheckRewritten };

    /// <summary>The two executors agree.</summary>
    public static Property OnCpu { get; } = new("cpu",
        "Cpu gives what Reference gives, to 16 times what rounding each value and intermediate to single precision "
        + "changes, and 1e-5 of the largest value")
    { Checks = CheckCpu, Every = 2 };

    /// <summary>The same bits with any number of threads.</summary>
    public static Property Threads { get; } = new("threads",
        "Cpu gives the same bits with 1, 2 and 3 threads")
    { Checks = CheckThreads, Every = 8 };

    /// <summary>Two ways to say one thing.</summary>
    public static Property Same { get; } = new("same",
        "both sides have the same values and gradients, to 1e-9 of the largest term")
    { Checks = CheckSame };

    /// <summary>What is computed for a case: its value and its gradients.</summary>
    private static ImmutableArray<Node> Wanted(Case at, Key key) => at.Varied.IsEmpty || at.Output.Kind == Kind.Index
        ? [at.Output]
        : [at.Output, .. Directions.Pulled(at, Directions.Cotangent(at.Output.Shape, key.FoldIn("u")))];

    private static Verdict CheckRepeatable(Case at, Key key)
    {
        // An op that writes into what another op computed shows only alone.
        var parts = Parts.Of(at).Select(part => CheckRepeatable(part, key, [part.Output]));
        return parts.Prepend(CheckRepeatable(at, key, Wanted(at, key))).FirstOrDefault(verdict => verdict.IsFalse) ?? Verdict.Holds;
    }

    private static Verdict CheckRepeatable(Case at, Key key, ImmutableArray<Node> wanted)
    {
        var copies = at.Inputs.Select(input => input.Value.Map(value => value)).ToArray();
        var first = at.Run(wanted).Select(value => value.Map(number => number)).ToArray();
        var spoilt = at.Inputs.Zip(copies).Where(pair => !Bits(pair.First.Value, pair.Second)).ToArray();
        if (spoilt.Length > 0)
        {
            return Verdict.False($"running wrote into {spoilt[0].First.Variable.Op.Name}");
        }

        // In between it is run elsewhere: what is kept from there must not show.
        Directions.Nearby(at, key).Run(wanted);
        return at.Run(wanted).Zip(first, Bits).All(same => same)
            ? Verdict.Holds
            : Verdict.False("run again at the same values it gave others: something is kept between runs");
    }

    private static Verdict CheckVmap(Case at, Key key)
    {
        if (at.Varied.IsEmpty || at.Output.Kind == Kind.Index)
        {
            return Verdict.Holds;
        }

        var x = at.Varied[(int)(key.Bits(7) % at.Varied.Length)];
        Case[] examples = [at, Directions.Nearby(at, key.FoldIn("vmap"))];
        var batch = Tensor.Stack([.. examples.Select(each => each.Bindings[x])]);
        Node mapped;
        try
        {
            mapped = Vmap(one => Substitution.Put(at.Output, x, one))(batch);
        }
        catch (GraphError error)
        {
            return Verdict.None(error.Message);
        }

        var all = at.Run(mapped)[0];
        var loop = Tensor.Stack([.. examples.Select(each => at.At((node, value) => node == x ? each.Bindings[x] : value).Run(at.Output)[0])]);
        return Apart([all], [loop], 1e-9) is { } why ? Verdict.False($"Vmap {why}") : Verdict.Holds;
    }

    private static Verdict CheckRewritten(Case at, Key key)
    {
        var wanted = Wanted(at, key);
        var simple = Verify.Check(new Graph(wanted).Simplify());
        return Apart(at.Run(simple.Outputs), at.Run(wanted), 1e-9) is { } why
            ? Verdict.False($"simplified {why}")
            : Verdict.Holds;
    }

    private static Verdict CheckSame(Case at, Key key)
    {
        if (at.Twin is not { } twin)
        {
            return Verdict.Holds;
        }

        var left = Wanted(at, key);
        var right = left.Length == 1
            ? [twin]
            : Wanted(new Case(twin, at.Inputs) { Held = at.Held }, key);
        var values = at.Run([.. left, .. right]);
        return !Directions.AreFinite(values) ? Verdict.None("not finite here")
            : Apart([.. values[..left.Length]], [.. values[left.Length..]], 1e-9) is { } why ? Verdict.False($"one side {why}")
            : Verdict.Holds;
    }

    /// <summary>Where values are further apart than a part of the largest of them; null if nowhere.</summary>
    private static string? Apart(IReadOnlyList<Tensor> given, IReadOnlyList<Tensor> expected, double bound)
    {
        for (var i = 0; i < given.Count; i++)
        {
            if (given[i].Shape != expected[i].Shape)
            {
                return $"has {given[i].Shape}, expected {expected[i].Shape}";
            }

            var most = Most(expected[i].Map(value => double.IsFinite(value) ? value : 0));
            for (var k = 0; k < given[i].Count; k++)
            {
                var (got, wanted) = (given[i].At(k), expected[i].At(k));
                if (!got.Equals(wanted) && !(Math.Abs(got - wanted) <= bound * most))
                {
                    return $"gave {Judge.Text(got)}, expected {Judge.Text(wanted)}{(i > 0 ? $", in gradient {i - 1}" : "")}";
                }
            }
        }

        return null;
    }

    private static bool Bits(Tensor a, Tensor b) => a.Equals(b);
}
