namespace AutoDiffCnn.Tests.Ops;

/// <summary>What the tests of shape errors share: variables of a shape, and an error's full text beside its
/// repair.</summary>
internal static class Rejected
{
    public static Node Of(params int[] shape) => Variable("x", Shape.From(shape));

    public static Node At(params int[] shape) => Variable("i", Shape.From(shape), Kind.Index);

    public static void Rejects(string text, Func<Node> made, params Func<Node>[] repaired)
    {
        Assert.Equal(text, Assert.Throws<ShapeError>(made).Message);
        Assert.All(repaired, repair => Assert.NotNull(repair()));
    }
}
