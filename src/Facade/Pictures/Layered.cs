namespace AutoDiffCnn;

/// <summary>Places for the boxes of a graph, in rows so that every edge goes down. After K. Sugiyama, S. Tagawa, M. Toda, Methods
/// for Visual Understanding of Hierarchical System Structures, 1981: rows, fewer crossings by barycentres, places within
/// rows.</summary>
/// <param name="Rows">The row of each box.</param>
/// <param name="Middles">The middle of each box from left to right.</param>
/// <param name="Ways">Of each box that is read the places that its line goes through in the rows below it; readers in later rows
/// branch off there.</param>
/// <param name="Width">What all takes from left to right.</param>
internal sealed record Layered(int[] Rows, double[] Middles, double[][] Ways, double Width)
{
    private const int OrderSweeps = 12;
    private const int PlaceSweeps = 30;
    private const double Gap = 18;
    private const double LineWidth = 6;

    /// <summary>How many rows there are.</summary>
    public int Height => Rows.Max() + 1;

    /// <summary>The layout of boxes.</summary>
    /// <param name="widths">How wide each is.</param>
    /// <param name="edges">From which to which, each once, from smaller to larger numbers.</param>
    public static Layered Of(IReadOnlyList<double> widths, IReadOnlyList<(int From, int To)> edges)
    {
        var readers = edges.ToLookup(edge => edge.From, edge => edge.To);
        var rows = Ranked(widths.Count, edges.ToLookup(edge => edge.To, edge => edge.From), readers);
        var slots = new Slots(widths, rows, readers);
        var order = Ordered(slots);
        var middles = Placed(slots, order);
        var left = Enumerable.Range(0, slots.Count).Min(slot => middles[slot] - slots.Widths[slot] / 2);
        var shifted = middles.Select(middle => middle - left).ToArray();
        return new(rows, shifted[..widths.Count], [.. slots.Ways.Select(way => way.Select(slot => shifted[slot]).ToArray())],
            Enumerable.Range(0, slots.Count).Max(slot => shifted[slot] + slots.Widths[slot] / 2));
    }

    /// <summary>Each box below all that it reads; then right above its first reader, if that makes no more lines longer than
    /// shorter: its own becomes shorter, and those of sources that nobody reads later become longer, unless they can
    /// follow.</summary>
    private static int[] Ranked(int count, ILookup<int, int> sources, ILookup<int, int> readers)
    {
        var (rows, free) = (new int[count], new bool[count]);
        for (var box = 0; box < count; box++)
        {
            rows[box] = sources[box].Select(source => rows[source] + 1).DefaultIfEmpty(0).Max();
            free[box] = readers[box].Count() <= 1 && sources[box].All(source => free[source]);
        }

        for (var box = count - 1; box >= 0; box--)
        {
            var last = readers[box].Select(reader => rows[reader] - 1).DefaultIfEmpty(rows[box]).Min();
            var at = box;
            if (sources[box].Count(source => !free[source] && !readers[source].Any(other => other != at && rows[other] >= last)) <= 1)
            {
                rows[box] = last;
            }
        }

        return rows;
    }

    /// <summary>The slots of each row from left to right, with few crossings.</summary>
    private static int[][] Ordered(Slots slots)
    {
        var order = Enumerable.Range(0, slots.Count).GroupBy(slot => slots.Rows[slot]).OrderBy(row => row.Key)
            .Select(row => row.OrderBy(slot => slots.Owners[slot]).ToArray()).ToArray();
        var (best, fewest) = (order, Crossings(slots, order));
        for (var sweep = 0; sweep < OrderSweeps && fewest > 0; sweep++)
        {
            var (down, positions) = (sweep % 2 == 0, Positions(slots, order));
            var rows = order.ToArray();
            foreach (var row in Enumerable.Range(0, order.Length).Select(i => down ? i : order.Length - 1 - i))
            {
                rows[row] = [.. rows[row].OrderBy(slot => (down ? slots.Above : slots.Below)[slot] is { Count: > 0 } near
                    ? near.Average(other => positions[other]) : positions[slot])];
                foreach (var (i, slot) in rows[row].Index())
                {
                    positions[slot] = i - rows[row].Length / 2.0;
                }
            }

            order = rows;
            var crossings = Crossings(slots, order);
            (best, fewest) = crossings < fewest ? (order, crossings) : (best, fewest);
        }

        return best;
    }

    // From the middle, so that rows of different length lie over each other.
    private static double[] Positions(Slots slots, int[][] order)
    {
        var positions = new double[slots.Count];
        foreach (var row in order)
        {
            foreach (var (i, slot) in row.Index())
            {
                positions[slot] = i - row.Length / 2.0;
            }
        }

        return positions;
    }

    /// <summary>How often lines cross: pairs in the wrong order, counted with a Fenwick tree.</summary>
    internal static long Crossings(Slots slots, int[][] order)
    {
        var crossings = 0L;
        foreach (var (upper, lower) in order.Zip(order.Skip(1)))
        {
            var place = lower.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
            var (tree, seen) = (new int[lower.Length + 1], 0);
            foreach (var slot in upper)
            {
                var targets = slots.Below[slot].Select(other => place[other]).ToArray();
                foreach (var target in targets)
                {
                    var before = 0;
                    for (var i = target + 1; i > 0; i -= i & -i)
                    {
                        before += tree[i];
                    }

                    crossings += seen - before;
                }

                foreach (var target in targets)
                {
                    for (var i = target + 1; i <= lower.Length; i += i & -i)
                    {
                        tree[i]++;
                    }
                }

                seen += targets.Length;
            }
        }

        return crossings;
    }

    /// <summary>The middles: each slot where its neighbours in other rows are, as far as those in its own row let it. Lines would
    /// rather be straight than boxes in the middle.</summary>
    private static double[] Placed(Slots slots, int[][] order)
    {
        var middles = new double[slots.Count];
        foreach (var row in order)
        {
            Settle(slots, row, middles, slot => (0, 1));
        }

        for (var sweep = 0; sweep < PlaceSweeps; sweep++)
        {
            var (down, both) = (sweep % 2 == 0, sweep >= PlaceSweeps - 10);
            foreach (var row in Enumerable.Range(0, order.Length).Select(i => down ? i : order.Length - 1 - i))
            {
                Settle(slots, order[row], middles, slot =>
                {
                    var near = (both ? slots.Above[slot].Concat(slots.Below[slot]) : (down ? slots.Above : slots.Below)[slot])
                        .Select(other => (middles[other], Weight: slots.Stiffness(slot, other))).ToArray();
                    var weight = near.Sum(each => each.Weight);
                    return weight > 0 ? (near.Sum(each => each.Item1 * each.Weight) / weight, weight) : (middles[slot], 0.1);
                });
            }
        }

        return middles;
    }

    /// <summary>The places nearest to the wanted ones, in the sense of least squares, in this order and without overlap: an
    /// isotonic regression, by pooling neighbours that would overlap.</summary>
    private static void Settle(Slots slots, int[] row, double[] middles, Func<int, (double At, double Weight)> wanted)
    {
        var offsets = new double[row.Length];
        var blocks = new Stack<(double At, double Weight, int Count)>();
        for (var i = 0; i < row.Length; i++)
        {
            offsets[i] = i == 0 ? 0 : offsets[i - 1] + (slots.Widths[row[i - 1]] + slots.Widths[row[i]]) / 2 + Gap;
            var (at, weight) = wanted(row[i]);
            var block = (At: at - offsets[i], Weight: weight, Count: 1);
            while (blocks.TryPeek(out var before) && before.At >= block.At)
            {
                blocks.Pop();
                var sum = before.Weight + block.Weight;
                block = ((before.At * before.Weight + block.At * block.Weight) / sum, sum, before.Count + block.Count);
            }

            blocks.Push(block);
        }

        var last = row.Length;
        foreach (var (at, _, count) in blocks)
        {
            for (var i = last - count; i < last; i++)
            {
                middles[row[i]] = at + offsets[i];
            }

            last -= count;
        }
    }

    /// <summary>What takes room in rows: the boxes, and behind them a place for each row that a line passes.</summary>
    internal sealed class Slots
    {
        private readonly int boxes;

        public Slots(IReadOnlyList<double> widths, int[] rows, ILookup<int, int> readers)
        {
            boxes = widths.Count;
            Rows.AddRange(rows);
            Widths.AddRange(widths);
            Owners.AddRange(Enumerable.Range(0, boxes));
            Ways = new int[boxes][];
            for (var box = 0; box < boxes; box++)
            {
                Above.Add([]);
                Below.Add([]);
            }

            for (var box = 0; box < boxes; box++)
            {
                var length = readers[box].Select(reader => rows[reader] - rows[box] - 1).DefaultIfEmpty(0).Max();
                var way = Enumerable.Range(0, length).Select(i => Add(rows[box] + 1 + i, box)).Prepend(box).ToArray();
                foreach (var (upper, lower) in way.Zip(way.Skip(1)).Concat(readers[box].Select(reader => (way[rows[reader] - rows[box] - 1], reader))))
                {
                    Below[upper].Add(lower);
                    Above[lower].Add(upper);
                }

                Ways[box] = way[1..];
            }
        }

        public int Count => Rows.Count;

        public List<int> Rows { get; } = [];

        public List<double> Widths { get; } = [];

        /// <summary>The box whose line it is.</summary>
        public List<int> Owners { get; } = [];

        public List<List<int>> Above { get; } = [];

        public List<List<int>> Below { get; } = [];

        public int[][] Ways { get; }

        /// <summary>How much two slots want to be above each other: long lines most.</summary>
        public double Stiffness(int slot, int other) => (slot >= boxes, other >= boxes) switch
        {
            (true, true) => 100,
            (false, false) => 1,
            _ => 2,
        };

        private int Add(int row, int owner)
        {
            Rows.Add(row);
            Widths.Add(LineWidth);
            Owners.Add(owner);
            Above.Add([]);
            Below.Add([]);
            return Rows.Count - 1;
        }
    }
}
