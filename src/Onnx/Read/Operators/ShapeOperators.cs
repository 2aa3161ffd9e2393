using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The same elements under other shapes, repeated, joined and cut.</summary>
internal static class ShapeOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.Alike("Reshape", 1, call => Reshape(call.X, Target(call))),
        Reading.Alike("Flatten", 1, call => Reshape(call.X, Rows(call.X.Shape, FirstOf(call, call.Int("axis", 1))))),
        Reading.Alike("Transpose", 1, Permuted),
        Reading.Alike("Squeeze", 1, Squeezed),
        Reading.Alike("Unsqueeze", 1, Unsqueezed),
        Reading.Alike("Expand", 8, call => Broadcast.To(call.X, Broadcast.Common(new Add(), call.X.Shape, call.Sizes("size", call.Longs(1))))),
        Reading.Alike("Tile", 6, call => Tile(call.X, call.Sizes("repeats", call.Longs(1)))),
        Reading.Alike("Concat", 1, call => Concat(
            call.Axis(call.Int("axis", 1), call.X.Shape.Rank), [.. call.All.Select(value => value.Node)])),
        new("Split", 2, Parts),
        Reading.Alike("DepthToSpace", 1, DepthToSpace),
        Reading.Alike("SpaceToDepth", 1, SpaceToDepth),
    ];

    /// <summary>All axes before one as rows, the others as columns.</summary>
    public static Shape Rows(Shape shape, int first) =>
        [Shape.Fit(shape[..first].Elements, $"{shape}"), Shape.Fit(shape[first..].Elements, $"{shape}")];

    /// <summary>The axes that an operator works on: an input since an opset, an attribute before; null if neither is
    /// there.</summary>
    public static long[]? Axes(Call call, int since, int input = 1) => call.Version < since ? call.Ints("axes")
        : call.Optional(input) is null ? null
        : call.Longs(input);

    private static int FirstOf(Call call, long axis) => axis == call.X.Shape.Rank ? (int)axis : call.Axis(axis, call.X.Shape.Rank);

    /// <summary>0 stands for the size that x has there, unless allowzero says otherwise; −1 for what is left.</summary>
    private static Shape Target(Call call)
    {
        var (x, allowsZero) = (call.X.Shape, call.Flag("allowzero"));
        call.Ignore("consumed_inputs");
        var asked = call.Version < 5 ? call.Ints("shape") ?? [] : call.Longs(1);
        long[] sizes = [.. asked.Select((size, axis) => size != 0 || allowsZero ? size
            : axis < x.Rank ? x[axis] : throw call.Fail($"size 0 of axis {axis} stands for that of {x}, which has no such axis"))];
        var known = sizes.Where(size => size != -1).Aggregate(1.0, (product, size) => product * size);
        return sizes.Count(size => size == -1) switch
        {
            0 => call.Sizes("size", sizes),
            1 when known > 0 && x.Elements % known == 0 => call.Sizes("size", sizes.Select(size => size == -1 ? (long)(x.Elements / known) : size)),
            _ => throw call.Fail($"[{string.Join(", ", asked)}] cannot hold the {x.Elements} elements of {x}"),
        };
    }

    private static Node Permuted(Call call)
    {
        var reversed = Enumerable.Range(0, call.X.Shape.Rank).Reverse().Select(axis => (long)axis);
        return Transpose(call.X, call.Sizes("perm", call.Ints("perm") ?? reversed));
    }

    /// <summary>Without some axes of size 1; without all of them if none is named.</summary>
    private static Node Squeezed(Call call)
    {
        var x = call.X.Shape;
        var gone = Axes(call, 13) is { } axes ? call.Axes(axes, x.Rank) : [.. Enumerable.Range(0, x.Rank).Where(axis => x[axis] == 1)];
        return gone.All(axis => x[axis] == 1)
            ? Reshape(call.X, Shape.From(x.Where((_, axis) => !gone.Contains(axis))))
            : throw call.Fail($"axes [{string.Join(", ", gone)}] of {x} have not all the size 1");
    }

    private static Node Unsqueezed(Call call)
    {
        var axes = Axes(call, 13) ?? throw call.Fail("axes are missing");
        var (x, rank) = (call.X.Shape, call.X.Shape.Rank + axes.Length);
        var come = call.Axes(axes, rank);
        var old = new Queue<int>(x);
        return Reshape(call.X, Shape.From(Enumerable.Range(0, rank).Select(axis => come.Contains(axis) ? 1 : old.Dequeue()).ToArray()));
    }

    /// <summary>Parts of sizes that are given, or of one size; where that does not divide the axis the last one is
    /// smaller.</summary>
    private static ImmutableArray<Value> Parts(Call call)
    {
        var (x, axis) = (call.X, call.Axis(call.Int("axis", 0), call.X.Shape.Rank));
        var sizes = call.Version < 13 ? call.Ints("split") : call.Optional(1) is null ? null : call.Longs(1);
        var (n, count) = (x.Shape[axis], call.Version >= 18 ? call.Int("num_outputs", call.Outputs) : call.Outputs);
        if (count != call.Outputs || sizes is not null && sizes.Length != count)
        {
            throw call.Fail($"it has {call.Outputs} outputs for {sizes?.Length ?? count} parts");
        }

        var size = (n + count - 1) / Math.Max(1, count);
        sizes ??= n % count == 0 || call.Version >= 18
            ? [.. Enumerable.Range(0, (int)count).Select(i => Math.Clamp(n - i * size, 0, size))]
            : throw call.Fail($"{count} parts of one size do not fill axis {axis} of {x.Shape}");
        return [.. Split(x, call.Sizes("size", sizes), axis).Select(part => call[0].With(part))];
    }

    /// <summary>Channels to blocks of pixels: the channel of block row i and column j is (i · r + j) · c' + c' in mode
    /// DCR, c' · r² + i · r + j in mode CRD.</summary>
    private static Node DepthToSpace(Call call)
    {
        var r = call.Size("blocksize", call.Int("blocksize", 0));
        if (call.Text("mode", "DCR") is not "DCR" and var mode)
        {
            return mode == "CRD" ? PixelShuffle(call.X, r) : throw call.Fail($"mode must be DCR or CRD, not {mode}");
        }

        return call.X.Shape is [var n, var c, var h, var w] && r > 0 && c % ((long)r * r) == 0
            ? Reshape(Transpose(Reshape(call.X, [n, r, r, c / r / r, h, w]), [0, 3, 4, 1, 5, 2]),
                [n, c / r / r, call.Size("height", (long)h * r), call.Size("width", (long)w * r)])
            : throw call.Fail($"x must be [n, c, h, w] with channels that {r}² divides, not {call.X.Shape}");
    }

    private static Node SpaceToDepth(Call call)
    {
        var r = call.Size("blocksize", call.Int("blocksize", 0));
        return call.X.Shape is [var n, var c, var h, var w] && r > 0 && h % r == 0 && w % r == 0
            ? Reshape(Transpose(Reshape(call.X, [n, c, h / r, r, w / r, r]), [0, 3, 5, 1, 2, 4]),
                [n, call.Size("channels", (long)c * r * r), h / r, w / r])
            : throw call.Fail($"x must be [n, c, h, w] with a height and width that {r} divides, not {call.X.Shape}");
    }
}
