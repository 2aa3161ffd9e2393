using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

public static partial class OpTable
{
    private static IEnumerable<OpRow> Indexing =>
    [
        Row<Max>(from at in Shapes.WithAxis
                 from x in Values.In(Domain.Distinct, at.Shape)
                 select new OpCase(new Max(at.Axis), [x])) with { Domains = [Domain.Distinct] },
        Row<ArgMax>(from at in Shapes.WithAxis
                    from x in Values.In(Domain.Distinct, at.Shape)
                    select new OpCase(new ArgMax(at.Axis), [x]))
            with { Derivative = Derivative.None, Reason = "argmax is piecewise constant", Jumps = true },
        Row<Prod>(from at in Shapes.WithAxis
                  from x in Values.Real(at.Shape)
                  select new OpCase(new Prod(at.Axis), [x])),
        Row<CumSum>(from at in Shapes.WithAxis
                    from x in Values.Real(at.Shape)
                    from fromEnd in Gen.Elements(true, false)
                    select new OpCase(new CumSum(at.Axis, fromEnd), [x])),
        Row<TakeAlong>(from at in Shapes.WithAxis
                       from x in Values.Real(at.Shape)

                       // One position beyond the end is planted: it gives 0.
                       from index in Values.Index(at.Shape.With(at.Axis, 1), at.Shape[at.Axis] + 1)
                       select new OpCase(new TakeAlong(at.Axis), [x, index])),
        Row<PutAlong>(from at in Shapes.WithAxis
                      from x in Values.Real(at.Shape.With(at.Axis, 1))
                      from index in Values.Index(at.Shape.With(at.Axis, 1), at.Shape[at.Axis] + 1)
                      select new OpCase(new PutAlong(at.Axis, at.Shape[at.Axis]), [x, index])),
        Row<Gather>(from at in Shapes.WithAxis
                    from count in Gen.Choose(1, 5)
                    from x in Values.Real(at.Shape)
                    from index in Values.Index([count], at.Shape[at.Axis] + 1)
                    select new OpCase(new Gather(at.Axis), [x, index])),
        Row<ScatterAdd>(from at in Shapes.WithAxis
                        from size in Gen.Choose(1, 5)
                        from x in Values.Real(at.Shape)
                        from index in Values.Index([at.Shape[at.Axis]], size + 1)
                        select new OpCase(new ScatterAdd(at.Axis, size), [x, index])),
        Row<OneHot>(from shape in Gen.Choose(0, 2).SelectMany(Shapes.OfRank)
                    from classes in Gen.Choose(1, 5)
                    from index in Values.Index(shape, classes + 1)
                    select new OpCase(new OneHot(classes), [index]))
            with { Derivative = Derivative.None, Reason = "an index takes no values in between" },
        Row<ToIndex>(from shape in Shapes.Any
                     from x in Values.In(Domain.Fractional, shape)
                     select new OpCase(new ToIndex(), [x]))
            with { Derivative = Derivative.None, Reason = "an index takes no values in between", Jumps = true, Domains = [Domain.Fractional] },
    ];

    private static IEnumerable<OpRow> Random =>
    [
        Row<RandomUniform>(from shape in Shapes.Any
                           from key in Keys
                           select new OpCase(new RandomUniform(shape), [key])) with { Derivative = Derivative.None, Reason = NoKey },
        Row<RandomNormal>(from shape in Shapes.Any
                          from key in Keys
                          select new OpCase(new RandomNormal(shape), [key])) with { Derivative = Derivative.None, Reason = NoKey },
        Row<RandomPermutation>(from count in Gen.Choose(0, 9)
                               from key in Keys
                               select new OpCase(new RandomPermutation(count), [key])) with { Derivative = Derivative.None, Reason = NoKey },
        Row<FoldIn>(from purpose in Gen.Choose(0, int.MaxValue)
                    from key in Keys
                    select new OpCase(new FoldIn((uint)purpose), [key])) with { Derivative = Derivative.None, Reason = NoKey },
    ];

    private const string NoKey = "a key takes no values in between";

    private static Gen<Tensor> Keys => Values.Whole([2], 0, int.MaxValue);
}
