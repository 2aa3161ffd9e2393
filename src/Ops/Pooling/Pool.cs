namespace AutoDiffCnn;

/// <summary>What all pools have in common.</summary>
internal static class Pool
{
    public static Shape Infer(Op op, Shape kernel, Window window, Shape x) => x switch
    {
        [var n, var c, .. var size] when size.Rank == window.Rank =>
            [n, c, .. window.Positions(op, size, kernel, $"{x}")],
        _ => throw new ShapeError($"{op} on {x}", $"x needs rank {window.Rank + 2}: [n, c, …]",
            [x.Rank == window.Rank + 1
                ? $"Reshape {x} to {Shape.From([1, .. x])}"
                : $"an input of rank {window.Rank + 2}"]),
    };

    /// <summary>Which element of x lies in the window of which element of y, as flat positions.</summary>
    public static IEnumerable<(int X, int Y)> Meetings(Shape kernel, Window window, Shape x, Shape y)
    {
        var meetings = window.Meetings(y[2..], kernel, x[2..]).ToArray();
        var (image, positions) = ((int)x[2..].Elements, (int)y[2..].Elements);
        for (var plane = 0; plane < x[0] * x[1]; plane++)
        {
            foreach (var (p, _, q) in meetings)
            {
                yield return (plane * image + q, plane * positions + p);
            }
        }
    }
}
