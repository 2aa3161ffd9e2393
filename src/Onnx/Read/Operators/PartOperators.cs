using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Parts of a tensor by ranges, borders and masks.</summary>
internal static class PartOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.Alike("Slice", 1, Sliced),
        Reading.Alike("Pad", 2, Padded),
        Reading.Alike("Trilu", 14, Triangle),
        Reading.Alike("Compress", 9, Compressed),
    ];

    /// <summary>From start to end by steps, along some axes. Ends count from the end when negative and may lie
    /// outside.</summary>
    private static Node Sliced(Call call)
    {
        var isOld = call.Version < 10;
        var starts = isOld ? call.Ints("starts") ?? [] : call.Longs(1);
        var ends = isOld ? call.Ints("ends") ?? [] : call.Longs(2);
        var (x, rank) = (call.X, call.X.Shape.Rank);
        var axes = ShapeOperators.Axes(call, 10, 3) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        var steps = isOld || call.Optional(4) is null ? [.. starts.Select(_ => 1L)] : call.Longs(4);
        if (starts.Length != ends.Length || starts.Length != axes.Length || starts.Length != steps.Length || steps.Contains(0))
        {
            throw call.Fail("starts, ends, axes and steps need as many numbers, and no step may be 0");
        }

        var (first, size, step, turned) = (new int[rank], x.Shape.ToArray(), Enumerable.Repeat(1, rank).ToArray(), new List<int>());
        int[] along = [.. axes.Select(axis => call.Axis(axis, rank))];
        for (var i = 0; i < along.Length; i++)
        {
            var (axis, n) = (along[i], x.Shape[along[i]]);
            var (start, count) = Range(starts[i], ends[i], steps[i], n);
            var stride = count > 1 ? (int)Math.Abs(steps[i]) : 1;
            (first[axis], size[axis], step[axis]) = (steps[i] > 0 || count == 0 ? start : start - (count - 1) * stride, count, stride);
            turned.AddRange(steps[i] < 0 && count > 1 ? [axis] : []);
        }

        if (along.Distinct().Count() < along.Length)
        {
            throw call.Fail("an axis is named twice");
        }

        var y = Slice(x, Shape.Of(first), Shape.Of(size), Shape.Of(step));
        return turned.Count == 0 ? y : Reverse(y, Shape.From(turned));
    }

    /// <summary>The first position and how many there are.</summary>
    private static (int Start, int Count) Range(long start, long end, long step, int n)
    {
        var (low, high) = step > 0 ? (0, n) : (-1, n - 1);
        var (from, to) = (Math.Clamp(start < 0 ? start + n : start, step > 0 ? 0 : Math.Min(0, high), high), Math.Clamp(end < 0 ? end + n : end, low, high));
        var distance = step > 0 ? to - from : from - to;
        return n == 0 || distance <= 0 ? (0, 0) : ((int)from, (int)((distance - 1) / Magnitude(step) + 1));
    }

    private static long Magnitude(long step) => step == long.MinValue ? long.MaxValue : Math.Abs(step);

    /// <summary>A border around x; where an amount is negative, so much is cut off instead.</summary>
    private static Node Padded(Call call)
    {
        var (x, rank, isOld) = (call.X, call.X.Shape.Rank, call.Version < 11);
        var pads = isOld ? call.Ints("pads") ?? [] : call.Longs(1);
        int[] axes = call.Optional(3) is null ? [.. Enumerable.Range(0, rank)] : [.. call.Longs(3).Select(axis => call.Axis(axis, rank))];
        if (pads.Length != 2 * axes.Length || axes.Distinct().Count() < axes.Length)
        {
            throw call.Fail($"pads has {pads.Length} numbers, {axes.Length} axes have two sides each, and each is named once");
        }

        var mode = call.Text("mode", "constant") switch
        {
            "constant" => PadMode.Constant,
            "reflect" => PadMode.Reflect,
            "edge" => PadMode.Edge,
            "wrap" => PadMode.Circular,
            var other => throw call.Fail($"mode must be constant, reflect, edge or wrap, not {other}"),
        };
        var value = isOld ? new Value(call.Float("value", 0)) : call.Optional(2);
        var (before, after) = (Side(0, 1), Side(axes.Length, 1));
        var whole = x.Shape.Select((n, axis) => call.Size("a size", (long)n + before[axis] + after[axis]));
        foreach (var n in mode == PadMode.Constant ? [] : whole)
        {
            call.Computable([n]);
        }

        var y = value is { Known: null } && mode == PadMode.Constant
            ? Where(Pad(Ones(x.Shape), before, after), Pad(x, before, after), value.Node)
            : Pad(x, before, after, mode, value?.Known?.Scalar ?? 0);
        var (cut, end) = (Side(0, -1), Side(axes.Length, -1));
        return cut.Concat(end).All(amount => amount == 0) ? y
            : Slice(y, cut, whole.Select((n, axis) => call.Size("a size", (long)n - cut[axis] - end[axis])));

        Shape Side(int from, int sign) => Shape.From(Enumerable.Range(0, rank).Select(axis =>
            Array.IndexOf(axes, axis) is >= 0 and var at ? call.Size("a border", Math.Max(0, Math.Clamp(pads[from + at], int.MinValue, int.MaxValue) * sign)) : 0));
    }

    /// <summary>The upper or lower triangle of each matrix, from a diagonal on.</summary>
    private static Node Triangle(Call call)
    {
        var (isUpper, k) = (call.Flag("upper", true), call.Optional(1) is null ? 0 : call.Long(1));
        if (call.X.Shape is not [.., var rows, var columns])
        {
            throw call.Fail($"x needs rank 2 or more, not {call.X.Shape}");
        }

        var mask = Tensor.From(call.Computable([rows, columns]), i => (isUpper ? i % columns - i / columns >= k : i % columns - i / columns <= k) ? 1 : 0);
        return Where(mask, call.X, 0);
    }

    /// <summary>The parts along an axis for which a condition, known when the file is read, holds.</summary>
    private static Node Compressed(Call call)
    {
        var x = call.Has("axis") ? call.X : Reshape(call.X, [call.Size("the size", call.X.Shape.Elements)]);
        var axis = call.Axis(call.Int("axis", 0), x.Shape.Rank);
        var wanted = call.Longs(1).Select((holds, i) => (holds, i)).Where(pair => pair.holds != 0).Select(pair => (double)pair.i).ToArray();
        return wanted.All(i => i < x.Shape[axis]) ? Gather(x, Indices(Tensor.Of(wanted)), axis)
            : throw call.Fail($"the condition is longer than axis {axis} of {x.Shape}");
    }
}
