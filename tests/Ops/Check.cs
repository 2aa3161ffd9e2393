namespace AutoDiffCnn.Tests.Ops;

/// <summary>What the tests of composites share.</summary>
internal static class Check
{
    /// <summary>Values, flat, within a tolerance.</summary>
    public static void Close(double[] expected, Tensor given, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Length, given.Count);
        Assert.All(expected.Index(), pair => Assert.Equal(pair.Item, given.At(pair.Index), tolerance));
    }

    /// <summary>The gradients are what differences measure, at order 1 and 2.</summary>
    public static void SmoothAt(Func<Node, Node> f, Tensor x) => SmoothIn(xs => f(xs[0]), x);

    /// <summary>The gradients in all inputs are what differences measure, at order 1 and 2.</summary>
    public static void SmoothIn(Func<IReadOnlyList<Node>, Node> f, params Tensor[] inputs)
    {
        Assert.Null(GradientCheck.Failure(xs => f(xs), [.. inputs], 1, Key.Of(3)));
        Assert.Null(GradientCheck.Failure(xs => f(xs), [.. inputs], 2, Key.Of(4)));
    }

    /// <summary>The slopes of an elementwise function.</summary>
    public static Tensor Slope(Func<Node, Node> f, params double[] at)
    {
        var x = Variable("x", [at.Length]);
        return Reference.Run(Gradient.Of(Sum(f(x)), x), (x, Tensor.Of(at)));
    }
}
