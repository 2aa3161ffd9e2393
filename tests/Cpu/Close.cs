using System.Collections.Immutable;

namespace AutoDiffCnn.Tests;

/// <summary>Single against double precision.</summary>
internal static class Close
{
    /// <summary>Float has 24 bits, 6e-8; a sum of a few hundred terms of size 4 may lose 7 of them.</summary>
    public const double Bound = 1e-5;

    /// <summary>Fails unless the values agree within a bound relative to the largest of them, and NaN and infinities
    /// exactly.</summary>
    public static void All(Tensor expected, Tensor actual, double bound = Bound)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        var finite = expected.ToDoubles().Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        for (var i = 0; i < expected.Count; i++)
        {
            // What double can hold and float cannot is infinite there, as IEEE 754 rounds it.
            var (wanted, got) = ((double)(float)expected.At(i), actual.At(i));
            var agrees = double.IsFinite(wanted) ? Math.Abs(wanted - got) <= bound * (1 + finite) : wanted.Equals(got);
            Assert.True(agrees, $"element {i}: {got}, expected {wanted}, in {expected.Shape}");
        }
    }

    public static void All(ImmutableArray<Tensor> expected, ImmutableArray<Tensor> actual, double bound = Bound)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual))
        {
            All(e, a, bound);
        }
    }

    /// <summary>Fails unless the values agree in double precision, up to the order of additions.</summary>
    public static void AllInDouble(ImmutableArray<Tensor> expected, ImmutableArray<Tensor> actual)
    {
        foreach (var (wanted, got) in expected.Zip(actual).SelectMany(pair => pair.First.ToDoubles().Zip(pair.Second.ToDoubles())))
        {
            Assert.True(wanted.Equals(got) || Math.Abs(wanted - got) <= 1e-12 * (1 + Math.Abs(wanted)), $"{got}, expected {wanted}");
        }
    }

    /// <summary>The same values rounded to what Cpu gets to see.</summary>
    public static Tensor Rounded(Tensor tensor) => tensor.Map(value => (float)value);
}
