using System.Globalization;
using System.Text;

namespace AutoDiffCnn;

/// <summary>How a kernel walks over an image along each axis: everything of a convolution or a pool that is not a
/// tensor and not the kernel's size. Padding is per side.</summary>
/// <param name="Stride">The step between positions.</param>
/// <param name="Before">The padding before the first element.</param>
/// <param name="After">The padding after the last element.</param>
/// <param name="Dilation">The distance between the kernel's elements.</param>
/// <remarks>Positions along an axis of size n, kernel size k: ⌊(n + before + after − dilation·(k−1) − 1)/stride⌋ + 1,
/// as in ONNX and PyTorch: V. Dumoulin, F. Visin, A guide to convolution arithmetic, 2016.</remarks>
/// <example><code>Window.Of(rank: 2, stride: 2, pad: 1) // Window(Stride: [2, 2], Pad: [1, 1])</code></example>
public sealed record Window(Shape Stride, Shape Before, Shape After, Shape Dilation)
{
    /// <summary>The same on all axes and on both sides.</summary>
    public static Window Of(int rank, int stride = 1, int pad = 0, int dilation = 1) => new(
        Shape.Repeat(stride, rank), Shape.Repeat(pad, rank), Shape.Repeat(pad, rank), Shape.Repeat(dilation, rank));

    /// <summary>The number of axes.</summary>
    public int Rank => Stride.Rank;

    /// <summary>Refuses negative numbers where the place is still known: a shape of them would only say that it is
    /// negative.</summary>
    internal static void Check(string place, int stride, int dilation, int? kernel = null)
    {
        if (stride < 0 || dilation < 0 || kernel < 0)
        {
            throw kernel is null
                ? new ShapeError(place, string.Create(CultureInfo.InvariantCulture, $"stride {stride} and dilation {dilation} must be at least 1"),
                    ["a stride and dilation of 1"])
                : new ShapeError(place, string.Create(CultureInfo.InvariantCulture,
                    $"stride {stride}, dilation {dilation} and kernel {kernel} must be at least 1"), ["a stride, dilation and kernel of 1"]);
        }
    }

    /// <summary>The number of positions along each axis.</summary>
    /// <param name="op">The op that asks, for the message.</param>
    /// <param name="size">The image's size along each axis.</param>
    /// <param name="kernel">The kernel's size along each axis.</param>
    /// <param name="place">What stands in the message as the op's inputs.</param>
    /// <exception cref="ShapeError">The kernel fits nowhere, or a stride or dilation is 0.</exception>
    internal Shape Positions(Op op, Shape size, Shape kernel, string place)
    {
        if (new[] { Before.Rank, After.Rank, Dilation.Rank, size.Rank, kernel.Rank }.Any(rank => rank != Rank))
        {
            throw new ShapeError($"{op} on {place}",
                $"stride, padding and dilation have {Rank}, {Before.Rank} and {After.Rank}, {Dilation.Rank} axes, the kernel {kernel.Rank}, the image {size.Rank}",
                [$"{size.Rank} numbers for each"]);
        }

        return size.Select((n, axis) => Positions(op, axis, n, kernel[axis], place));
    }

    /// <summary>Whether there is a position.</summary>
    internal bool Fits(Shape size, Shape kernel) =>
        new[] { Before.Rank, After.Rank, Dilation.Rank, size.Rank, kernel.Rank }.All(rank => rank == Rank)
        && Arrays.Range(0, Rank).All(axis => Stride[axis] >= 1 && Dilation[axis] >= 1 && kernel[axis] >= 1
            && Room(axis, size[axis], kernel[axis]) >= 0);

    /// <summary>How far the kernel can go from its first position; less than 0 if there is none.</summary>
    private long Room(int axis, int size, int kernel) =>
        (long)size + Before[axis] + After[axis] - (long)Dilation[axis] * (kernel - 1) - 1;

    private int Positions(Op op, int axis, int n, int k, string place)
    {
        var (s, d, before, after) = (Stride[axis], Dilation[axis], Before[axis], After[axis]);
        if (s < 1 || d < 1 || k < 1)
        {
            throw new ShapeError($"{op} on {place}", $"{AxisName(axis)}: stride {s}, dilation {d} and kernel {k} must be at least 1",
                ["a stride, dilation and kernel of 1"]);
        }

        var room = Room(axis, n, k);
        if (room >= 0)
        {
            return Shape.Fit(room / s + 1, $"{op} on {place}");
        }

        var padding = before == after ? $"2·{before}" : $"{before} + {after}";
        var positions = (long)Math.Floor((double)room / s) + 1;
        var reach = (long)d * (k - 1) + 1;
        var enough = Math.Max(0, (reach - n + 1) / 2);
        var padded = (long)n + before + after;
        List<string> repairs = [];
        repairs.AddRange(reach <= int.MaxValue ? [$"padding {enough} gives {(n + 2 * enough - reach) / s + 1}"] : []);
        repairs.AddRange(reach <= int.MaxValue && n > 0 ? [$"Same gives {(n - 1) / s + 1}"] : []);
        // Same pads by the kernel, so none fits an empty image.
        repairs.AddRange(padded >= 1 && n > 0 ? [$"a kernel of at most {(padded - 1) / d + 1}"]
            : reach - before - after <= int.MaxValue ? [$"an image whose {AxisName(axis)} is at least {reach - before - after}"]
            : ["a kernel of 1 and an image of at least 1"]);
        throw new ShapeError($"{op} on {place}", string.Create(CultureInfo.InvariantCulture,
            $"{AxisName(axis)} ⌊({n} + {padding} − {d}·({k}−1) − 1)/{s}⌋ + 1 = {positions}, must be at least 1"), repairs);
    }

    private string AxisName(int axis) => (Rank - axis) switch
    {
        1 when Rank == 1 => "length",
        1 => "width",
        2 => "height",
        3 => "depth",
        _ => $"axis {axis}",
    };

    /// <summary>All meetings of kernel and image: at position p, kernel element k lies on image element q, each counted
    /// flat. Padding is left out. Ordered by p, then k.</summary>
    internal IEnumerable<(int P, int K, int Q)> Meetings(Shape positions, Shape kernel, Shape size)
    {
        var (ps, ks, qs) = (positions.Strides(), kernel.Strides(), size.Strides());
        for (var p = 0; p < positions.Elements; p++)
        {
            for (var k = 0; k < kernel.Elements; k++)
            {
                var q = 0L;
                for (var axis = 0; axis < Rank && q >= 0; axis++)
                {
                    var at = p / ps[axis] % positions[axis] * Stride[axis] + k / ks[axis] % kernel[axis] * Dilation[axis] - Before[axis];
                    q = at >= 0 && at < size[axis] ? q + at * qs[axis] : -1;
                }

                if (q >= 0)
                {
                    yield return (p, k, (int)q);
                }
            }
        }
    }

    /// <summary>As it is written in C#, without what is as usual: <c>Window(Stride: [2, 2], Pad: [1, 1])</c>.</summary>
    public override string ToString() => $"Window({Parameters})";

    /// <summary>pad(x) ⋆ dilate(w), with a stride below the star.</summary>
    internal MathText Star(MathText x, MathText w)
    {
        var star = new MathText(@"\star", "⋆", "(*)");
        star = Stride.All(s => s == 1) ? star : star.Sub(Numbers(Stride));
        return MathText.Star(Padded(x, [.. Before], [.. After])!, star.Latex, star.Unicode, star.Text, Dilated(w, Dilation));
    }

    /// <summary>pad(x); null if a padding is negative.</summary>
    internal static MathText? Padded(MathText x, int[] before, int[] after) => before.Concat(after).Any(p => p < 0) ? null
        : before.Concat(after).All(p => p == 0) ? x
        : MathText.Call("pad", x, before.SequenceEqual(after)
            ? Numbers(before) : MathText.Verbatim(string.Join("; ", before.Zip(after, (b, a) => $"{b}, {a}"))));

    /// <summary>dilate(x): zeros between its elements.</summary>
    internal static MathText Dilated(MathText x, Shape step) =>
        step.All(s => s == 1) ? x : MathText.Call("dilate", x, Numbers(step));

    /// <summary>One number if all are the same.</summary>
    private static MathText Numbers(IReadOnlyCollection<int> numbers)
    {
        var shown = numbers.Distinct().Count() == 1 ? numbers.Take(1) : numbers;
        return new(string.Join(@" \times ", shown), string.Join("×", shown), string.Join("x", shown));
    }

    /// <summary>What differs from a plain walk.</summary>
    internal string Parameters => string.Join(", ", (string[])
    [
        .. Stride.All(s => s == 1) ? Array.Empty<string>() : [$"Stride: {Stride}"],
        .. Before != After ? [$"Before: {Before}", $"After: {After}"] : Before.All(p => p == 0) ? Array.Empty<string>() : [$"Pad: {Before}"],
        .. Dilation.All(d => d == 1) ? Array.Empty<string>() : [$"Dilation: {Dilation}"],
    ]);

    /// <summary>Writes the parameters of an op with a window, after others of its own.</summary>
    internal bool Print(StringBuilder builder, params ReadOnlySpan<string> others)
    {
        builder.AppendJoin(", ", others.ToArray().Append(Parameters).Where(part => part.Length > 0));
        return builder.Length > 0;
    }
}
