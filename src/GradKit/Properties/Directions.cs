using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What gradients are tried along: random directions and cotangents, and inner products with them.</summary>
internal static class Directions
{
    /// <summary>A direction: for each element between half its size and all of it, or so much of 1 for a zero, up or
    /// down. So tiny elements do not cross zero, and huge ones do not drown in rounding.</summary>
    public static Tensor Along(Tensor x, Key key) => Tensor.From(x.Shape, i =>
    {
        var part = 2 * key.Uniform((uint)i) - 1;
        var size = x.At(i) == 0 ? 1 : Math.Abs(x.At(i));
        return (part < 0 ? -0.5 : 0.5) * (1 + Math.Abs(part)) * size;
    });

    /// <summary>Cotangents of size ½ to 1, of either sign: none is near zero, so none hides anything.</summary>
    public static Tensor Cotangent(Shape shape, Key key) => Along(Tensor.Fill(shape, 1), key);

    /// <summary>A case a little aside, where ties are broken and kinks passed.</summary>
    public static Case Nearby(Case at, Key key, double distance = 1.0 / 16) => at.At((x, value) =>
        Moved(value, Along(value, key.FoldIn(x.Op.Name)), distance));

    public static Tensor Moved(Tensor x, Tensor v, double t) => Tensor.From(x.Shape, i => x.At(i) + t * v.At(i));

    public static double Inner(Tensor a, Tensor b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Count; i++)
        {
            sum += a.At(i) * b.At(i);
        }

        return sum;
    }

    /// <summary>The size of what an inner product adds up.</summary>
    public static double Terms(Tensor a, Tensor b)
    {
        var sum = 0.0;
        for (var i = 0; i < a.Count; i++)
        {
            sum += Math.Abs(a.At(i) * b.At(i));
        }

        return sum;
    }

    /// <summary>Values so large that squares of them overflow are as good as infinite here.</summary>
    public static bool AreFinite(IEnumerable<Tensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            for (var i = 0; i < tensor.Count; i++)
            {
                if (!(Math.Abs(tensor.At(i)) < 1e60))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The derivatives of ⟨u, y⟩ for all varied inputs as nodes.</summary>
    public static ImmutableArray<Node> Pulled(Case at, Node u) => Gradient.Vjp(at.Output, u, at.Varied);
}
