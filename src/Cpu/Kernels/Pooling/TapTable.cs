namespace AutoDiffCnn;

/// <summary>A source as its targets see it.</summary>
/// <param name="Place">How many places it lies behind the first one.</param>
/// <param name="Offset">The same in floats.</param>
/// <param name="Column">How far it lies from the first one along the row.</param>
internal readonly record struct PoolTap(int Place, int Offset, int Column);

/// <summary>A row of targets as the loops need it.</summary>
/// <param name="Place">The place of the first row of its sources.</param>
/// <param name="Last">How many places behind it the last row lies.</param>
/// <param name="Rows">Where the list of those rows begins …</param>
/// <param name="RowCount">… and how long it is.</param>
/// <param name="Lists">The first of its lists of sources, phase by phase.</param>
internal readonly record struct PoolRow(int Place, int Last, int Rows, int RowCount, int Lists);

/// <summary>A place in a row of targets as the loops need it.</summary>
/// <param name="First">The column of its first source.</param>
/// <param name="Count">How many sources it has in a row.</param>
/// <param name="Phase">Its phase.</param>
/// <param name="IsWhole">Whether it misses none.</param>
internal readonly record struct PoolColumn(int First, int Count, int Phase, bool IsWhole);

/// <summary>What the loops of a pool read, made once a plan.</summary>
/// <param name="Rows">The rows of an image of targets.</param>
/// <param name="Columns">The places in a row.</param>
/// <param name="Taps">Lists of sources of targets that miss none along their row: for each list of rows and each
/// phase.</param>
/// <param name="Start">Where each list begins, and where the last one ends.</param>
/// <param name="AheadOfRow">How many floats of sources to fetch while a row is computed, of those that come …</param>
/// <param name="AheadOfColumn">… or while a place in it is computed.</param>
internal sealed record TapTable(
    PoolRow[] Rows, PoolColumn[] Columns, PoolTap[] Taps, int[] Start, long AheadOfRow, long AheadOfColumn)
{
    // Smaller sources are still in a cache.
    private const long FetchedFloats = 1 << 20;

    /// <summary>How far ahead to fetch, in floats: what follows the row, and some more.</summary>
    public long Ahead => AheadOfRow + 2048;

    /// <summary>The table of a walk.</summary>
    public static TapTable Of(PoolWalk walk)
    {
        var (rows, columns) = (walk.Rows, walk.Columns);
        var (taps, start) = (new List<PoolTap>(), new List<int> { 0 });
        for (var list = 0; list + 1 < rows.Start.Length; list++)
        {
            foreach (var count in columns.Counts)
            {
                foreach (var row in rows.Offsets[rows.Start[list]..rows.Start[list + 1]])
                {
                    for (var k = 0; k < count; k++)
                    {
                        var place = row * columns.Sources + k * columns.Step;
                        taps.Add(new(place, place * walk.Channels, k * columns.Step));
                    }
                }

                start.Add(taps.Count);
            }
        }

        var ahead = walk.SourceFloats < FetchedFloats ? 0 : walk.SourcePlaces * walk.Channels / rows.Targets;
        return new(
            [.. Arrays.Range(0, rows.Targets).Select(Row)],
            [.. columns.Inside.Select((inside, column) => Column(inside.First, inside.Count, column % columns.Phases))],
            [.. taps], [.. start], ahead, ahead / columns.Targets);

        PoolColumn Column(int first, int count, int phase) =>
            new(first, count, phase, count == columns.Counts[phase]);

        PoolRow Row(int row)
        {
            var list = rows.List[row];
            var (first, end) = (rows.Start[list], rows.Start[list + 1]);
            var last = end > first ? rows.Offsets[end - 1] * columns.Sources : 0;
            return new(rows.First[row] * columns.Sources, last, first, end - first, list * columns.Counts.Length);
        }
    }
}
