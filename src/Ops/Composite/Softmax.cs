namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>e^(xᵢ) / Σ e^(xⱼ) along the last axis.
    /// The maximum is subtracted first, so it does not overflow.</summary>
    public static Node Softmax(Node x) => Softmax(x, -1);

    /// <summary>Softmax along an axis.</summary>
    public static Node Softmax(Node x, int axis)
    {
        var along = x.Shape.Axis(axis);
        var powers = Exp(x - StopGradient(Max(x, along, keepDims: true)));
        return powers / Sum(powers, [along], keepDims: true);
    }

    /// <summary>ln softmax(x) along the last axis: x − ln Σ eˣ.</summary>
    public static Node LogSoftmax(Node x) => LogSoftmax(x, -1);

    /// <summary>ln softmax(x) along an axis.</summary>
    public static Node LogSoftmax(Node x, int axis)
    {
        var along = x.Shape.Axis(axis);
        var shifted = x - StopGradient(Max(x, along, keepDims: true));
        return shifted - Log(Sum(Exp(shifted), [along], keepDims: true));
    }

    /// <summary>Softmax of −x: the smallest gets the most.</summary>
    public static Node Softmin(Node x, int axis = -1) => Softmax(-x, x.Shape.Axis(axis));

    /// <summary>The distribution p that is nearest to x along an axis: pᵢ = max(xᵢ − τ, 0) with the τ for which they
    /// sum to 1. Most of it is exactly 0. Its memory grows with the square of the axis' size.</summary>
    /// <remarks>A. Martins, R. Astudillo, From Softmax to Sparsemax, ICML 2016. Its derivative is theirs: with the
    /// support S = {i : pᵢ &gt; 0}, dxᵢ = dyᵢ − mean over S of dy for i in S, else 0. On the border of the support,
    /// where xᵢ = τ, i is not in S.</remarks>
    public static Node Sparsemax(Node x, int axis = -1)
    {
        // i is in the support if what lies above xᵢ does not use up the 1: Σⱼ max(xⱼ − xᵢ, 0)
        // < 1. No sorting is needed.
        var along = x.Shape.Axis(axis);
        var above = Relu(Unsqueeze(x, along) - Unsqueeze(x, along + 1));
        var support = Less(Sum(above, [along + 1]), 1);
        var threshold = (Sum(Where(support, x, 0), [along], keepDims: true) - 1) / Sum(support, [along], keepDims: true);
        return Where(support, x - threshold, 0);
    }

    /// <summary>The same elements with a new axis of size 1 at this place.</summary>
    private static Node Unsqueeze(Node x, int axis) => Reshape(x, [.. x.Shape[..axis], 1, .. x.Shape[axis..]]);
}
