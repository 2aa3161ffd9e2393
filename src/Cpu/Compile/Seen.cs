using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A node as part of another one's memory: its element at position p is that at Start + Σ p · Steps. What
/// copies reads what it copies through slices, reversals and their like, which then need no memory.</summary>
/// <param name="Origin">The node that is stored.</param>
/// <param name="Start">Where in it the first element lies.</param>
/// <param name="Steps">The distance between neighbours on each axis.</param>
internal sealed record Seen(Node Origin, long Start, ImmutableArray<long> Steps)
{
    // Of two in a row, a slice that is turned around say. More are stored, so that a long chain is not walked again
    // and again.
    private const int MostDepth = 2;

    /// <summary>Whether an op moves elements, and nothing else.</summary>
    public static bool IsCopy(Node node) => node.Op is Slice or Reverse or Transpose or Place or Concat;

    /// <summary>Whether a copy looks through a node to what it is made from.</summary>
    public static bool IsThrough(Node node)
    {
        var depth = 0;
        for (; node.Op is Slice or Reverse or Transpose or Broadcast; node = node.Inputs[0])
        {
            if (++depth > MostDepth)
            {
                return false;
            }
        }

        return depth > 0;
    }

    /// <summary>Where a copy finds a node's elements.</summary>
    public static Seen Of(Node node) =>
        IsThrough(node) ? Through(node) : new(Unit.Storage(node), 0, [.. node.Shape.Strides()]);

    /// <summary>Where the elements of a slice, say, come from.</summary>
    public static Seen Through(Node node)
    {
        var x = Of(node.Inputs[0]);
        return node.Op switch
        {
            Slice slice => x with
            {
                Start = x.Start + slice.Start.Zip(x.Steps, (start, step) => start * step).Sum(),
                Steps = [.. slice.Step.Zip(x.Steps, (apart, step) => apart * step)],
            },
            Reverse reverse => x with
            {
                Start = x.Start + reverse.Axes.Distinct().Sum(axis => Math.Max(0, node.Shape[axis] - 1) * x.Steps[axis]),
                Steps = [.. x.Steps.Select((step, axis) => reverse.Axes.Contains(axis) ? -step : step)],
            },
            Transpose transpose => x with { Steps = [.. transpose.Axes.Select(axis => x.Steps[axis])] },
            _ => x with { Steps = Repeated(node.Inputs[0].Shape, node.Shape, x.Steps) },
        };
    }

    /// <summary>How many elements of a shape lie side by side, at least.</summary>
    public long Run(Shape shape)
    {
        var run = 1L;
        for (var axis = shape.Rank - 1; axis >= 0 && (shape[axis] == 1 || Steps[axis] == run); axis--)
        {
            run *= shape[axis];
        }

        return run;
    }

    /// <summary>Whether some axes are as one: each goes on where the next one ends.</summary>
    public bool IsOne(Shape shape, int first, int end)
    {
        var axes = Arrays.Range(first, end - first).Where(axis => shape[axis] > 1).ToArray();
        return axes.Zip(axes.Skip(1)).All(pair => Steps[pair.First] == Steps[pair.Second] * shape[pair.Second]);
    }

    /// <summary>The distances between neighbours for something smaller that is repeated: 0 where it is.</summary>
    public static ImmutableArray<long> Repeated(Shape from, Shape to) => Repeated(from, to, [.. from.Strides()]);

    private static ImmutableArray<long> Repeated(Shape from, Shape to, ImmutableArray<long> steps) =>
        [.. Arrays.Range(from.Rank - to.Rank, to.Rank).Select(axis => axis < 0 || from[axis] == 1 ? 0 : steps[axis])];
}
