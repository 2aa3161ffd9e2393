using System.Collections.Immutable;
using FsCheck.Fluent;

namespace AutoDiffCnn;

public static partial class OpTable
{
    private static IEnumerable<OpRow> Elementwise =>
    [
        Map(new Negate()), Map(new Exp()), Map(new Expm1()), Map(new Sin()), Map(new Cos()), Map(new Tanh()),
        Map(new Sigmoid()), Map(new Erf()), Map(new Softplus()),
        Map(new Log(), Domain.Positive), Map(new Log1p(), Domain.Positive), Map(new Sqrt(), Domain.Positive),
        Map(new Rsqrt(), Domain.Positive), Map(new Reciprocal(), Domain.Fractional),
        Map(new Relu(), Domain.Fractional), Map(new Abs(), Domain.Fractional),
        Map(new Sign(), Domain.Fractional) with { Jumps = true }, Map(new Floor(), Domain.Fractional) with { Jumps = true },
        Map(new StopGradient()) with { Derivative = Derivative.StoppedByDefinition },
        Map(new Add(), Domain.Any, Domain.Any), Map(new Subtract(), Domain.Any, Domain.Any),
        Map(new Multiply(), Domain.Any, Domain.Any), Map(new Divide(), Domain.Any, Domain.Fractional),
        Map(new Power(), Domain.Positive, Domain.Any),
        Apart(new Maximum()), Apart(new Minimum()),
        Apart(new Less()) with { Jumps = true }, Apart(new LessOrEqual()) with { Jumps = true },
        Apart(new Equal()) with { Jumps = true },
        Map(new Select(), Domain.Mask, Domain.Any, Domain.Any),
    ];

    private static OpRow Map(Op op, params ImmutableArray<Domain> domains)
    {
        domains = domains.IsEmpty ? [Domain.Any] : domains;
        var cases = from shape in Shapes.Any
                    from inputs in Gen.CollectToArray(domains, domain => Values.In(domain, shape))
                    select new OpCase(op, [.. inputs]);
        return new(op.GetType(), cases) { Domains = domains };
    }

    /// <summary>Two inputs that differ by at least 0.1 in each element.</summary>
    private static OpRow Apart(Op2 op) => new(op.GetType(),
        from shape in Shapes.Any
        from a in Values.Real(shape)
        from gap in Values.In(Domain.Fractional, shape)
        select new OpCase(op, [a, Tensor.From(shape, i => a.At(i) + gap.At(i))]));
}
