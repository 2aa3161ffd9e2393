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
    internal Plan(Graph graph, IReadOnlyList<Node> outputs, ImmutableArray<(Node Variable, Node Next)> state,
        BufferTable table, ImmutableArray<Step> steps, ImmutableArray<Wave> waves, ImmutableArray<long> offsets,
        long arenaBytes)
    {
        (Graph, Outputs, State, Table) = (graph, [.. outputs], state, table);
        (Steps, Waves, Offsets, ArenaBytes) = (steps, waves, offsets, arenaBytes);
        ScratchBytes = steps.IsEmpty ? 0 : steps.Max(step => step.Scratch) * (long)sizeof(float);
    }

    /// <summary>The simplified graph that is computed.</summary>
    public Graph Graph { get; }

    /// <summary>The wanted nodes.</summary>
    public ImmutableArray<Node> Outputs { get; }

    /// <summary>The memory for values, in bytes: leaves, state, and whatever lives at the same time.</summary>
    public long ArenaBytes { get; }

    /// <summary>The working memory of each thread, in bytes.</summary>
    public long ScratchBytes { get; }

    internal ImmutableArray<(Node Variable, Node Next)> State { get; }

    internal BufferTable Table { get; }

    internal ImmutableArray<Step> Steps { get; }

    /// <summary>The steps as they run beside each other.</summary>
    internal ImmutableArray<Wave> Waves { get; }

    internal ImmutableArray<long> Offsets { get; }

    /// <summary>Exactly what a session takes, in bytes.</summary>
    public long PeakBytes(int threads) => ArenaBytes + threads * ScratchBytes;

    /// <summary>Memory and threads to run the plan with.</summary>
    /// <param name="threads">How many threads; 0 for as many as the process may use.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative or above 1,024.</exception>
    public Session Start(int threads = 0) => new(this, threads);

    /// <summary>The steps in order, and the memory, before anything runs. A step with a + runs beside the one before.
    /// </summary>
    public string Print()
    {
        var text = new StringBuilder();
        var beside = Waves.SelectMany(wave => wave.Strands).Where(strand => strand.Length > 0)
            .Select(strand => strand[0]).ToHashSet();
        beside.ExceptWith(Waves.Select(wave => wave.Strands is [var first, ..] ? first[0] : -1));
        for (var i = 0; i < Steps.Length; i++)
        {
            var pieces = Steps[i].Pieces == 1 ? "" : $"  in {Steps[i].Pieces} pieces";
            text.Append($"{i,4}{(beside.Contains(i) ? '+' : ' ')} {Steps[i].Text}{pieces}\n");
        }

        var persistent = Table.Buffers.Where(buffer => buffer.Persistent).Sum(buffer => buffer.Floats * sizeof(float));
        var unshared = Table.Buffers.Where(buffer => !buffer.Persistent).Sum(buffer => buffer.Floats * sizeof(float));
        text.Append("memory\n");
        for (var i = 0; i < Table.Buffers.Count; i++)
        {
            var buffer = Table.Buffers[i];
            var kept = buffer.Persistent ? ", kept" : "";
            text.Append($"{Offsets[i],12}  {buffer.Floats * sizeof(float),10} bytes  {buffer.Name}{kept}\n");
        }

        return text
            .Append($"arena {ArenaBytes} bytes ({persistent} kept; ")
            .Append($"{unshared} of intermediates share {ArenaBytes - persistent}), ")
            .Append($"{ScratchBytes} bytes a thread")
            .ToString();
    }

    /// <summary>Whether the plan has such a variable; one on which nothing depends it has not.</summary>
    public bool Has(Node variable) => variable.Op is Variable && Table.Has(variable);

    /// <summary>The buffer of a variable, a state or an output.</summary>
    internal int Buffer(Node node)
    {
        var output = Outputs.IndexOf(node);
        return output >= 0 ? Table[Graph.Outputs[output]]
            : Has(node) ? Table[node]
            : throw new BindingError($"{node.Op.Name} {node.Shape} is neither a variable nor an output of this plan.");
    }
}
