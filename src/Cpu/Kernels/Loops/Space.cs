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

    /// <summary>The space of a shape, and how values lie in it.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="values">The values, in any memory.</param>
    public static (Space Space, ImmutableArray<View> Views) Of(Shape shape, IReadOnlyList<Strided> values)
    {
        var axes = new List<Merged>();
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (shape[axis] == 1)
            {
                continue;
            }

            if (axes.Count > 0 && values.All(value => value.Steps[axes[^1].Axis] == value.Steps[axis] * shape[axis]))
            {
                axes[^1] = new(axes[^1].Size * shape[axis], axis);
            }
            else
            {
                axes.Add(new(shape[axis], axis));
            }
        }

        long[] padded = [.. Arrays.Repeat(1L, Math.Max(0, 2 - axes.Count)), .. axes.Select(axis => axis.Size)];
        var space = new Space([.. padded[..^2]], padded[^2], padded[^1]);
        var strides = shape.Strides();
        return (space, [.. values.Select(value => IsDense(value.Steps) ? space.Dense with { Start = value.Start } : ViewOf(value))]);

        bool IsDense(ImmutableArray<long> steps) => axes.All(axis => steps[axis.Axis] == strides[axis.Axis]);

        View ViewOf(Strided value)
        {
            var steps = new long[padded.Length];
            for (var i = 0; i < axes.Count; i++)
            {
                steps[padded.Length - axes.Count + i] = value.Steps[axes[i].Axis];
            }

            return new([.. steps[..^2]], steps[^2], steps[^1], value.Start);
        }
    }

    /// <summary>Neighbouring axes as one.</summary>
    /// <param name="Size">Their size together.</param>
    /// <param name="Axis">The last of them.</param>
    private sealed record Merged(long Size, int Axis);

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
        var offset = view.Start;
        for (var axis = Outer.Length - 1; axis >= 0; axis--)
        {
            offset += plane % Outer[axis] * view.Outer[axis];
            plane /= Outer[axis];
        }

        return offset;
    }
}

/// <summary>How a value lies in memory: where it begins, and the distance between neighbours along each axis of a shape, 0
/// where it is repeated.</summary>
internal sealed record Strided(long Start, ImmutableArray<long> Steps);

/// <summary>How a value lies in a <see cref="Space"/>: the distance in floats between neighbours along each axis, 0
/// where it is repeated, and where it begins.</summary>
internal sealed record View(ImmutableArray<long> Outer, long Row, long Column, long Start = 0);
