using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Pools over images [n, c, spatial…].</summary>
internal static class PoolOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        new("MaxPool", 1, MaxPool, IsFolded: false),
        Reading.Alike("AveragePool", 1, AveragePool) with { IsFolded = false },
        Reading.Alike("LpPool", 1, LpPool) with { IsFolded = false },
        Reading.Alike("GlobalMaxPool", 1, call => Max(Image(call), Spatial(call), keepDims: true)),
        Reading.Alike("GlobalAveragePool", 1, call => Mean(Image(call), Spatial(call), keepDims: true)),
        Reading.Alike("GlobalLpPool", 1, call => Norm(Image(call), Power(call), Spatial(call), keepDims: true)),
        Reading.Alike("MaxUnpool", 9, MaxUnpool) with { IsFolded = false },
    ];

    /// <summary>The largest of each window, and if somebody wants them the positions of the winners in all of x, by
    /// rows or by columns.</summary>
    private static ImmutableArray<Value> MaxPool(Call call)
    {
        var (x, walk, ceil) = (Image(call), Walked(call), call.Flag("ceil_mode"));
        var isByColumns = call.Flag("storage_order");
        var y = MaxPoolAlong(x, [.. walk.Kernel], [.. walk.Stride], walk.Padding, [.. walk.Dilation], ceil);
        if (!call.Wants(1))
        {
            return [call[0].With(y)];
        }

        var pool = (MaxPool)y.Op;
        var places = Places(call.Computable(x.Shape), isByColumns);
        return [call[0].With(y), Value.Whole(new PlaneTake(y.Shape).Of(places, new MaxPoolIndices(pool.Kernel, pool.Window).Of(x)))];
    }

    /// <summary>The numbers of the elements: 0, 1, 2, …, by columns with the first spatial axis fastest.</summary>
    private static Tensor Places(Shape x, bool isByColumns)
    {
        if (!isByColumns)
        {
            return Tensor.From(x, i => i);
        }

        var (rows, columns) = (x.Strides(), Shape.From(x[2..].Reverse()).Strides());
        return Tensor.From(x, i => i / rows[1] * rows[1] + Enumerable.Range(2, x.Rank - 2).Sum(axis => i / rows[axis] % x[axis] * columns[^(axis - 1)]));
    }

    private static Node AveragePool(Call call)
    {
        var (x, walk, ceil) = (Image(call), Walked(call), call.Flag("ceil_mode"));
        call.Computable([1, 1, .. x.Shape[2..]]);
        return walk.Dilation.All(step => step == 1)
            ? AvgPoolAlong(x, [.. walk.Kernel], [.. walk.Stride], walk.Padding, ceil, call.Flag("count_include_pad"))
            : throw call.Fail($"dilations {walk.Dilation}: an average pool here has none");
    }

    private static Node LpPool(Call call)
    {
        var walk = Walked(call);
        return walk.Dilation.All(step => step == 1)
            ? LpPoolAlong(Image(call), Power(call), [.. walk.Kernel], [.. walk.Stride], walk.Padding, call.Flag("ceil_mode"))
            : throw call.Fail($"dilations {walk.Dilation}: an Lp pool here has none");
    }

    /// <summary>Each element at its position in zeros; output_shape adds zeros behind.</summary>
    private static Node MaxUnpool(Call call)
    {
        var (y, walk) = (Image(call), Walked(call));
        Shape shape = [.. y.Shape[..2], .. y.Shape[2..].Select((n, axis) => call.Size("the result's size",
            (n - 1L) * walk.Stride[axis] + walk.Kernel[axis] - walk.Before[axis] - walk.After[axis]))];
        Shape flat = [1, 1, call.Size("the number of elements", y.Shape.Elements)];
        var index = new ToIndex().Of(Reshape(call.Node(1), flat));
        var x = Reshape(new PlanePut([1, 1, call.Size("the number of elements", shape.Elements)]).Of(Reshape(y, flat), index), shape);
        return call.Optional(2) is null ? x
            : new Place(Shape.Repeat(0, shape.Rank), Shape.Repeat(1, shape.Rank), call.Sizes("output_shape", call.Longs(2))).Of(x);
    }

    private static Walk Walked(Call call) => Walk.Of(call, Image(call).Shape[2..]);

    private static double Power(Call call) => call.Version < 2 ? call.Float("p", 2) : call.Int("p", 2);

    private static Node Image(Call call) => call.X.Shape.Rank >= 3 ? call.X
        : throw call.Fail($"x needs rank 3 or more, [n, c, …], not {call.X.Shape}");

    private static int[] Spatial(Call call) => [.. Enumerable.Range(2, call.X.Shape.Rank - 2)];
}
