namespace AutoDiffCnn;

/// <summary>A loop that makes means of a pool's sums, and nothing else.</summary>
internal static class Means
{
    /// <summary>The scale that a loop is; null if it does more.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="sums">The sums.</param>
    public static Scale? Of(Unit loop, Node sums) => loop is { IsLoop: true, Nodes: [{ Inputs: [var a, var b] } node] }
        ? (node.Op, Constant.NumberIn(a), Constant.NumberIn(b)) switch
        {
            (Multiply, null, { } number) when Unit.Storage(a) == sums => new((float)number, false),
            (Multiply, { } number, null) when Unit.Storage(b) == sums => new((float)number, false),
            (Divide, null, { } number) when Unit.Storage(a) == sums => Scale.Over((float)number),
            _ => null,
        }
        : null;
}
