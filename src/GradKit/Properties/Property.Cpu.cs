using System.Collections.Immutable;

namespace AutoDiffCnn;

// What holds for the compiler.
public sealed partial record Property
{
    private static Verdict CheckCpu(Case at, Key key)
    {
        var single = Singles(at);
        var wanted = Wanted(at, key);
        if (single.Run(new Graph(wanted).Nodes).Any(IsOutOfRange))
        {
            return Verdict.None("out of the range of single precision");
        }

        var expected = single.Run(wanted);
        var simple = new Graph(wanted).Simplify().Outputs;
        Tensor[][] rounded = [.. Enumerable.Range(0, 3).Select(i => Rounding.Run(single, simple, 1.0 / (1 << 24), key.FoldIn((uint)i), inputs: true))];
        var given = Cpu.Run(wanted, Reals(single, wanted));
        for (var i = 0; i < wanted.Length; i++)
        {
            var most = Most(expected[i]);
            for (var k = 0; k < expected[i].Count; k++)
            {
                // What a rounding can push over a jump has no bound.
                var (exact, got) = (expected[i].At(k), given[i].At(k));
                var noise = rounded.Max(run => Math.Abs(run[i].At(k) - exact));
                if (double.IsFinite(noise) && !(Math.Abs(got - exact) <= 16 * noise + 1e-5 * most + 1e-30))
                {
                    return Verdict.False($"Cpu gave {Judge.Text(got)}, Reference {Judge.Text(exact)}"
                        + (i > 0 ? $", in gradient {i - 1}" : ""));
                }
            }
        }

        return Verdict.Holds;
    }

    /// <summary>Whether a value, or its square, is infinite or denormal in single precision.</summary>
    private static bool IsOutOfRange(Tensor x)
    {
        for (var i = 0; i < x.Count; i++)
        {
            if (x.At(i) != 0 && Math.Abs(x.At(i)) is not (> 1e-30 and < 1e30))
            {
                return true;
            }
        }

        return false;
    }

    private static Verdict CheckThreads(Case at, Key key)
    {
        var wanted = Wanted(at, key);
        var values = Reals(Singles(at), wanted);
        var plan = Cpu.Compile(wanted);
        var runs = Enumerable.Range(1, 3).Select(threads =>
        {
            using var session = plan.Start(threads);
            foreach (var (variable, value) in values)
            {
                session.Set(variable, value);
            }

            session.Run();
            return wanted.Select(node => session.Get(node)).ToArray();
        }).ToArray();
        return runs.All(run => run.Zip(runs[0], Bits).All(same => same))
            ? Verdict.Holds
            : Verdict.False("Cpu gave other bits with another number of threads");
    }

    /// <summary>The same values as Cpu gets to see them.</summary>
    internal static Case Singles(Case at) => at with
    {
        Inputs = [.. at.Inputs.Select(input => (input.Variable,
            input.Variable.Kind == Kind.Real ? input.Value.Map(value => (float)value) : input.Value))],
    };

    private static Dictionary<Node, Tensor> Reals(Case at, ImmutableArray<Node> wanted)
    {
        var used = new Graph(wanted).Variables.ToHashSet();
        return at.Bindings.Where(pair => used.Contains(pair.Key)).ToDictionary();
    }
}
