using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>How a node's kernel walks: attributes that convolutions and pools share.</summary>
/// <param name="Kernel">The kernel's size on each axis.</param>
/// <param name="Stride">The steps.</param>
/// <param name="Dilation">The distances between the kernel's elements.</param>
/// <param name="Before">The padding before.</param>
/// <param name="After">The padding after.</param>
internal sealed record Walk(Shape Kernel, Shape Stride, Shape Dilation, Shape Before, Shape After)
{
    public Window Window => new(Stride, Before, After, Dilation);

    public Padding Padding => Padding.Of(Before, After);

    /// <summary>The walk over an image of this size.</summary>
    /// <param name="call">The node.</param>
    /// <param name="size">The image's size on each axis.</param>
    /// <param name="kernel">The kernel's size, if another input says it.</param>
    public static Walk Of(Call call, Shape size, Shape? kernel = null)
    {
        var sizes = call.Ints("kernel_shape") is { } given ? call.Sizes("kernel_shape", given)
            : kernel ?? throw call.Fail("kernel_shape is missing");
        if (kernel is not null && sizes != kernel)
        {
            throw call.Fail($"kernel_shape {sizes} is not that of the weights, {kernel}");
        }

        var (stride, dilation) = (Numbers("strides", 1), Numbers("dilations", 1));
        var (before, after) = Amounts(call, size, sizes, stride, dilation);
        return new(sizes, stride, dilation, before, after);

        Shape Numbers(string name, int otherwise) => call.Ints(name) is not { } numbers ? Shape.Repeat(otherwise, size.Rank)
            : numbers.Length == size.Rank ? call.Sizes(name, numbers)
            : throw call.Fail($"{name} has {numbers.Length} numbers, the image {size.Rank} axes");
    }

    /// <summary>Padding as it is given, or as much as makes ⌈size/stride⌉ positions; an odd amount has one more at the
    /// end (SAME_UPPER) or at the beginning (SAME_LOWER).</summary>
    private static (Shape Before, Shape After) Amounts(Call call, Shape size, Shape kernel, Shape stride, Shape dilation)
    {
        var (aim, none, pads) = (call.Text("auto_pad", "NOTSET"), Shape.Repeat(0, size.Rank), call.Ints("pads"));
        if (aim is "SAME_UPPER" or "SAME_LOWER")
        {
            var window = Padding.Same.Window(size, kernel, stride, dilation);
            return aim == "SAME_UPPER" ? (window.Before, window.After) : (window.After, window.Before);
        }

        return (aim, pads) switch
        {
            ("NOTSET", { } given) when given.Length == 2 * size.Rank =>
                (call.Sizes("pads", given[..size.Rank]), call.Sizes("pads", given[size.Rank..])),
            ("NOTSET", { } given) => throw call.Fail($"pads has {given.Length} numbers, the image has {size.Rank} axes of two sides"),
            ("NOTSET" or "VALID", _) => (none, none),
            _ => throw call.Fail($"auto_pad must be NOTSET, SAME_UPPER, SAME_LOWER or VALID, not {aim}"),
        };
    }
}

/// <summary>Convolutions and their transposes: x [n, c, spatial…], w [o, c/group, kernel…] and for the transpose
/// [c, o/group, kernel…].</summary>
internal static class ConvolutionOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.Alike("Conv", 1, Conv) with { IsFolded = false },
        Reading.Alike("ConvTranspose", 1, ConvTranspose) with { IsFolded = false },
    ];

    private static Node Conv(Call call)
    {
        var (x, w) = Images(call);
        var walk = Walk.Of(call, x.Shape[2..], w.Shape[2..]);
        return Biased(call, new Convolution(walk.Window, Groups(call)).Of(x, w));
    }

    /// <summary>The size of the result on each axis is stride · (size − 1) + output_padding + dilation · (k − 1) + 1 −
    /// the padding; if output_shape gives the size, the padding is what is over.</summary>
    private static Node ConvTranspose(Call call)
    {
        var (x, w) = Images(call);
        var (size, groups) = (x.Shape[2..], Groups(call));
        var (aim, open, wanted) = (call.Text("auto_pad", "NOTSET"), Output("output_padding"), Output("output_shape"));
        call.Ignore("pads");
        var isSame = aim is "SAME_UPPER" or "SAME_LOWER";
        var walk = isSame ? Walk.Of(WithoutPads(call), size, w.Shape[2..]) : Walk.Of(call, size, w.Shape[2..]);
        wanted ??= isSame ? size.Select((n, axis) => call.Size("the result's size", (long)n * walk.Stride[axis])) : null;
        var whole = size.Select((n, axis) => call.Size("the result's size",
            walk.Stride[axis] * Math.Max(0, n - 1L) + (open?[axis] ?? 0) + walk.Dilation[axis] * Math.Max(0, walk.Kernel[axis] - 1L) + 1));
        var (before, after) = wanted is { } target ? Over(whole, target) : (walk.Before, walk.After);
        var room = wanted ?? whole.Select((n, axis) => call.Size("the result's size", (long)n - before[axis] - after[axis]));
        Shape result = [x.Shape[0], call.Size("the result's channels", (long)w.Shape[1] * groups), .. room];
        return Biased(call, new ConvolutionInput(new(walk.Stride, before, after, walk.Dilation), groups, result).Of(x, w));

        Shape? Output(string name) => call.Ints(name) is not { } numbers ? null
            : numbers.Length == size.Rank ? call.Sizes(name, numbers)
            : throw call.Fail($"{name} has {numbers.Length} numbers, the image {size.Rank} axes");

        (Shape, Shape) Over(Shape all, Shape target)
        {
            // What is wanted beyond all is what the last step left open.
            var over = all.Select((n, axis) => Math.Max(0, n - target[axis]));
            var (less, more) = (over.Select((n, _) => n / 2), over.Select((n, _) => n - n / 2));
            return aim == "SAME_UPPER" ? (less, more) : (more, less);
        }
    }

    /// <summary>The transpose's padding for SAME is not that of a convolution.</summary>
    private static Call WithoutPads(Call call)
    {
        var proto = call.Proto.Clone();
        foreach (var name in new[] { "auto_pad", "pads" })
        {
            if (proto.Attribute.FirstOrDefault(attribute => attribute.Name == name) is { } found)
            {
                proto.Attribute.Remove(found);
            }
        }

        return call with { Proto = proto };
    }

    private static (Node X, Node W) Images(Call call)
    {
        var (x, w) = (call.Node(0), call.Node(1));
        return x.Shape.Rank >= 3 && w.Shape.Rank == x.Shape.Rank ? (x, w)
            : throw call.Fail($"x [n, c, …] and w need the same rank of at least 3, not {x.Shape} and {w.Shape}");
    }

    private static int Groups(Call call) => call.Size("group", call.Int("group", 1));

    private static Node Biased(Call call, Node y) => call.Optional(2) is { Node: var b }
        ? y + Reshape(b, [y.Shape[1], .. Shape.Repeat(1, y.Shape.Rank - 2)])
        : y;
}
