using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>From units that run together row by row to a step.</summary>
internal sealed class RowLowering
{
    // What a block keeps to itself fits the nearer caches, and there are blocks enough for all threads.
    private const long BlockFloats = 1 << 14;
    private const long LeastBlocks = 16;
    private const long LeastElements = 1 << 12;

    private readonly BufferTable table;
    private readonly long emitFrom;
    private readonly Unit program;
    private readonly RowSpace space;
    private readonly HashSet<Node> results;
    private readonly Dictionary<Node, int> places = [];
    private readonly List<RowBuffer> buffers = [];
    private readonly List<Step> ends = [];

    /// <summary>The lowering of a program.</summary>
    /// <param name="table">The buffers.</param>
    /// <param name="emitFrom">After how many elements a loop is compiled.</param>
    /// <param name="program">The program.</param>
    public RowLowering(BufferTable table, long emitFrom, Unit program)
    {
        (this.table, this.emitFrom, this.program, results) = (table, emitFrom, program, [.. program.Results]);
        space = program.Parts.Select(RowSpace.Of).First(found => found is not null)!;
    }

    private Shape Whole => space.Whole;

    private long Rows => space.Rows.Elements;

    private long Columns => space.Columns.Elements;

    /// <summary>The rows of a block; the last may have fewer.</summary>
    private long RowsPerBlock
    {
        get
        {
            var own = program.Parts.SelectMany(part => part.Results)
                .Count(node => !results.Contains(node) && node.Shape == Whole);
            var enough = Math.Max((Rows + LeastBlocks - 1) / LeastBlocks, LeastElements / Columns);
            return Math.Clamp(BlockFloats / (Columns * Math.Max(1, own)), 1, Math.Max(1, enough));
        }
    }

    /// <summary>The steps, in order.</summary>
    public IEnumerable<Step> Steps()
    {
        var parts = program.Parts.Select(Part);
        yield return new RowStep(program, parts, [.. buffers], Rows, RowsPerBlock);
        foreach (var end in ends)
        {
            yield return end;
        }
    }

    private RowPart Part(Unit part)
    {
        if (part.Root.Op is Max)
        {
            return new(Builder(part, [], [part.Root]).Build([], FoldKind.Largest, emitFrom), Columns, [Place(part.Root)]);
        }

        var sums = part.Nodes.Where(node => node.Op is SumTo);
        var builder = Builder(part, part.Nodes.RemoveRange(sums), sums);
        var stored = part.Results.RemoveRange(sums).Select(result => new Stored(result, Place(result)));
        var isAcross = sums.Any(space.IsAcross);
        FoldKind? fold = sums.IsEmpty ? null : isAcross ? FoldKind.Across : FoldKind.Along;
        var loop = builder.Build(stored, fold, emitFrom, mayJoin: false);
        return new(loop, part.Shape == Whole ? Columns : 1, [.. sums.Select(SumPlace)], isAcross);
    }

    private LoopBuilder Builder(Unit part, ImmutableArray<Node> computed, ImmutableArray<Node> sums)
    {
        var shape = part.Root.Op is Max ? Whole : part.Shape;
        return new(Place, shape, computed, sums, shape == Whole ? [space.Each] : []);
    }

    /// <summary>Where a sum goes: one number a row. A sum over rows is one row a block, added up behind the program.
    /// </summary>
    private int SumPlace(Node sum)
    {
        var isAcross = space.IsAcross(sum);
        if (Rows == 1 || !isAcross && sum.Shape.Elements != 1)
        {
            return Place(sum);
        }

        var (count, size) = isAcross ? ((Rows + RowsPerBlock - 1) / RowsPerBlock, Columns) : (Rows, 1);
        if (count == 1)
        {
            return Place(sum);
        }

        var partial = table.Workspace(count * size);
        Shape from = [(int)count, (int)size];
        ends.Add(new SumStep($"add {count} partial sums", from, from.With(0, 1), partial, table[sum]));
        buffers.Add(new(partial, 1));
        return buffers.Count - 1;
    }

    /// <summary>The place of a node's value among the program's buffers.</summary>
    private int Place(Node node)
    {
        node = Unit.Storage(node);
        if (!places.TryGetValue(node, out var place))
        {
            var isOwn = program.Nodes.Contains(node) && !results.Contains(node);
            var rowFloats = (int)(node.Shape.Elements / Math.Max(1, Rows));
            buffers.Add(isOwn ? new(RowBuffer.Own, rowFloats) : new(table[node], rowFloats));
            places[node] = place = buffers.Count - 1;
        }

        return place;
    }
}
