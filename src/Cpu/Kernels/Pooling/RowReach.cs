using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Over all axes but the last, which rows of sources each row of targets takes.</summary>
/// <param name="Sources">How many rows of sources there are.</param>
/// <param name="First">For each row of targets the first row of sources.</param>
/// <param name="List">For each row of targets the list of the others.</param>
/// <param name="Start">Where each list begins, and where the last one ends.</param>
/// <param name="Offsets">The lists: rows of sources counted from the first, ascending.</param>
internal sealed record RowReach(
    int Sources, ImmutableArray<int> First, ImmutableArray<int> List, ImmutableArray<int> Start, int[] Offsets)
{
    /// <summary>How many rows of targets there are.</summary>
    public int Targets => First.Length;

    /// <summary>The rows of axes with these reaches.</summary>
    public static RowReach Of(ImmutableArray<Reach> axes)
    {
        var targets = Shape.From(axes.Select(axis => axis.Targets));
        var (strides, steps) = (Shape.From(axes.Select(axis => axis.Sources)).Strides(), targets.Strides());
        var rows = (int)targets.Elements;
        var (first, list) = (ImmutableArray.CreateBuilder<int>(rows), ImmutableArray.CreateBuilder<int>(rows));
        var (lists, start, offsets) = (new Dictionary<Shape, int>(), new List<int> { 0 }, new List<int>());
        for (var row = 0; row < rows; row++)
        {
            var places = axes.Select((axis, i) => axis.Inside[(int)(row / steps[i] % axis.Targets)]);
            var counts = Shape.From(places.Select(place => place.Count));
            first.Add((int)places.Select((place, i) => place.First * strides[i]).Sum(at => at));
            if (lists.TryAdd(counts, lists.Count))
            {
                offsets.AddRange(Box(counts, axes, strides));
                start.Add(offsets.Count);
            }

            list.Add(lists[counts]);
        }

        var sources = (int)axes.Aggregate(1L, (product, axis) => product * axis.Sources);
        return new(sources, first.MoveToImmutable(), list.MoveToImmutable(), [.. start], [.. offsets]);
    }

    /// <summary>All rows of a box, in row-major order.</summary>
    private static IEnumerable<int> Box(Shape counts, ImmutableArray<Reach> axes, long[] strides)
    {
        var places = counts.Strides();
        return Arrays.Range(0, (int)counts.Elements).Select(k =>
            (int)axes.Select((axis, i) => k / places[i] % counts[i] * axis.Step * strides[i]).Sum(at => at));
    }
}
