namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>eˣ.</summary>
    public static Node Exp(Node x) => new Exp().Of(x);

    /// <summary>eˣ − 1, accurate near 0.</summary>
    public static Node Expm1(Node x) => new Expm1().Of(x);

    /// <summary>ln x.</summary>
    public static Node Log(Node x) => new Log().Of(x);

    /// <summary>ln(1 + x), accurate near 0.</summary>
    public static Node Log1p(Node x) => new Log1p().Of(x);

    /// <summary>√x.</summary>
    public static Node Sqrt(Node x) => new Sqrt().Of(x);

    /// <summary>1/√x.</summary>
    public static Node Rsqrt(Node x) => new Rsqrt().Of(x);

    /// <summary>1/x.</summary>
    public static Node Reciprocal(Node x) => new Reciprocal().Of(x);

    /// <summary>x².</summary>
    public static Node Square(Node x) => x * x;

    /// <summary>sin x, x in radians.</summary>
    public static Node Sin(Node x) => new Sin().Of(x);

    /// <summary>cos x, x in radians.</summary>
    public static Node Cos(Node x) => new Cos().Of(x);

    /// <summary>tanh x.</summary>
    public static Node Tanh(Node x) => new Tanh().Of(x);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public static Node Sigmoid(Node x) => new Sigmoid().Of(x);

    /// <summary>The error function.</summary>
    public static Node Erf(Node x) => new Erf().Of(x);

    /// <summary>ln(1 + eˣ).</summary>
    public static Node Softplus(Node x) => new Softplus().Of(x);

    /// <summary>max(x, 0); the subgradient at 0 is 0.</summary>
    public static Node Relu(Node x) => new Relu().Of(x);

    /// <summary>|x|; the subgradient at 0 is 0.</summary>
    public static Node Abs(Node x) => new Abs().Of(x);

    /// <summary>The sign of x; its derivative is taken as 0 everywhere.</summary>
    public static Node Sign(Node x) => new Sign().Of(x);

    /// <summary>⌊x⌋; its derivative is taken as 0 everywhere.</summary>
    public static Node Floor(Node x) => new Floor().Of(x);

    /// <summary>⌈x⌉; its derivative is taken as 0 everywhere.</summary>
    public static Node Ceil(Node x) => -Floor(-x);

    /// <summary>The nearest whole number, a half goes to the even one, as in ONNX and PyTorch; its derivative is
    /// taken as 0 everywhere.</summary>
    public static Node Round(Node x)
    {
        var below = Floor(x);
        var part = x - below;
        var odd = below - 2 * Floor(below / 2);
        return Where(Equal(part, 0.5), below + odd, Where(Greater(part, 0.5), below + 1, below));
    }

    /// <summary>aᵇ, broadcast.</summary>
    public static Node Pow(Node a, Node b) => Broadcast.Pair(new Power(), a, b);

    /// <summary>The larger of a and b, broadcast; a tie belongs to a.</summary>
    public static Node Maximum(Node a, Node b) => Broadcast.Pair(new Maximum(), a, b);

    /// <summary>The smaller of a and b, broadcast; a tie belongs to a.</summary>
    public static Node Minimum(Node a, Node b) => Broadcast.Pair(new Minimum(), a, b);

    /// <summary>1 where a &lt; b, else 0, broadcast.</summary>
    public static Node Less(Node a, Node b) => AutoDiffCnn.Less.Than(a, b);

    /// <summary>1 where a ≤ b, else 0, broadcast.</summary>
    public static Node LessOrEqual(Node a, Node b) => AutoDiffCnn.LessOrEqual.Than(a, b);

    /// <summary>1 where a &gt; b, else 0, broadcast.</summary>
    public static Node Greater(Node a, Node b) => AutoDiffCnn.Less.Than(b, a);

    /// <summary>1 where a = b, else 0, broadcast.</summary>
    public static Node Equal(Node a, Node b) => AutoDiffCnn.Equal.To(a, b);

    /// <summary>a where the mask is not 0, else b, broadcast.</summary>
    public static Node Where(Node mask, Node a, Node b) => Select.Where(mask, a, b);
}
