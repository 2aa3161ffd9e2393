namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>Sums of all elements up to each along an axis: yᵢ = x₀ + … + xᵢ. What lies behind has no influence,
    /// even if it is NaN.</summary>
    public static Node CumSum(Node x, int axis)
    {
        // What lies 1, then 2, 4, … before is added, so that after k rounds each element is the sum of 2ᵏ.
        var along = x.Shape.Axis(axis);
        var size = x.Shape[along];
        var none = Shape.Repeat(0, x.Shape.Rank);
        for (var reach = 1L; reach < size; reach *= 2)
        {
            var earlier = Part(x, along, 0, size - (int)reach);
            x += Pad(earlier, none.With(along, (int)reach), none);
        }

        return x;
    }
}
