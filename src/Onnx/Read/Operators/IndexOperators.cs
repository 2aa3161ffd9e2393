using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Elements by their positions. A negative position counts from the end. One that is known when the file is
/// read must lie inside; of one that is not, an element outside is 0.</summary>
internal static class IndexOperators
{
    // Positions that are computed while the graph runs are whole numbers in single precision up to here.
    private const int MostComputed = 1 << 24;

    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.Alike("Gather", 1, Gathered),
        Reading.Alike("GatherElements", 11, GatherElements),
        Reading.Alike("GatherND", 11, GatherNd),
        Reading.Alike("Scatter", 9, ScatterElements),
        Reading.Alike("ScatterElements", 11, ScatterElements),
        Reading.Alike("ScatterND", 11, ScatterNd),
        Reading.One("OneHot", 9, Hot),
        Reading.One("NonZero", 9, NonZero),
    ];

    /// <summary>Parts of x along an axis, laid out as the positions are.</summary>
    private static Node Gathered(Call call)
    {
        var (x, index) = (call.X, call[1]);
        var axis = call.Axis(call.Int("axis", 0), x.Shape.Rank);
        var at = FromEnd(call, index, x.Shape[axis]);
        var parts = at.Op is Constant { Value: { Count: 1 } one }
            ? Part(x, axis, (int)one.At(0), 1)
            : Gather(x, Index(at), axis);
        return Reshape(parts, [.. x.Shape[..axis], .. index.Shape, .. x.Shape[(axis + 1)..]]);
    }

    private static Node GatherElements(Call call)
    {
        var (flat, at) = Elements(call);
        return Reshape(Gather(flat, at, 0), call[1].Shape);
    }

    /// <summary>x as a vector, and where in it the elements are that have the index's coordinates but for one axis, on
    /// which the index says where.</summary>
    private static (Node Flat, Node At) Elements(Call call)
    {
        var (x, index) = (call.X.Shape, call[1]);
        var (axis, steps) = (call.Axis(call.Int("axis", 0), x.Rank), x.Strides());
        if (index.Shape.Rank != x.Rank || index.Shape.Where((n, i) => i != axis && n > x[i]).Any())
        {
            throw call.Fail($"positions {index.Shape} do not lie in {x} but for axis {axis}");
        }

        var own = index.Shape.Strides();
        var rest = Tensor.From(call.Computable(index.Shape), i =>
            Enumerable.Range(0, x.Rank).Where(other => other != axis).Sum(other => (double)(i / own[other] % index.Shape[other] * steps[other])));
        var at = Positions(call, FromEnd(call, index, x[axis]) * steps[axis] + rest, x.Elements, index.IsConstant);
        return (Vector(call, call.X), at);
    }

    /// <summary>Each row of the index, its last axis, says where in x a part lies, below batch_dims axes that both
    /// share.</summary>
    private static Node GatherNd(Call call)
    {
        var (x, batch) = (call.X.Shape, call.Size("batch_dims", call.Int("batch_dims", 0)));
        var (parts, at, inner) = Parts(call, batch);
        return Reshape(Gather(parts, at, 0), [.. call[1].Shape[..^1], .. x[inner..]]);
    }

    private static (Node Parts, Node At, int Inner) Parts(Call call, int batch)
    {
        var (x, index) = (call.X.Shape, call[1]);
        if (index.Shape is not [.. var rows, var depth] || batch > rows.Rank || batch + depth > x.Rank || rows[..batch] != x[..batch])
        {
            throw call.Fail($"positions {index.Shape} do not lie in {x}");
        }

        var inner = batch + depth;
        var outer = x[..inner];
        var steps = outer.Strides();
        var sizes = Tensor.Of([.. x[batch..inner].Select(n => (double)n)]);
        var whole = index.IsConstant && Outside(index.Known!, i => x[batch + i % depth]) ? throw call.Fail($"a position lies outside of {x}")
            : Where(Less(index.Node, 0), index.Node + sizes, index.Node);
        var flat = Sum(whole * Tensor.Of([.. steps[batch..].Select(step => (double)step)]), [index.Shape.Rank - 1]);
        var (images, each) = (x[..batch].Elements, rows[batch..].Elements);
        var start = Tensor.From(call.Computable(rows), i => each == 0 ? 0 : i / each * (outer.Elements / Math.Max(1, images)));
        var at = Positions(call, flat + start, outer.Elements, index.IsConstant);
        return (Reshape(call.X, [call.Size("the size", outer.Elements), .. x[inner..]]), at, inner);
    }

    /// <summary>x with other elements at some positions, or with those added.</summary>
    private static Node ScatterElements(Call call)
    {
        var (flat, at) = Elements(call);
        return call.Node(2).Shape == call[1].Shape
            ? Reshape(Scattered(call, flat, at, Vector(call, call.Node(2))), call.X.Shape)
            : throw call.Fail($"updates {call.Node(2).Shape} need the shape of the positions, {call[1].Shape}");
    }

    private static Node ScatterNd(Call call)
    {
        var (parts, at, inner) = Parts(call, 0);
        var updates = Reshape(call.Node(2), [at.Shape[0], .. call.X.Shape[inner..]]);
        return Reshape(Scattered(call, parts, at, updates), call.X.Shape);
    }

    private static Node Scattered(Call call, Node x, Node at, Node updates)
    {
        var placed = new ScatterAdd(0, x.Shape[0]).Of(updates, at);
        return call.Text("reduction", "none") switch
        {
            "none" => Where(new ScatterAdd(0, x.Shape[0]).Of(Ones(updates.Shape), at), placed, x),
            "add" => x + placed,
            var other => throw call.Fail($"reduction {other} is not read, only none and add"),
        };
    }

    /// <summary>off, but on where the class is the index, along a new axis.</summary>
    private static Value Hot(Call call)
    {
        var (index, classes, values) = (call[0], call.Size("depth", call.Long(1)), call[2]);
        var rank = index.Shape.Rank;
        var axis = call.Axis(call.Int("axis", -1), rank + 1);
        var hot = OneHot(new ToIndex().Of(Where(Less(index.Node, 0), index.Node + classes, index.Node)), classes);
        hot = Transpose(hot, Shape.From([.. Enumerable.Range(0, axis), rank, .. Enumerable.Range(axis, rank - axis)]));
        return values.Shape == [2]
            ? values.With(Where(hot, Part(values.Node, 0, 1, 1), Part(values.Node, 0, 0, 1)))
            : throw call.Fail($"values must be [off, on], not of shape {values.Shape}");
    }

    /// <summary>The positions of all elements but zeros, a column each, of what is known when the file is read.</summary>
    private static Value NonZero(Call call)
    {
        var (known, steps) = (call.Known(0), call[0].Shape.Strides());
        int[] places = [.. Enumerable.Range(0, known.Count).Where(i => known.At(i) != 0)];
        return Value.Whole(Tensor.From([steps.Length, places.Length], i =>
            places[i % places.Length] / steps[i / places.Length] % call[0].Shape[i / places.Length]));
    }

    /// <summary>Positions that count from the end made to count from the start; those that are known are
    /// constants.</summary>
    private static Node FromEnd(Call call, Value index, int n) => index.Known is not { } known
        ? Where(Less(index.Node, 0), index.Node + n, index.Node)
        : Outside(known, _ => n) ? throw call.Fail($"a position lies outside of {-n}..{n - 1}")
        : (Node)known.Map(at => at < 0 ? at + n : at);

    private static bool Outside(Tensor known, Func<int, int> size) =>
        Enumerable.Range(0, known.Count).Any(i => known.At(i) < -size(i) || known.At(i) >= size(i));

    /// <summary>Positions that are computed, as an index.</summary>
    private static Node Positions(Call call, Node at, long most, bool isKnown) =>
        most > (isKnown ? int.MaxValue : MostComputed) ? throw call.Fail($"positions in {most} elements are too many to be counted")
        : Index(isKnown ? at.Value : at);

    /// <summary>An index of rank 1.</summary>
    private static Node Index(Node at) => at.Op is Constant { Value: var known }
        ? Indices(known.Reshape([known.Count]))
        : new ToIndex().Of(Reshape(at, [Shape.Fit(at.Shape.Elements, "positions")]));

    private static Node Vector(Call call, Node x) => Reshape(x, [call.Size("the size", x.Shape.Elements)]);
}
