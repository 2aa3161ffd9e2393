using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>Where an input of an op may lie, so that the op is defined and smooth there.</summary>
/// <example><code>Domain.Positive // Positive</code></example>
public enum Domain
{
    /// <summary>Anywhere.</summary>
    Any,

    /// <summary>At least 0.3.</summary>
    Positive,

    /// <summary>At least 0.1 away from whole numbers, so from 0 as well: no kink, no jump.</summary>
    Fractional,

    /// <summary>All elements at least 0.2 apart: no tie.</summary>
    Distinct,

    /// <summary>0 or 1, a choice: differences leave it alone.</summary>
    Mask,
}

/// <summary>Generators of tensors.</summary>
/// <example><code>
/// using FsCheck.Fluent;
///
/// Values.In(Domain.Mask, [2, 2]).Sample(1)[0].Shape // [2, 2]
/// </code></example>
public static class Values
{
    /// <summary>A tensor within a domain.</summary>
    public static Gen<Tensor> In(Domain domain, Shape shape) => domain switch
    {
        Domain.Mask => Whole(shape, 0, 1),
        Domain.Positive => Numbers(shape, 300, 3000),
        Domain.Fractional => from whole in Whole(shape, -3, 2)
                             from part in Numbers(shape, 100, 900)
                             select Tensor.From(shape, i => whole.At(i) + part.At(i)),
        Domain.Distinct => Gen.Shuffle(Enumerable.Range(0, (int)shape.Elements))
            .Select(order => Tensor.From(shape, i => 0.2 * (order[i] - order.Length / 2) + 0.05)),
        _ => Real(shape),
    };

    /// <summary>Reals in [−2, 2].</summary>
    public static Gen<Tensor> Real(Shape shape) => Numbers(shape, -2000, 2000);

    /// <summary>Whole numbers from <paramref name="low"/> to <paramref name="high"/>.</summary>
    public static Gen<Tensor> Whole(Shape shape, int low, int high) =>
        Gen.Choose(low, high).ArrayOf((int)shape.Elements).Select(numbers => Tensor.From(shape, i => numbers[i]));

    /// <summary>Positions below a bound.</summary>
    public static Gen<Tensor> Index(Shape shape, int bound) => Whole(shape, 0, bound - 1);

    /// <summary>Reals with the values at which formulas break: signed zeros, infinities, NaN, tiny and huge
    /// ones.</summary>
    public static Gen<Tensor> Wild(Shape shape) => Gen.Frequency(
            (6, Gen.Choose(-2000, 2000).Select(i => i / 1000.0)),
            (1, Gen.Elements(0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-300, -1e300, 1, -1)))
        .ArrayOf((int)shape.Elements).Select(numbers => Tensor.From(shape, i => numbers[i]));

    /// <summary>Reals with what breaks gradients planted among them: zeros of both signs, ties, whole numbers, huge
    /// and tiny magnitudes. All are finite.</summary>
    public static Gen<Tensor> Planted(Shape shape) => Gen.Frequency((3, Mixed(shape)), (1, Whole(shape, -1, 1)));

    private static Gen<Tensor> Mixed(Shape shape) =>
        from x in Real(shape)
        from plants in Gen.Frequency(
            (8, Gen.Constant((Plant: Plant.None, Value: 0.0))),
            (3, Gen.Constant((Plant.Tie, 0.0))),
            (2, Gen.Elements(0.0, -0.0, 1, -1, 2).Select(value => (Plant.Value, value))),
            (1, Gen.Elements(1e-12, -1e-6, 1e-3, 100.0, -1e3, 1e6).Select(value => (Plant.Value, value)))).ArrayOf(x.Count)
        from at in Gen.Choose(0, Math.Max(0, x.Count - 1)).ArrayOf(x.Count)
        select Tensor.From(shape, i => plants[i] switch
        {
            (Plant.Tie, _) => x.At(at[i]),
            (Plant.Value, var value) => value,
            _ => x.At(i),
        });

    private enum Plant
    {
        None,
        Tie,
        Value,
    }

    private static Gen<Tensor> Numbers(Shape shape, int low, int high) => Whole(shape, low, high).Select(whole => whole.Map(n => n / 1000));
}
