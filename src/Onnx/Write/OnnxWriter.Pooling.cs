using AutoDiffCnn.Protocol;

namespace AutoDiffCnn;

// Pools, and what puts and takes at positions within a plane.
internal sealed partial class OnnxWriter
{
    // The results of pools with their positions, which one operator gives.
    private readonly Dictionary<(Node X, Shape Kernel, Window Window), string[]> pooled = [];

    private string? Pooling(Node node) => node switch
    {
        { Op: Divide, Inputs: [{ Op: SumPool op, Inputs: [var x] }, var count] }
            when AutoDiffCnn.Constant.NumberIn(count) == op.Kernel.Elements && IsPlain(op.Kernel, op.Window) => Average(x, op),
        { Op: Divide, Inputs: [{ Op: Reshape, Inputs: [{ Op: SumTo, Inputs: [{ Op: Reshape, Inputs: [var x] } planes] } sum] }, var count] }
            when x.Shape.Rank > 2 && planes.Shape == [.. x.Shape[..2], (int)x.Shape[2..].Elements] && sum.Shape == planes.Shape.With(2, 1)
                && AutoDiffCnn.Constant.NumberIn(count) == planes.Shape[2] && node.Shape == x.Shape[..2]
            => Emit("Flatten", [Emit("GlobalAveragePool", [Of(x)])]),
        { Op: SumPool op, Inputs: [var x] } => IsPlain(op.Kernel, op.Window)
            ? Emit("Mul", [Average(x, op), Number(op.Kernel.Elements)])
            : Emit("Conv", [Of(x), Ones(op.Kernel, x.Shape[1])], [.. Walk(op.Kernel, op.Window), Attribute("group", x.Shape[1])]),
        { Op: SumPoolInput op, Inputs: [var dy] } => Emit("ConvTranspose", [Of(dy), Ones(op.Kernel, op.X[1])],
            [.. Walk(op.Kernel, op.Window), Attribute("group", op.X[1]),
                Attribute("output_padding", Longs(Unseen(op.Window, op.Kernel, op.X[2..])))]),
        { Op: MaxPool op, Inputs: [var x] } => Largest(node, x, op.Kernel, op.Window)[0],
        { Op: MaxPoolIndices op, Inputs: [var x] } => Largest(node, x, op.Kernel, op.Window)[1],
        { Op: PlaneTake op, Inputs: [var x, var index] } => Reshaped(
            Take(Reshaped(Of(x), Planes(x.Shape)), InPlanes(index, op.Y), Most(index), (int)x.Shape[2..].Elements, 2, Planes(op.Y)), op.Y),
        { Op: PlanePut op, Inputs: [var dy, var index] } => Reshaped(
            Put(Reshaped(Of(dy), Planes(dy.Shape)), InPlanes(index, dy.Shape), Most(index), Planes(op.X), 2), op.X),
        _ => null,
    };

    /// <summary>Whether ONNX Runtime has a pool with such a window.</summary>
    private static bool IsPlain(Shape kernel, Window window) =>
        window.Rank is >= 1 and <= 3 && window.Dilation.All(step => step == 1) && IsPadded(kernel, window);

    /// <summary>Less padding on each side than the kernel is wide.</summary>
    private static bool IsPadded(Shape kernel, Window window) =>
        kernel.Zip(window.Before).All(pair => pair.Second < pair.First) && kernel.Zip(window.After).All(pair => pair.Second < pair.First);

    private string Average(Node x, SumPool op) => Emit("AveragePool", [Of(x)],
        [.. Walk(op.Kernel, op.Window).SkipLast(1), .. op.Window.Before.Concat(op.Window.After).Any(size => size > 0)
            ? [Attribute("count_include_pad", 1)] : Array.Empty<AttributeProto>()]);

    private string Ones(Shape kernel, int channels) => Constant(Tensor.Fill([channels, 1, .. kernel], 1), Kind.Real);

    /// <summary>The largest of each window and where in its plane it lies.</summary>
    private string[] Largest(Node node, Node x, Shape kernel, Window window)
    {
        if (!pooled.TryGetValue((x, kernel, window), out var both))
        {
            both = window.Rank is >= 1 and <= 3 && IsPadded(kernel, window)
                ? Emit("MaxPool", 2, [Of(x)], Walk(kernel, window))
                : Chosen(node, x, kernel, window);
            both = pooled[(x, kernel, window)] = both.Length == 2 ? [both[0], InPlane(both[1], x)] : both;
        }

        return both;
    }

    /// <summary>ONNX counts positions through the whole tensor.</summary>
    private string InPlane(string indices, Node x) => Emit("Mod", [indices, Whole(x.Shape[2..].Elements)]);
}
