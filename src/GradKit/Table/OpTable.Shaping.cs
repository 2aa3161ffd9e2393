using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

public static partial class OpTable
{
    private static IEnumerable<OpRow> Shaping =>
    [
        Row<Reshape>(from shape in Shapes.Any
                     from order in Shapes.Permutation(shape.Rank)
                     from merged in Gen.Elements(true, false)
                     from x in Values.Real(shape)
                     select new OpCase(new Reshape(merged ? [x.Count] : Shape.From(order.Select(axis => shape[axis]))), [x])),
        Row<Transpose>(from shape in Shapes.Any
                       from axes in Shapes.Permutation(shape.Rank)
                       from x in Values.Real(shape)
                       select new OpCase(new Transpose(axes), [x])),
        Row<Broadcast>(from large in Shapes.Any
                       from small in Shapes.BroadcastableTo(large)
                       from x in Values.Real(small)
                       select new OpCase(new Broadcast(large), [x])),
        Row<SumTo>(from large in Shapes.Any
                   from small in Shapes.BroadcastableTo(large)
                   from x in Values.Real(large)
                   select new OpCase(new SumTo(small), [x])),
        Row<Reverse>(from shape in Shapes.Any
                     from turned in Gen.SubListOf(Enumerable.Range(0, shape.Rank))
                     from x in Values.Real(shape)
                     select new OpCase(new Reverse(Shape.From(turned)), [x])),
        Row<Slice>(from part in PartOf
                   from x in Values.Real(part.Whole)
                   select new OpCase(new Slice(part.Start, part.Size, part.Step), [x])),
        Row<Place>(from part in PartOf
                   from x in Values.Real(part.Size)
                   select new OpCase(new Place(part.Start, part.Step, part.Whole), [x])),
        Row<Concat>(from at in Shapes.WithAxis
                    from sizes in Gen.Choose(0, 3).ArrayOf().Resize(4).Where(sizes => sizes.Length > 0)
                    from parts in Gen.CollectToArray(sizes, size => Values.Real(at.Shape.With(at.Axis, size)))
                    select new OpCase(new Concat(at.Axis), [.. parts])),
    ];

    /// <summary>A part of a whole: on each axis so many positions from a start on, a step apart, and something
    /// behind.</summary>
    private static Gen<(Shape Start, Shape Size, Shape Step, Shape Whole)> PartOf =>
        from rank in Gen.Choose(0, 3)
        from size in Shapes.OfRank(rank)
        from start in Gen.Choose(0, 2).ArrayOf(rank)
        from step in Gen.Choose(1, 3).ArrayOf(rank)
        from rest in Gen.Choose(0, 2).ArrayOf(rank)
        select (Shape.From(start), size, Shape.From(step), size.Select((n, axis) => start[axis] + (n - 1) * step[axis] + 1 + rest[axis]));
}
