using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>The same op or function with smaller attributes on smaller inputs.</summary>
/// <remarks>A size is often in several places, as in an image and in the attribute of a convolution's transpose. So a
/// candidate is: one size made smaller everywhere, one axis of one input, one attribute, or an axis and an attribute
/// together. What does not fit is refused by the op itself.</remarks>
internal static class SmallerOps
{
    public static IEnumerable<Case> Of(Case at)
    {
        ImmutableArray<Shape> shapes = [.. at.Inputs.Select(input => input.Variable.Shape)];
        var op = IsOneOp(at) ? at.Output.Op : null;
        return Candidates(op, shapes).SelectMany(pair => new[] { false, true }.Select(last => Made(at, pair.Op, pair.Shapes, last))).OfType<Case>();
    }

    private static bool IsOneOp(Case at) => at.Twin is null && at.Output.Inputs.SequenceEqual(at.Inputs.Select(input => input.Variable));

    private static IEnumerable<(Op? Op, ImmutableArray<Shape> Shapes)> Candidates(Op? op, ImmutableArray<Shape> shapes)
    {
        var sizes = shapes.SelectMany(shape => shape).Where(size => size > 1).Distinct().OrderDescending().ToArray();
        foreach (var (size, less) in sizes.SelectMany(size => Less(size).Select(less => (size, less))))
        {
            ImmutableArray<Shape> all = [.. shapes.Select(shape => shape.Select((n, _) => n == size ? less : n))];
            yield return (op, all);
            if (op is not null)
            {
                yield return ((Op)Replaced(op, size, less), all);
            }
        }

        if (shapes.Length > 0 && shapes.All(shape => shape.Rank == shapes[0].Rank))
        {
            foreach (var axis in Enumerable.Range(0, shapes[0].Rank).Where(axis => shapes.All(shape => shape[axis] == 1)))
            {
                yield return (op, [.. shapes.Select(shape => Shape.From(shape.Where((_, i) => i != axis)))]);
            }
        }

        Op[] others = op is null ? [] : [.. Attributes(op).OfType<Op>()];
        var smaller = Axes(shapes).ToArray();
        foreach (var other in others)
        {
            yield return (other, shapes);
        }

        foreach (var pair in smaller)
        {
            yield return (op, pair);
        }

        foreach (var (other, pair) in others.SelectMany(other => smaller.Select(pair => (other, pair))))
        {
            yield return (other, pair);
        }
    }

    private static Case? Made(Case at, Op? op, ImmutableArray<Shape> shapes, bool last)
    {
        try
        {
            ImmutableArray<Tensor> values = [.. at.Inputs.Zip(shapes, (input, shape) => Corner(input.Value, shape, last))];
            if (op is not null)
            {
                return Case.Of(new OpCase(op, values));
            }

            if (at.Remake is null)
            {
                return null;
            }

            ImmutableArray<Node> xs = [.. at.Inputs.Zip(shapes, (input, shape) => Variable(input.Variable.Op.Name, shape, input.Variable.Kind))];
            return at.Remake(xs) with { Inputs = [.. xs.Zip(values)] };
        }
        catch (Exception error) when (error is MisfitError or ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static IEnumerable<int> Less(int size) => new[] { 1, size / 2, size - 1 }.Distinct().Where(less => less < size && less >= 1);

    private static IEnumerable<ImmutableArray<Shape>> Axes(ImmutableArray<Shape> shapes) =>
        from i in Enumerable.Range(0, shapes.Length)
        from axis in Enumerable.Range(0, shapes[i].Rank)
        from less in Less(shapes[i][axis])
        select shapes.SetItem(i, shapes[i].With(axis, less));

    /// <summary>Records like this one with one number smaller, inside records too.</summary>
    private static IEnumerable<object> Attributes(object record)
    {
        foreach (var (name, value) in Parameters.Of(record))
        {
            var smaller = value switch
            {
                int number => number > 0 ? [number / 2, number - 1] : Array.Empty<object>(),
                true => [false],
                Shape shape => Enumerable.Range(0, shape.Rank).SelectMany(axis => new[] { 0, 1, shape[axis] - 1 }
                        .Where(less => less >= 0 && less < shape[axis]).Select(less => (object)shape.With(axis, less)))
                    .Concat(Enumerable.Range(0, shape.Rank).Select(axis => (object)Shape.From(shape.Where((_, i) => i != axis)))),
                Window or Op => Attributes(value),
                _ => [],
            };
            foreach (var other in smaller.Distinct().Select(less => Parameters.With(record, name, less)).OfType<object>())
            {
                yield return other;
            }
        }
    }

    /// <summary>The record with one size made another in every shape.</summary>
    private static object Replaced(object record, int size, int less) => Parameters.Of(record).Aggregate(record, (made, pair) =>
        pair.Value switch
        {
            Shape shape => Parameters.With(made, pair.Name, shape.Select((n, _) => n == size ? less : n)) ?? made,
            Op op => Parameters.With(made, pair.Name, Replaced(op, size, less)) ?? made,
            _ => made,
        });

    /// <summary>The first or the last corner of a tensor, of another shape.</summary>
    private static Tensor Corner(Tensor value, Shape shape, bool last)
    {
        var (from, to) = (value.Shape, shape);
        if (from.Rank != to.Rank)
        {
            return value.Reshape(shape);
        }

        var (strides, steps) = (from.Strides(), to.Strides());
        return Tensor.From(shape, i =>
        {
            var flat = 0L;
            for (var axis = 0; axis < to.Rank; axis++)
            {
                flat += (i / steps[axis] % to[axis] + (last ? from[axis] - to[axis] : 0)) * strides[axis];
            }

            return value.At((int)flat);
        });
    }
}
