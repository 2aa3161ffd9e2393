using System.Collections.Immutable;
using System.Text;

namespace AutoDiffCnn;

/// <summary>A compiled graph: steps, and a place in memory for everything.
/// It holds no values; a <see cref="Session"/> does.</summary>
/// <example><code>
/// var x = Variable("x", [3]);
/// var plan = Cpu.Compile([Sum(x * x)]);
/// Console.WriteLine(plan.Print());
/// plan.Has(x) // True
/// </code></example>
public sealed class Plan
{
    private readonly Dictionary<Node, Kept> variables;
    private readonly Dictionary<Node, Kept> known;
    private readonly HashSet<Node> states;

    internal Plan(Arrangement arrangement, BufferTable table, ImmutableArray<Step> steps, ImmutableArray<Wave> waves,
        ImmutableArray<long> offsets, long arenaBytes)
    {
        (Graph, Outputs, Table) = (arrangement.Graph, [.. arrangement.Wanted.Select(wanted => wanted.Given)], table);
        variables = arrangement.Variables.ToDictionary(kept => kept.Given);

        states = [.. arrangement.State];

        // A state that is wanted too is asked for as an output: what it was before the run.
        known = new(variables);
        foreach (var wanted in arrangement.Wanted)
        {
            known[wanted.Given] = wanted;
        }

        (Steps, Waves, Offsets, ArenaBytes) = (steps, waves, offsets, arenaBytes);
        ScratchBytes = steps.IsEmpty ? 0 : steps.Max(step => step.Scratch) * (long)sizeof(float);
    }

    /// <summary>The graph that is computed, simplified, with images and weights in the order that suits the
    /// kernels.</summary>
    public Graph Graph { get; }

    /// <summary>The wanted nodes.</summary>
    public ImmutableArray<Node> Outputs { get; }

    /// <summary>The memory for values, in bytes: leaves, state, and whatever lives at the same time.</summary>
    public long ArenaBytes { get; }

    /// <summary>The working memory of each thread, in bytes.</summary>
    public long ScratchBytes { get; }

    /// <summary>The variables, and the state, as the user gives them.</summary>
    internal IEnumerable<Node> Variables => variables.Keys;

    internal BufferTable Table { get; }

    internal ImmutableArray<Step> Steps { get; }

    /// <summary>The steps as they run beside each other.</summary>
    internal ImmutableArray<Wave> Waves { get; }

    internal ImmutableArray<long> Offsets { get; }

    /// <summary>How a batch goes through some steps a few images at a time; null if it does not.</summary>
    internal Rounds? Rounds { get; init; }

    /// <summary>Exactly what a session takes, in bytes, before <see cref="Session.Reals"/> is asked for what the plan
    /// keeps in another order:
    /// that takes its own size once more.</summary>
    public long PeakBytes(int threads) => ArenaBytes + threads * ScratchBytes;

    /// <summary>Memory and threads to run the plan with.</summary>
    /// <param name="threads">How many threads; 0 for as many as the process may use.</param>
    /// <param name="ranks">How to add up over others that run the same plan; none if it runs alone.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or above 1,024.</exception>
    public Session Start(int threads = 0, IRanks? ranks = null) => new(this, threads, ranks);

    /// <summary>The steps in order, and the memory, before anything runs. A step with a + runs beside the one before.
    /// </summary>
    public string Print()
    {
        var text = new StringBuilder();
        var beside = Waves.SelectMany(wave => wave.Strands).Where(strand => strand.Length > 0)
            .Select(strand => strand[0]).ToHashSet();
        beside.ExceptWith(Waves.Select(wave => wave.Strands is [var first, ..] ? first[0] : -1));
        var turns = Waves.SelectMany(wave => wave.Strands).SelectMany(strand => strand).CountBy(step => step).ToDictionary();
        for (var i = 0; i < Steps.Length; i++)
        {
            var pieces = Steps[i].Pieces == 1 ? "" : $"  in {Steps[i].Pieces} pieces";
            var times = turns[i] == 1 ? "" : $"  {turns[i]} times";
            text.Append($"{i,4}{(beside.Contains(i) ? '+' : ' ')} {Steps[i].Text}{pieces}{times}\n");
        }

        var persistent = Table.Buffers.Where(buffer => buffer.Persistent).Sum(buffer => buffer.Floats * sizeof(float));
        var unshared = Table.Buffers.Where(buffer => buffer.IsPassing).Sum(buffer => buffer.Floats * sizeof(float));
        text.Append("memory\n");
        for (var i = 0; i < Table.Buffers.Count; i++)
        {
            var buffer = Table.Buffers[i];
            var kept = buffer.Persistent ? ", kept" : buffer.Whole is { } whole ? $", of {Table.Buffers[whole].Name}" : "";
            text.Append($"{Offsets[i],12}  {buffer.Floats * sizeof(float),10} bytes  {buffer.Name}{kept}\n");
        }

        return text
            .Append($"arena {ArenaBytes} bytes ({persistent} kept; ")
            .Append($"{unshared} of intermediates share {ArenaBytes - persistent}), ")
            .Append($"{ScratchBytes} bytes a thread")
            .ToString();
    }

    /// <summary>Whether the plan has such a variable; one on which nothing depends it has not.</summary>
    public bool Has(Node variable) => variables.ContainsKey(variable);

    /// <summary>Where a buffer lies in a round, in bytes.</summary>
    internal long Offset(int buffer, int round) => Offsets[buffer] + (Table.Buffers[buffer] is { Whole: not null, Floats: var floats }
        ? Rounds!.First(round) * (floats / Rounds.Images) * sizeof(float) : 0);

    /// <summary>Whether runs change a value: a state's or an output's.</summary>
    internal bool IsChanging(Node node) => node.Op is not Variable || states.Contains(node);

    /// <summary>How a variable, a state or an output is kept.</summary>
    internal Kept Find(Node node) => known.GetValueOrDefault(node) ?? throw new BindingError(
        $"{node.Op.Name} {node.Shape} is neither a variable nor an output of this plan.");
}
