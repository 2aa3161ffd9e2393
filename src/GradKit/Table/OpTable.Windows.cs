using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

public static partial class OpTable
{
    private static IEnumerable<OpRow> Windows =>
    [
        Row<MatMul>(from a in Shapes.OfRank(3)
                    from rank in Gen.Choose(2, 3)
                    from columns in Shapes.Size
                    from turned in Gen.Elements(true, false).Two()
                    let batch = a[..(rank - 2)]
                    from left in Values.Real([.. batch, .. Turn([a[1], a[2]], turned.Item1)])
                    from right in Values.Real([.. batch, .. Turn([a[2], columns], turned.Item2)])
                    select new OpCase(new MatMul(turned.Item1, turned.Item2), [left, right])),
        Row<Convolution>(from conv in ConvolutionShapes
                         from x in Values.Real(conv.X)
                         from w in Values.Real(conv.W)
                         select new OpCase(new Convolution(conv.Walk.Window, conv.Groups), [x, w])),
        Row<ConvolutionInput>(from conv in ConvolutionShapes
                              from dy in Values.Real(conv.Y)
                              from w in Values.Real(conv.W)
                              select new OpCase(new ConvolutionInput(conv.Walk.Window, conv.Groups, conv.X), [dy, w])),
        Row<ConvolutionKernel>(from conv in ConvolutionShapes
                               from x in Values.Real(conv.X)
                               from dy in Values.Real(conv.Y)
                               select new OpCase(new ConvolutionKernel(conv.Walk.Window, conv.Groups, conv.W), [x, dy])),
        Row<SumPool>(from pool in PoolShapes(Shapes.Walk)
                     from x in Values.Real(pool.X)
                     select new OpCase(new SumPool(pool.Walk.Kernel, pool.Walk.Window), [x])),
        Row<SumPoolInput>(from pool in PoolShapes(Shapes.Walk)
                          from dy in Values.Real(pool.Y)
                          select new OpCase(new SumPoolInput(pool.Walk.Kernel, pool.Walk.Window, pool.X), [dy])),
        Row<MaxPool>(from pool in PoolShapes(Shapes.CoveringWalk)
                     from x in Values.In(Domain.Distinct, pool.X)
                     select new OpCase(new MaxPool(pool.Walk.Kernel, pool.Walk.Window), [x])) with { Domains = [Domain.Distinct] },
        Row<MaxPoolIndices>(from pool in PoolShapes(Shapes.CoveringWalk)
                            from x in Values.In(Domain.Distinct, pool.X)
                            select new OpCase(new MaxPoolIndices(pool.Walk.Kernel, pool.Walk.Window), [x]))
            with { Derivative = Derivative.None, Reason = "the position of a maximum is piecewise constant", Jumps = true },
        Row<PlaneTake>(from pool in PoolShapes(Shapes.Walk)
                       from x in Values.Real(pool.X)
                       from shared in Gen.Elements(true, false)
                       from index in Values.Index(shared ? pool.Y.With(1, 1) : pool.Y, (int)pool.X[2..].Elements + 1)
                       select new OpCase(new PlaneTake(pool.Y), [x, index])),
        Row<PlanePut>(from pool in PoolShapes(Shapes.Walk)
                      from dy in Values.Real(pool.Y)
                      from shared in Gen.Elements(true, false)
                      from index in Values.Index(shared ? pool.Y.With(1, 1) : pool.Y, (int)pool.X[2..].Elements + 1)
                      select new OpCase(new PlanePut(pool.X), [dy, index])),
    ];

    /// <summary>A convolution's shapes: batch, groups, channels and kernels a group, and a walk.</summary>
    public static Gen<(Shape X, Shape W, Shape Y, WindowCase Walk, int Groups)> ConvolutionShapes =>
        from walk in Shapes.Walk
        from batch in Gen.Choose(1, 2)
        from groups in Gen.Choose(1, 2)
        from channels in Gen.Choose(1, 2)
        from kernels in Gen.Choose(1, 2)
        let x = Shape.From([batch, groups * channels, .. walk.Size])
        let w = Shape.From([groups * kernels, channels, .. walk.Kernel])
        where x.Elements <= 300 && w.Elements <= 150
        select (x, w, Shape.From([batch, groups * kernels, .. walk.Positions]), walk, groups);

    /// <summary>A pool's shapes.</summary>
    public static Gen<(Shape X, Shape Y, WindowCase Walk)> PoolShapes(Gen<WindowCase> walks) =>
        from walk in walks
        from batch in Gen.Choose(1, 2)
        from channels in Gen.Choose(1, 2)
        let x = Shape.From([batch, channels, .. walk.Size])
        where x.Elements <= 300
        select (x, Shape.From([batch, channels, .. walk.Positions]), walk);

    private static Shape Turn(Shape matrix, bool turned) => turned ? [matrix[1], matrix[0]] : matrix;
}
