using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The memory that a plan needs, before it has an address.</summary>
/// <param name="states">The variables that a run changes.</param>
/// <param name="streamFrom">From how many elements on a result that nobody reads is written past the caches.</param>
internal sealed class BufferTable(IReadOnlySet<Node> states, long streamFrom)
{
    private readonly Dictionary<Node, int> byNode = [];
    private readonly List<Buffer> buffers = [];

    public IReadOnlyList<Buffer> Buffers => buffers;

    /// <summary>The buffer of a node's value.</summary>
    public int this[Node node] => byNode[Unit.Storage(node)];

    public bool Has(Node node) => byNode.ContainsKey(Unit.Storage(node));

    /// <summary>Whether no run changes it, as the weights of a network that is only used: what kernels make of it is
    /// prepared once.</summary>
    public bool IsUnchanged(Node node) => node.Op is Variable or Constant && !states.Contains(node);

    /// <summary>A buffer for a node's value.</summary>
    /// <param name="node">The node.</param>
    /// <param name="persistent">Whether it keeps its content from step to step.</param>
    /// <param name="isRead">Whether a step reads it.</param>
    /// <exception cref="ShapeError">It has more elements than an index of 31 bits counts.</exception>
    public int Add(Node node, bool persistent, bool isRead = true)
    {
        if (node.Shape.Elements > int.MaxValue)
        {
            throw new ShapeError($"Compile {node.Op} : {node.Shape}",
                $"{node.Shape.Elements} elements exceed {int.MaxValue}, the most of one buffer", ["smaller batches"]);
        }

        byNode[node] = buffers.Count;
        var streams = !isRead && node.Shape.Elements >= streamFrom;
        buffers.Add(new Buffer(node, node.Shape.Elements, persistent, streams));
        return buffers.Count - 1;
    }

    /// <summary>A node's value in a buffer that is there already.</summary>
    public void Share(Node node, int buffer) => byNode[node] = buffer;

    /// <summary>A buffer that is a part of another: the images of a round.</summary>
    public void Within(int part, int whole) => buffers[part] = buffers[part] with { Whole = whole, Streams = false };

    /// <summary>A buffer that is written through the caches after all.</summary>
    public void Keep(int buffer) => buffers[buffer] = buffers[buffer] with { Streams = false };

    /// <summary>A buffer for use within one unit, or for what is prepared once.</summary>
    public int Workspace(long floats, bool persistent = false)
    {
        buffers.Add(new Buffer(null, floats, persistent));
        return buffers.Count - 1;
    }
}

/// <summary>Memory for a number of floats.</summary>
/// <param name="Node">Whose value it holds; null for workspace.</param>
/// <param name="Floats">The size.</param>
/// <param name="Persistent">Whether it keeps its content from step to step.</param>
/// <param name="Streams">Whether it is large and leaves the plan without being read: then it is written past the
/// caches, since a plain store first reads what it overwrites.</param>
internal sealed record Buffer(Node? Node, long Floats, bool Persistent, bool Streams = false)
{
    /// <summary>The buffer of which it is a part, another one in each round; null for memory of its own.</summary>
    public int? Whole { get; init; }

    /// <summary>Whether it has memory of its own, which is others' before and after it.</summary>
    public bool IsPassing => !Persistent && Whole is null;

    /// <summary>What it holds, for the plan's print.</summary>
    public string Name => Node is null ? "workspace" : $"{Node.Op.Name} {Node.Shape}";
}

/// <summary>When a buffer holds something, as positions of units, both included.</summary>
internal sealed record Lifetime(int First, int Last);

/// <summary>Gives buffers their places in one arena: buffers that never live at the same time share memory.</summary>
internal static class Memory
{
    private const long Alignment = 64;

    /// <summary>The byte offset of each buffer, and the arena's size.</summary>
    /// <param name="buffers">The buffers.</param>
    /// <param name="lifetimes">Their lifetimes; persistent ones have none.</param>
    /// <param name="reuse">Buffers that take over the memory of another, which ends where they begin.</param>
    public static (ImmutableArray<long> Offsets, long Size) Assign(
        IReadOnlyList<Buffer> buffers, IReadOnlyList<Lifetime> lifetimes, IReadOnlyDictionary<int, int> reuse)
    {
        var offsets = new long[buffers.Count];
        var size = 0L;
        for (var i = 0; i < buffers.Count; i++)
        {
            if (buffers[i].Persistent)
            {
                offsets[i] = size;
                size += Bytes(buffers[i]);
            }
        }

        var free = new FreeList(size);
        var taken = reuse.Values.ToHashSet();
        var passing = Arrays.Range(0, buffers.Count).Where(i => buffers[i].IsPassing).ToArray();
        var begins = passing.OrderBy(i => lifetimes[i].First).ToArray();
        var ends = passing.Where(i => !taken.Contains(i)).OrderBy(i => lifetimes[i].Last).ToArray();
        var ended = 0;
        foreach (var i in begins)
        {
            for (; ended < ends.Length && lifetimes[ends[ended]].Last < lifetimes[i].First; ended++)
            {
                free.Return(offsets[ends[ended]], Bytes(buffers[ends[ended]]));
            }

            offsets[i] = reuse.TryGetValue(i, out var old) ? offsets[old] : free.Take(Bytes(buffers[i]));
        }

        for (var i = 0; i < buffers.Count; i++)
        {
            offsets[i] = offsets[buffers[i].Whole ?? i];
        }

        return ([.. offsets], free.Size);
    }

    private static long Bytes(Buffer buffer) =>
        Math.Max(1, (buffer.Floats * sizeof(float) + Alignment - 1) / Alignment) * Alignment;

    /// <summary>Free stretches by offset; the smallest that fits is taken, neighbours are merged.</summary>
    private sealed class FreeList(long start)
    {
        private readonly List<Free> stretches = [];

        public long Size { get; private set; } = start;

        public long Take(long bytes)
        {
            var best = -1;
            for (var i = 0; i < stretches.Count; i++)
            {
                var smallest = best < 0 || stretches[i].Bytes < stretches[best].Bytes;
                best = stretches[i].Bytes >= bytes && smallest ? i : best;
            }

            if (best >= 0)
            {
                var (offset, room) = stretches[best];
                stretches.RemoveAt(best);
                if (room > bytes)
                {
                    stretches.Insert(best, new(offset + bytes, room - bytes));
                }

                return offset;
            }

            // Nothing fits: the arena grows, from its last free stretch on if that touches the end.
            var from = stretches is [.., var tail] && tail.Offset + tail.Bytes == Size ? tail.Offset : Size;
            if (from < Size)
            {
                stretches.RemoveAt(stretches.Count - 1);
            }

            Size = from + bytes;
            return from;
        }

        public void Return(long offset, long bytes)
        {
            var at = stretches.FindIndex(stretch => stretch.Offset > offset);
            at = at < 0 ? stretches.Count : at;
            if (at < stretches.Count && stretches[at].Offset == offset + bytes)
            {
                bytes += stretches[at].Bytes;
                stretches.RemoveAt(at);
            }

            if (at > 0 && stretches[at - 1].Offset + stretches[at - 1].Bytes == offset)
            {
                stretches[at - 1] = new(stretches[at - 1].Offset, stretches[at - 1].Bytes + bytes);
                return;
            }

            stretches.Insert(at, new(offset, bytes));
        }

        private sealed record Free(long Offset, long Bytes);
    }
}
