using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>From a unit of elementwise nodes and sums to a loop.</summary>
/// <param name="table">The buffers.</param>
/// <param name="emitFrom">After how many elements a loop is compiled.</param>
internal sealed class LoopLowering(BufferTable table, long emitFrom)
{
    // What reads little leaves the caches to what it writes, if that is no more than this.
    private const long WrittenFloats = 1 << 22;

    /// <summary>The steps of a unit, in order.</summary>
    public IEnumerable<Step> Steps(Unit unit)
    {
        var sums = unit.Nodes.Where(node => node.Op is SumTo);
        if (unit.Shape.Elements == 0)
        {
            return sums.Select(sum => new SumStep(unit, unit.Shape, sum.Shape, 0, table[sum]));
        }

        if (unit.Moments is { } moments)
        {
            return Moments(unit, moments);
        }

        var builder = new LoopBuilder(Buffer, unit.Shape, unit.Nodes.RemoveRange(sums), sums);
        var stored = unit.Results.RemoveRange(sums).Select(result => new Stored(result, table[result]));
        return sums.IsEmpty ? [new LoopStep(unit, builder.Build(stored, null, emitFrom, streams: Stream(unit, stored)))]
            : builder.Kind is { } kind ? Sum(unit, builder, stored, sums, kind)
            : Store(unit, builder, stored, sums);
    }

    private int Buffer(Node node) => table[node];

    private bool Stream(Unit unit, ImmutableArray<Stored> stored) =>
        !stored.IsEmpty && stored.All(pair => table.Buffers[pair.Buffer].Streams)
        && (unit.Shape.Elements > WrittenFloats || unit.Sources.Sum(source => source.Shape.Elements) >= unit.Shape.Elements);

    /// <summary>Sums within the loop, and what adds up the blocks' partial sums.</summary>
    private IEnumerable<Step> Sum(Unit unit, LoopBuilder builder, ImmutableArray<Stored> stored, ImmutableArray<Node> sums,
        FoldKind kind)
    {
        var loop = builder.Build(stored, kind, emitFrom, streams: Stream(unit, stored));
        var grid = new FoldGrid(loop, kind);
        var (from, to) = grid.Partial(builder.Kept);
        var isWhole = from.Elements == to.Elements;
        ImmutableArray<int> targets = [.. sums.Select(sum => isWhole ? table[sum] : table.Workspace(from.Elements))];
        yield return new FoldStep(unit, loop, grid, targets);
        for (var i = 0; !isWhole && i < sums.Length; i++)
        {
            var text = $"add {from.Elements / to.Elements} partial sums";
            yield return new SumStep(text, from, to, targets[i], table[sums[i]]);
        }
    }

    private IEnumerable<Step> Moments(Unit unit, Moments moments)
    {
        var first = new LoopBuilder(Buffer, unit.Shape, [], [moments.Sum]);
        var rest = new SumTo(moments.Sum.Shape).Of(moments.Deviation);
        var second = new LoopBuilder(
            Buffer, unit.Shape, [moments.Deviation, moments.Square], [rest, moments.Squares]);
        var kind = first.Kind ?? throw new GraphError($"{unit}: the axes of a mean cannot be told apart.");
        var (sum, squares) = (first.Build([], kind, emitFrom), second.Build([], kind, emitFrom, moments.Mean));
        var grid = new FoldGrid(sum, kind);
        var size = grid.Partial(first.Kept).From.Elements;
        var parts = new MomentsBuffers(table.Workspace(size), table.Workspace(size), table.Workspace(size));
        yield return new MomentsStep(unit, sum, squares, grid, parts);
        yield return new MergeStep(grid, first.Kept, parts, unit.Shape.Elements / moments.Sum.Shape.Elements,
            table[moments.Sum], table[moments.Squares]);
    }

    /// <summary>No kind of fold fits the way in which the operands are repeated: the terms are stored first.</summary>
    private IEnumerable<Step> Store(Unit unit, LoopBuilder builder, ImmutableArray<Stored> stored, ImmutableArray<Node> sums)
    {
        var terms = sums.Select(sum => new Stored(sum.Inputs[0], table.Workspace(unit.Shape.Elements)));
        yield return new LoopStep(unit, builder.Build([.. stored, .. terms], null, emitFrom));
        foreach (var (sum, term) in sums.Zip(terms))
        {
            yield return new SumStep($"SumTo {sum.Shape}", unit.Shape, sum.Shape, term.Buffer, table[sum]);
        }
    }
}
