using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The elements of a loop as rows and columns within planes: its axes, merged where all operands allow
/// it.</summary>
/// <param name="Outer">The sizes of the axes around a plane, outermost first.</param>
/// <param name="Rows">The rows of a plane.</param>
/// <param name="Columns">The elements of a row.</param>
internal sealed record Space(ImmutableArray<long> Outer, long Rows, long Columns)
{
    /// <summary>The elements of a plane.</summary>
    public long Plane => Rows * Columns;

    /// <summary>How many planes there are.</summary>
    public long Planes => Outer.Aggregate(1L, (product, size) => product * size);

    /// <summary>The space of a shape, and how values of smaller shapes, which are repeated to it, lie in it.</summary>
    /// <param name="shape">The shape; a view of this shape is dense.</param>
    /// <param name="smaller">Shapes that can be broadcast to it.</param>
    public static (Space Space, ImmutableArray<View> Views) Of(Shape shape, IReadOnlyList<Shape> smaller)
    {
        var axes = new List<(long Size, int Axis)>();
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (shape[axis] == 1)
            {
                continue;
            }

            if (axes.Count > 0 && smaller.All(view => Repeats(view, axis) == Repeats(view, axes[^1].Axis)))
            {
                axes[^1] = (axes[^1].Size * shape[axis], axis);
            }
            else
            {
                axes.Add((shape[axis], axis));
            }
        }

        var sizes = axes.Select(axis => axis.Size).ToArray();
        var padded = Enumerable.Repeat(1L, Math.Max(0, 2 - sizes.Length)).Concat(sizes).ToArray();
        var space = new Space([.. padded[..^2]], padded[^2], padded[^1]);
        return (space, [.. smaller.Select(view => view == shape ? space.Dense : ViewOf(view))]);

        bool Repeats(Shape view, int axis) => axis < shape.Rank - view.Rank || view[axis - shape.Rank + view.Rank] == 1;

        View ViewOf(Shape view)
        {
            var strides = view.Strides();
            var steps = new long[padded.Length];
            for (var i = 0; i < axes.Count; i++)
            {
                var axis = axes[i].Axis;
                var step = Repeats(view, axis) ? 0 : strides[axis - shape.Rank + view.Rank];
                steps[padded.Length - axes.Count + i] = step;
            }

            return new([.. steps[..^2]], steps[^2], steps[^1]);
        }
    }

    /// <summary>How many elements there are.</summary>
    public long Elements => Planes * Plane;

    /// <summary>How a value that has all elements lies in the space.</summary>
    public View Dense
    {
        get
        {
            var steps = new long[Outer.Length];
            var step = Plane;
            for (var axis = Outer.Length - 1; axis >= 0; axis--)
            {
                steps[axis] = step;
                step *= Outer[axis];
            }

            return new([.. steps], Columns, 1);
        }
    }

    /// <summary>Where a plane begins in a view.</summary>
    public long Offset(View view, long plane)
    {
        var offset = 0L;
        for (var axis = Outer.Length - 1; axis >= 0; axis--)
        {
            offset += plane % Outer[axis] * view.Outer[axis];
            plane /= Outer[axis];
        }

        return offset;
    }
}

/// <summary>How a value lies in a <see cref="Space"/>: the distance in floats between neighbours along each axis, 0
/// where it is repeated.</summary>
internal sealed record View(ImmutableArray<long> Outer, long Row, long Column);
