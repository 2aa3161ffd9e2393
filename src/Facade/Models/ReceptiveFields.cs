using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>How many pixels of the input one element of a node sees along each axis, and how far apart what neighbours
/// see is. A step of 0 means that every element sees the whole image.</summary>
/// <param name="Plane">The sizes of the node's spatial axes.</param>
/// <param name="Size">The pixels that an element sees, padding included.</param>
/// <param name="Step">The distance between what neighbours see.</param>
internal sealed record ReceptiveField(Shape Plane, ImmutableArray<double> Size, ImmutableArray<double> Step)
{
    /// <summary>The pixels as whole numbers.</summary>
    public Shape Pixels => Shape.From(Size.Select(size => (int)Math.Ceiling(size)));

    /// <summary>A walk with a window: size + dilation·(kernel − 1)·step, and step·stride.</summary>
    public ReceptiveField Walked(Shape kernel, Window window, Shape plane) => new(plane,
        [.. Size.Select((size, axis) => size + window.Dilation[axis] * (kernel[axis] - 1.0) * Step[axis])],
        [.. Step.Select((step, axis) => step * window.Stride[axis])]);

    /// <summary>The transpose of a walk: an element gets from ⌈(dilation·(kernel − 1) + 1)/stride⌉ others, which are
    /// stride times as far apart.</summary>
    public ReceptiveField Spread(Shape kernel, Window window, Shape plane) => new(plane,
        [.. Size.Select((size, axis) => size + (Math.Ceiling((window.Dilation[axis] * (kernel[axis] - 1.0) + 1) / window.Stride[axis]) - 1) * Step[axis])],
        [.. Step.Select((step, axis) => step / window.Stride[axis])]);

    /// <summary>What sees all that these two see.</summary>
    public static ReceptiveField Both(ReceptiveField a, ReceptiveField b) => new(a.Plane,
        [.. a.Size.Zip(b.Size, Math.Max)],
        [.. a.Step.Zip(b.Step, (s, t) => s == 0 || t == 0 ? 0 : Math.Max(s, t))]);
}

/// <summary>The receptive fields of a model's nodes, read off the graph.</summary>
/// <remarks>A. Araujo et al., Computing Receptive Fields of Convolutional Neural Networks, Distill, 2019. What leaves
/// the sizes of the spatial axes as they are is taken to compute each position alone; what is not known sees
/// everything. Between pixels that are resized the neighbours do not count.</remarks>
internal static class ReceptiveFields
{
    public static Dictionary<Node, ReceptiveField> Of(Model model)
    {
        var image = model.Input.Shape[Math.Min(2, model.Input.Shape.Rank)..];
        var fields = new Dictionary<Node, ReceptiveField>
        {
            [model.Input] = new(image, [.. image.Select(_ => 1.0)], [.. image.Select(_ => 1.0)]),
        };
        foreach (var node in new Graph(model.Output).Nodes)
        {
            var seen = node.Inputs.Where(fields.ContainsKey).Select(input => fields[input]);
            if (!seen.IsEmpty)
            {
                fields[node] = Next(node, seen.Aggregate(ReceptiveField.Both), image);
            }
        }

        return fields;
    }

    private static ReceptiveField Next(Node node, ReceptiveField x, Shape image)
    {
        var plane = node.Shape[Math.Min(2, node.Shape.Rank)..];
        var isImage = node.Inputs[0].Shape is [_, _, .. var before] && before == x.Plane;
        return node.Op switch
        {
            Reshape => x,
            Convolution op when isImage => x.Walked(node.Inputs[1].Shape[2..], op.Window, plane),
            ConvolutionInput op when isImage => x.Spread(node.Inputs[1].Shape[2..], op.Window, plane),
            MaxPool op when isImage => x.Walked(op.Kernel, op.Window, plane),
            SumPool op when isImage => x.Walked(op.Kernel, op.Window, plane),
            Slice op when isImage => x.Walked(Shape.Repeat(1, plane.Rank), Window.Of(plane.Rank) with { Stride = op.Step[2..] }, plane),
            Place op when isImage => x.Spread(Shape.Repeat(1, plane.Rank), Window.Of(plane.Rank) with { Stride = op.Step[2..] }, plane),
            Gather { Axis: >= 2 } or Concat when isImage => Scaled(x, plane),
            MatMul => Whole(plane, image),
            _ when plane == x.Plane || KeepsFlat(node, x.Plane) => x,
            _ => Whole(plane, image),
        };
    }

    private static ReceptiveField Scaled(ReceptiveField x, Shape plane) => new(plane, x.Size,
        [.. x.Step.Select((step, axis) => plane.Rank == x.Plane.Rank ? step * x.Plane[axis] / Math.Max(1, plane[axis]) : 0)]);

    /// <summary>Whether the image lies flat in the last axis and stays as it is there.</summary>
    private static bool KeepsFlat(Node node, Shape plane) =>
        node.Shape is [.., var last] && last == plane.Elements && node.Inputs.Any(input => input.Shape is [.., var size] && size == last)
        && node.Op is not (SumPool { Kernel: [.., > 1] } or MaxPool { Kernel: [.., > 1] });

    private static ReceptiveField Whole(Shape plane, Shape image) =>
        new(plane, [.. image.Select(size => (double)size)], [.. image.Select(_ => 0.0)]);
}
