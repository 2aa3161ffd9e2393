using System.Collections.Immutable;
using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>Gradients, attacked: random shapes, attributes, values and graphs against the properties that every right
/// gradient has. A failure is shrunk, blamed on one op, and printed as C# that shows it again.</summary>
/// <example><code>
/// GradKit.Check(x => x * Tanh(Softplus(x)));
/// GradKit.Attack(x => x * Tanh(Softplus(x))).Holds // True
/// </code></example>
public static class GradKit
{
    private const int Size = 30;

    /// <summary>Attacks a function of one node.</summary>
    /// <exception cref="FalsifiedError">A property does not hold; the message is the whole report.</exception>
    public static void Check(Func<Node, Node> f, Budget? budget = null) => Check(Subject.Of(f), budget);

    /// <summary>Attacks an op, random graphs, a law, a function of some shapes, a model's output.</summary>
    /// <exception cref="FalsifiedError">A property does not hold; the message is the whole report.</exception>
    public static void Check(Subject subject, Budget? budget = null) => Attack(subject, budget).ThrowIfFalsified();

    /// <summary>Checks a node at these values of its variables: all properties, along eight directions.</summary>
    /// <exception cref="FalsifiedError">A property does not hold; the message is the whole report.</exception>
    public static void Check(Node output, params (Node Variable, Tensor Value)[] values) =>
        Check(new Subject(output.Op.Name, Gen.Constant(new Case(output, [.. values]))), new Budget(Cases: 8));

    /// <summary>Attacks a function of one node, on shapes that it accepts.</summary>
    public static Report Attack(Func<Node, Node> f, Budget? budget = null) => Attack(Subject.Of(f), budget);

    /// <summary>Attacks a subject until the budget is spent or a property falls.</summary>
    /// <param name="subject">What.</param>
    /// <param name="budget">How long; 100 cases if nothing is said.</param>
    /// <param name="progress">Told of each case that is done.</param>
    public static Report Attack(Subject subject, Budget? budget = null, IProgress<int>? progress = null)
    {
        budget ??= new Budget();
        var clock = Stopwatch.StartNew();
        var tally = new Tally(subject);
        for (var i = 0; i < budget.Cases && (i == 0 || clock.Elapsed.TotalSeconds < budget.Seconds); i++)
        {
            var seed = budget.Seed + i;
            if (Try(subject, seed, tally) is { } finding)
            {
                return tally.Report(subject, budget.Seed, finding);
            }

            progress?.Report(i + 1);
        }

        return tally.Report(subject, budget.Seed, null);
    }

    /// <summary>The case of a seed.</summary>
    internal static Case Draw(Subject subject, long seed)
    {
        var key = Key.Of(seed).FoldIn("case");
        var bits = ((ulong)key.Bits(0) << 32) | key.Bits(1);
        var gamma = ((ulong)key.Bits(2) << 32) | key.Bits(3) | 1;
        return subject.Cases.Sample(1, new Rnd(bits, gamma), Size)[0];
    }

    private static Finding? Try(Subject subject, long seed, Tally tally)
    {
        var (at, key) = (Draw(subject, seed), Key.Of(seed).FoldIn("directions"));
        foreach (var property in subject.Properties.Where(property => seed % property.Every == 0))
        {
            var verdict = property.Check(at, key);
            tally.Add(property, verdict);
            if (verdict.IsFalse)
            {
                return Finding.Of(property, at, key, seed, verdict);
            }
        }

        tally.Done();
        return null;
    }

    /// <summary>What was tried so far.</summary>
    private sealed class Tally(Subject subject)
    {
        private readonly Dictionary<Property, (int Held, int Silent)> counts = subject.Properties.ToDictionary(property => property, _ => (0, 0));
        private readonly SortedDictionary<string, int> notes = new(StringComparer.Ordinal);
        private int cases;

        public void Add(Property property, Verdict verdict)
        {
            var (held, silent) = counts[property];
            counts[property] = verdict.Ok is null ? (held, silent + 1) : (held + (verdict.Ok == true ? 1 : 0), silent);
            if (verdict.Ok is null)
            {
                notes[verdict.Text] = notes.GetValueOrDefault(verdict.Text) + 1;
            }
        }

        public void Done() => cases++;

        public Report Report(Subject subject, long seed, Finding? finding) => new(subject.Name, seed, cases + (finding is null ? 0 : 1),
            [.. counts.Select(pair => (pair.Key, pair.Value.Held, pair.Value.Silent))],
            notes.ToImmutableSortedDictionary(StringComparer.Ordinal), finding);
    }
}
