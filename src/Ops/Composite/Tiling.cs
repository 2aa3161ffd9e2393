using System.Collections.Immutable;

namespace AutoDiffCnn;

// Parts repeated, moved, joined and cut.
public static partial class Functions
{
    /// <summary>The whole of x side by side: so often along each axis, as ONNX's Tile and PyTorch's repeat.</summary>
    /// <param name="x">The input.</param>
    /// <param name="times">How often along each axis.</param>
    /// <exception cref="ShapeError">There is not one number for each axis.</exception>
    public static Node Tile(Node x, Shape times)
    {
        CheckNumbers($"Tile on {x.Shape}", "times", times, x.Shape.Rank);
        var apart = Shape.From(x.Shape.SelectMany(n => new[] { 1, n }));
        var spread = Shape.From(x.Shape.SelectMany((n, axis) => new[] { times[axis], n }));
        return Reshape(Broadcast.To(Reshape(x, apart), spread),
            x.Shape.Select((n, axis) => Shape.Fit((long)n * times[axis], $"Tile on {x.Shape}")));
    }

    /// <summary>Each part along an axis so often in a row: [a, b] twice is [a, a, b, b].</summary>
    public static Node RepeatInterleave(Node x, int times, int axis)
    {
        var along = x.Shape.Axis(axis);
        var size = Shape.Fit((long)x.Shape[along] * times, $"RepeatInterleave on {x.Shape}");
        Shape spread = [.. x.Shape[..(along + 1)], times, .. x.Shape[(along + 1)..]];
        return Reshape(Broadcast.To(Unsqueeze(x, along + 1), spread), x.Shape.With(along, size));
    }

    /// <summary>x turned along an axis, what leaves at the end comes back at the start: yᵢ = x₍ᵢ₋shift₎ mod
    /// n.</summary>
    public static Node Roll(Node x, int shift, int axis)
    {
        var along = x.Shape.Axis(axis);
        var size = x.Shape[along];
        var last = size == 0 ? 0 : (shift % size + size) % size;
        return last == 0 ? x : Concat(along, Part(x, along, size - last, last), Part(x, along, 0, size - last));
    }

    /// <summary>Tensors of one shape joined along a new axis.</summary>
    /// <param name="axis">The place of the new axis, counted from the end of the result when negative.</param>
    /// <param name="parts">The tensors.</param>
    public static Node Stack(int axis, params ReadOnlySpan<Node> parts)
    {
        var place = parts.Length == 0 ? axis : Shape.Repeat(1, parts[0].Shape.Rank + 1).Axis(axis);
        return Concat(place, [.. parts.ToArray().Select(part => Unsqueeze(part, Math.Min(place, part.Shape.Rank)))]);
    }

    /// <summary>x cut along an axis into parts of these sizes, as ONNX's Split.</summary>
    /// <exception cref="ShapeError">The sizes do not add up to the axis'.</exception>
    public static ImmutableArray<Node> Split(Node x, Shape sizes, int axis)
    {
        var along = x.Shape.Axis(axis);
        var sum = sizes.Sum(size => (long)size);
        if (sum != x.Shape[along])
        {
            throw new ShapeError($"Split on {x.Shape}", $"axis {along}: the sizes {sizes} add up to {sum}, not to {x.Shape[along]}",
                [$"sizes such as [{x.Shape[along]}]"]);
        }

        var start = 0;
        return [.. sizes.Select(size => Part(x, along, (start += size) - size, size))];
    }

    /// <summary>Channels to pixels: [n, c·r², h, w] to [n, c, h·r, w·r]; channel c·r² + i·r + j goes to row i and
    /// column j of each block, as in PyTorch (ONNX's DepthToSpace in mode CRD).</summary>
    /// <remarks>W. Shi et al., Real-Time Single Image and Video Super-Resolution, CVPR 2016.</remarks>
    /// <exception cref="ShapeError">r² does not divide the channels, or x is not [n, c, h, w].</exception>
    public static Node PixelShuffle(Node x, int r)
    {
        var (place, square) = ($"PixelShuffle({r}) on {x.Shape}", (long)r * r);
        return x.Shape is not [var n, var c, var h, var w] ? throw NoImage(place)
            : r > 0 && c % square == 0
            ? Reshape(Transpose(Reshape(x, [n, (int)(c / square), r, r, h, w]), [0, 1, 4, 2, 5, 3]),
                [n, (int)(c / square), Shape.Fit((long)h * r, place), Shape.Fit((long)w * r, place)])
            : throw new ShapeError(place, $"r² must divide the {c} channels", ["r = 1"]);
    }

    /// <summary>Pixels to channels, the inverse of <see cref="PixelShuffle"/>: [n, c, h·r, w·r] to [n, c·r², h,
    /// w].</summary>
    /// <exception cref="ShapeError">r does not divide height and width, or x is not [n, c, h, w].</exception>
    public static Node PixelUnshuffle(Node x, int r)
    {
        var place = $"PixelUnshuffle({r}) on {x.Shape}";
        return x.Shape is not [var n, var c, var h, var w] ? throw NoImage(place)
            : r > 0 && h % r == 0 && w % r == 0
            ? Reshape(Transpose(Reshape(x, [n, c, h / r, r, w / r, r]), [0, 1, 3, 5, 2, 4]),
                [n, Shape.Fit((long)((double)c * r * r), place), h / r, w / r])
            : throw new ShapeError(place, $"r must divide the height {h} and the width {w}", ["r = 1"]);
    }

    private static ShapeError NoImage(string place) =>
        new(place, "x needs rank 4: [n, c, h, w]", ["an image [n, c, h, w]"]);

    /// <summary>Channels dealt out: channel i of group g becomes channel i·groups + g.</summary>
    /// <remarks>X. Zhang et al., ShuffleNet, CVPR 2018.</remarks>
    /// <exception cref="ShapeError">The groups do not divide the channels.</exception>
    public static Node ChannelShuffle(Node x, int groups) => x.Shape is [var n, var c, .. var size] && groups > 0 && c % groups == 0
        ? Reshape(Transpose(Reshape(x, [n, groups, c / groups, Shape.Fit(size.Elements, $"ChannelShuffle on {x.Shape}")]), [0, 2, 1, 3]), x.Shape)
        : throw new ShapeError($"ChannelShuffle on {x.Shape}", x.Shape.Rank < 2 ? "x needs rank 2 or more: [n, c, …]" : $"{groups} groups do not divide axis 1",
            x.Shape.Rank < 2 ? ["an input of rank 2"] : Groups.Repairs(groups, x.Shape[1]));

    private static void CheckNumbers(string place, string what, Shape numbers, int rank)
    {
        if (numbers.Rank != rank)
        {
            throw new ShapeError(place, $"{what} {numbers} need {rank} numbers, one an axis", [$"{what} {Shape.Repeat(1, rank)}"]);
        }
    }
}
