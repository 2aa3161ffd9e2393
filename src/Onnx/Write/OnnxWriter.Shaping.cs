namespace AutoDiffCnn;

// The same elements elsewhere.
internal sealed partial class OnnxWriter
{
    private string? Shaping(Node node) => node switch
    {
        { Op: Reshape op, Inputs: [{ Shape: [var n, _, _, ..] } x] } when op.Shape is [var rows, _] && rows == n && n > 0 =>
            Emit("Flatten", [Of(x)]),
        { Op: Reshape op, Inputs: [var x] } => Reshaped(Of(x), op.Shape),
        { Op: Broadcast op, Inputs: [var x] } => Expanded(Of(x), op.Shape),
        { Op: Transpose op, Inputs: [var x] } => Emit("Transpose", [Of(x)], Attribute("perm", Longs(op.Axes))),
        { Op: Concat op } => Emit("Concat", [.. node.Inputs.Select(Of)], Attribute("axis", op.Axis)),
        { Op: Slice op, Inputs: [var x] } => Sliced(Of(x), Longs(op.Start),
            [.. op.Size.Select((size, axis) => size == 0 ? 0L : op.Start[axis] + (size - 1L) * op.Step[axis] + 1)],
            Axes(op.Start.Rank), Longs(op.Step)),
        { Op: Reverse { Axes.Rank: 0 }, Inputs: [var x] } => Of(x),
        { Op: Reverse op, Inputs: [var x] } => Sliced(Of(x), [.. op.Axes.Select(_ => -1L)],
            [.. op.Axes.Select(_ => -(long)int.MaxValue)], Longs(op.Axes), [.. op.Axes.Select(_ => -1L)]),
        { Op: Place op, Inputs: [var x] } => Placed(op, x),
        _ => null,
    };

    private string Reshaped(string x, Shape shape) => shape.Contains(0)
        ? Emit("Reshape", [x, Sizes(shape)], Attribute("allowzero", 1))
        : Emit("Reshape", [x, Sizes(shape)]);

    private string Expanded(string x, Shape shape) => Emit("Expand", [x, Sizes(shape)]);

    private string Zeros(Shape shape) => Expanded(Number(0), shape);

    private string Sliced(string x, long[] starts, long[] ends, long[] axes, long[] steps) => axes.Length == 0 ? x
        : Emit("Slice", [x, Whole(starts), Whole(ends), Whole(axes), .. steps.All(step => step == 1) ? Array.Empty<string>() : [Whole(steps)]]);

    private static long[] Axes(int rank) => [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];

    /// <summary>Zeros between the elements are zeros on an axis of their own behind each; then zeros around. The last
    /// element's own may be too many, and are cut off.</summary>
    private string Placed(Place op, Node x)
    {
        if (x.Shape.Contains(0) || x.Shape.Rank == 0)
        {
            return x.Shape.Rank == 0 ? Of(x) : Zeros(op.Shape);
        }

        var spread = x.Shape.Select((size, axis) => size * op.Step[axis]);
        var y = Of(x);
        if (op.Step.Any(step => step > 1))
        {
            y = Reshaped(y, Shape.From(x.Shape.SelectMany(size => (int[])[size, 1])));
            y = Emit("Pad", [y, Whole(Enumerable.Repeat(0L, 2 * x.Shape.Rank).Concat(op.Step.SelectMany(step => (long[])[0, step - 1])))]);
            y = Reshaped(y, spread);
        }

        long[] after = [.. op.Shape.Select((size, axis) => (long)size - op.Start[axis] - spread[axis]).AsEnumerable()];
        y = after.All(size => size >= 0) ? y
            : Sliced(y, [.. after.Select(_ => 0L)], [.. spread.Zip(after, (size, rest) => size + Math.Min(0, rest))],
                Axes(after.Length), [.. after.Select(_ => 1L)]);
        long[] around = [.. Longs(op.Start), .. after.Select(rest => Math.Max(0, rest))];
        return around.All(size => size == 0) ? y : Emit("Pad", [y, Whole(around)]);
    }
}
