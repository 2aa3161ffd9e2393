using System.Globalization;

namespace AutoDiffCnn;

/// <summary>Changes of tensors and ops, one for each mistake that somebody makes.</summary>
internal static class Change
{
    /// <summary>The last axes turned around.</summary>
    public static Tensor Turned(Tensor x, int axes) => new Reverse(
        Shape.From(Enumerable.Range(x.Shape.Rank - axes, axes))).Reference(x);

    /// <summary>The last two axes exchanged, if they are of one size.</summary>
    public static Tensor? Transposed(Tensor x) => x.Shape is [.., var rows, var columns] && rows == columns && rows > 1
        ? new Transpose([.. Enumerable.Range(0, x.Shape.Rank - 2), x.Shape.Rank - 1, x.Shape.Rank - 2]).Reference(x)
        : null;

    /// <summary>One slice of an axis only, the others 0.</summary>
    public static IEnumerable<(string Name, Func<Tensor, Tensor> Change)> Parts(Shape shape)
    {
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            foreach (var at in new[] { 0, shape[axis] - 1 }.Where(_ => shape[axis] > 1))
            {
                var (a, stride) = (axis, shape.Strides()[axis]);
                yield return (axis == 0 ? "not summed over the batch" : string.Create(CultureInfo.InvariantCulture, $"not summed over axis {axis}"),
                    x => Tensor.From(x.Shape, i => i / stride % x.Shape[a] == at ? x.At(i) : 0));
            }
        }
    }

    /// <summary>One step along an axis, with a zero behind or around.</summary>
    public static IEnumerable<(string Name, Func<Tensor, Tensor> Change)> Shifts(Shape shape) =>
        from axis in Enumerable.Range(0, shape.Rank)
        from step in (int[])[1, -1]
        from around in (bool[])[false, true]
        where shape[axis] > 1
        select (string.Create(CultureInfo.InvariantCulture, $"moved by {step} along axis {axis}"),
            (Func<Tensor, Tensor>)(x => Shifted(x, axis, step, around)));

    /// <summary>The op with one attribute changed.</summary>
    public static IEnumerable<(string Name, Op Op)> Attributes(Op op)
    {
        foreach (var (name, value) in Parameters.Of(op))
        {
            IEnumerable<(string Name, object Value)> others = value switch
            {
                int number => [(name, number - 1), (name, number + 1), (name, 0), (name, 1)],
                bool flag => [(name, !flag)],
                Window window => Windows(window).Select(pair => (pair.Name, (object)pair.Window)),
                Op inner => Attributes(inner).Select(pair => (pair.Name, (object)pair.Op)),
                _ => [],
            };
            foreach (var (what, other) in others)
            {
                if (!other.Equals(value) && Parameters.With(op, name, other) is Op changed)
                {
                    yield return (value is Op ? what : Named(what, other), changed);
                }
            }
        }
    }

    /// <summary>A tensor in the first corner of a larger one, with zeros behind; null if it does not fit.</summary>
    public static Tensor? Cornered(Tensor x, Shape shape)
    {
        if (x.Shape.Rank != shape.Rank || x.Shape.Zip(shape).Any(pair => pair.First > pair.Second))
        {
            return null;
        }

        return new Place(Shape.Repeat(0, shape.Rank), Shape.Repeat(1, shape.Rank), shape).Reference(x);
    }

    private static string Named(string what, object value) => what switch
    {
        "Stride" => "stride not dilated, the cotangents should be as far apart as the windows",
        "Dilation" => "the dilation is ignored",
        "Axis" => string.Create(CultureInfo.InvariantCulture, $"wrong axis, {value}"),
        "Padding" or "Pad" => "off by one, the padding",
        _ => string.Create(CultureInfo.InvariantCulture, $"as if {what} were {value}"),
    };

    private static IEnumerable<(string Name, Window Window)> Windows(Window window)
    {
        var ones = Shape.Repeat(1, window.Rank);
        yield return ("Stride", window with { Stride = ones });
        yield return ("Dilation", window with { Dilation = ones });
        for (var axis = 0; axis < window.Rank; axis++)
        {
            foreach (var by in (int[])[1, -1])
            {
                if (window.Before[axis] + by >= 0 && window.After[axis] - by >= 0)
                {
                    yield return ("Pad", window with
                    {
                        Before = window.Before.With(axis, window.Before[axis] + by),
                        After = window.After.With(axis, window.After[axis] - by),
                    });
                }
            }
        }
    }

    private static Tensor Shifted(Tensor x, int axis, int by, bool around)
    {
        var (size, stride) = (x.Shape[axis], (int)x.Shape.Strides()[axis]);
        return Tensor.From(x.Shape, i =>
        {
            var from = i / stride % size - by;
            return from >= 0 && from < size ? x.At(i - by * stride)
                : around ? x.At(i - by * stride + (from < 0 ? size : -size) * stride)
                : 0;
        });
    }
}
