using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Images of another size, and images read anywhere.</summary>
internal static class ResizeOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.Alike("Resize", 10, Resized),
        Reading.Alike("Upsample", 7, Resized),
        Reading.Alike("GridSample", 16, Sampled) with { IsFolded = false },
        Reading.Alike("AffineGrid", 20, call => call.Longs(1) is [_, _, var h, var w]
            ? AffineGrid(call.X, call.Sizes("size", [h, w]), call.Flag("align_corners"))
            : throw call.Fail("only grids of images [n, c, h, w] are read")) with { IsFolded = false },
    ];

    /// <summary>Each axis by itself: pixel i of the result is a sum of some pixels of x, with weights that do not
    /// depend on x.</summary>
    private static Node Resized(Call call)
    {
        var x = call.X;
        var axes = Axes(call);
        var taps = Taps(call);
        var outside = call.Float("extrapolation_value", 0);
        foreach (var (axis, place) in axes)
        {
            // For each pixel some weights are computed.
            call.Computable([place.To, 1 << 5]);
            x = Enumerable.Range(0, place.To).All(i => place.Of(i) == i) && place.To == place.From ? x : Along(x, axis, place, taps, outside);
        }

        return x;
    }

    /// <summary>Where along an axis the pixels of the result lie.</summary>
    /// <param name="From">The size of x.</param>
    /// <param name="To">The size of the result.</param>
    /// <param name="Of">The position in x of each.</param>
    /// <param name="IsOpen">Whether positions outside of x have no pixel.</param>
    private sealed record Placed(int From, int To, Func<int, double> Of, bool IsOpen);

    private static IEnumerable<(int Axis, Placed Place)> Axes(Call call)
    {
        var x = call.X.Shape;
        var mode = call.Version < 11 ? "asymmetric" : call.Text("coordinate_transformation_mode", "half_pixel");
        int[] axes = call.Ints("axes") is { } some ? [.. some.Select(axis => call.Axis(axis, x.Rank))] : [.. Enumerable.Range(0, x.Rank)];
        var (scales, sizes) = Sizes(call, [.. axes.Select(axis => x[axis])]);
        var roi = mode != "tf_crop_and_resize" ? [] : call.Known(1).ToDoubles();
        if (sizes.Length != axes.Length || mode == "tf_crop_and_resize" && roi.Length != 2 * axes.Length || axes.Any(axis => x[axis] == 0))
        {
            throw call.Fail($"it has sizes for {sizes.Length} of {axes.Length} axes, regions for {roi.Length / 2}, and x, {x}, must not be empty");
        }

        return [.. axes.Select((axis, i) => (axis, new Placed(x[axis], sizes[i], At(call, mode, x[axis], sizes[i], scales[i],
            roi.Length == 0 ? default : (roi[i], roi[i + axes.Length])), roi.Length > 0)))];
    }

    /// <summary>The sizes of the result, given or as multiples of x's.</summary>
    private static (double[] Scales, int[] Sizes) Sizes(Call call, int[] old)
    {
        var policy = call.Text("keep_aspect_ratio_policy", "stretch");
        var isPlain = call.Proto.OpType == "Upsample" || call.Version < 11;
        if (!isPlain && call.Optional(3) is { Shape.Elements: > 0 })
        {
            var wanted = call.Sizes("size", call.Longs(3));
            double[] each = [.. wanted.Zip(old, (to, from) => (double)to / from)];
            return policy switch
            {
                "stretch" => (each, [.. wanted]),
                "not_larger" or "not_smaller" => (each.Length > 0 ? policy == "not_larger" ? each.Min() : each.Max() : 1) is var one
                    ? ([.. old.Select(_ => one)], [.. old.Select(n => call.Size("size", (long)Math.Floor(one * n + 0.5)))]) : default,
                _ => throw call.Fail($"keep_aspect_ratio_policy must be stretch, not_larger or not_smaller, not {policy}"),
            };
        }

        var scales = call.Floats("scales") ?? call.Known(isPlain ? 1 : 2).ToDoubles();
        // In single precision, where ten times 0.7 are seven.
        return (scales, [.. scales.Zip(old, (scale, n) => scale > 0 && scale * n <= int.MaxValue ? (int)MathF.Floor((float)scale * n)
            : throw call.Fail($"scale {scale} of an axis of {n} pixels"))]);
    }

    private static Func<int, double> At(Call call, string mode, int from, int to, double scale, (double Start, double End) roi) => mode switch
    {
        "half_pixel" => i => (i + 0.5) / scale - 0.5,
        "pytorch_half_pixel" => i => to > 1 ? (i + 0.5) / scale - 0.5 : 0,
        "align_corners" => i => to > 1 ? (double)i * (from - 1) / (to - 1) : 0,
        "asymmetric" => i => i / scale,
        "tf_half_pixel_for_nn" => i => (i + 0.5) / scale,
        "half_pixel_symmetric" => i => from / 2.0 * (1 - to / (scale * from)) + (i + 0.5) / scale - 0.5,
        "tf_crop_and_resize" => i => to > 1
            ? roi.Start * (from - 1) + i * (roi.End - roi.Start) * (from - 1) / (to - 1)
            : (roi.Start + roi.End) * (from - 1) / 2,
        _ => throw call.Fail($"coordinate_transformation_mode {mode} is not known"),
    };

    /// <summary>From a position to pixels with their weights.</summary>
    private static Func<double, int, (int Pixel, double Weight)[]> Taps(Call call)
    {
        var nearest = call.Version < 11 || call.Proto.OpType == "Upsample" ? "floor" : call.Text("nearest_mode", "round_prefer_floor");
        var (a, isInside) = (call.Float("cubic_coeff_a", -0.75), call.Flag("exclude_outside"));
        var smooths = call.Flag("antialias");
        return call.Text("mode", "nearest") switch
        {
            _ when smooths => throw call.Fail("antialias is not read"),
            "nearest" => (at, n) => [(Math.Clamp(Nearest(call, nearest, at), 0, n - 1), 1)],
            "linear" => (at, n) => [(Pixel(at, 0, n), 1 - Part(at)), (Pixel(at, 1, n), Part(at))],
            "cubic" => (at, n) => Cubic(at, n, a, isInside),
            var other => throw call.Fail($"mode must be nearest, linear or cubic, not {other}"),
        };

        static double Part(double at) => at - Math.Floor(at);

        static int Pixel(double at, int next, int n) => (int)Math.Clamp(Math.Floor(at) + next, 0, n - 1);
    }

    private static int Nearest(Call call, string mode, double at) => (int)(mode switch
    {
        "round_prefer_floor" => Math.Ceiling(at - 0.5),
        "round_prefer_ceil" => Math.Floor(at + 0.5),
        "floor" => Math.Floor(at),
        "ceil" => Math.Ceiling(at),
        _ => throw call.Fail($"nearest_mode {mode} is not known"),
    });

    /// <summary>Keys' cubic; where pixels outside are left out, the others share their weights.</summary>
    private static (int Pixel, double Weight)[] Cubic(double at, int n, double a, bool isInside)
    {
        var first = Math.Floor(at) - 1;
        (double Pixel, double Weight)[] taps = [.. Enumerable.Range(0, 4).Select(i => (first + i, Weight(Math.Abs(at - first - i))))];
        var sum = isInside ? taps.Where(tap => tap.Pixel >= 0 && tap.Pixel < n).Sum(tap => tap.Weight) : 1;
        return [.. taps.Select(tap => ((int)Math.Clamp(tap.Pixel, 0, n - 1), isInside && (tap.Pixel < 0 || tap.Pixel >= n) ? 0 : tap.Weight / sum))];

        double Weight(double d) => d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    }

    private static Node Along(Node x, int axis, Placed place, Func<double, int, (int Pixel, double Weight)[]> taps, double outside)
    {
        var pixels = Enumerable.Range(0, place.To).Select(i => taps(place.Of(i), place.From)).ToArray();
        var y = Enumerable.Range(0, pixels.Length == 0 ? 1 : pixels[0].Length).Select(t =>
        {
            var taken = Gather(x, Indices(Tensor.From([place.To], i => pixels[i][t].Pixel)), axis);
            return pixels.All(tap => tap[t].Weight == 1) ? taken : taken * Weights(i => pixels[i][t].Weight);
        }).Aggregate((sum, next) => sum + next);
        return place.IsOpen ? Where(Weights(i => place.Of(i) < 0 || place.Of(i) > place.From - 1 ? 1 : 0), outside, y) : y;

        Node Weights(Func<int, double> weight) =>
            Reshape(Tensor.From([place.To], i => weight(i)), Shape.Repeat(1, x.Shape.Rank - axis).With(0, place.To));
    }

    /// <summary>Images at the positions of a grid.</summary>
    private static Node Sampled(Call call)
    {
        var mode = call.Text("mode", "linear") switch
        {
            "linear" or "bilinear" => ResizeMode.Linear,
            "nearest" => ResizeMode.Nearest,
            "cubic" or "bicubic" => ResizeMode.Cubic,
            var other => throw call.Fail($"mode must be linear, nearest or cubic, not {other}"),
        };
        var padding = call.Text("padding_mode", "zeros") switch
        {
            "zeros" => PadMode.Constant,
            "border" => PadMode.Edge,
            "reflection" => PadMode.Reflect,
            var other => throw call.Fail($"padding_mode must be zeros, border or reflection, not {other}"),
        };
        return GridSample(call.X, call.Node(1), mode, padding, call.Flag("align_corners"));
    }
}
