using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Products of matrices.</summary>
internal static class LinearOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.Alike("Gemm", 6, Gemm) with { IsFolded = false },
        Reading.Alike("MatMul", 1, Product) with { IsFolded = false },
        Reading.Alike("Einsum", 12, call =>
            Einsum(call.Text("equation", ""), [.. call.All.Select(value => value.Node)])) with { IsFolded = false },
    ];

    /// <summary>alpha · a b + beta · c, each matrix transposed if asked for.</summary>
    private static Node Gemm(Call call)
    {
        call.Ignore("broadcast");
        var y = new MatMul(call.Flag("transA"), call.Flag("transB")).Of(call.Node(0), call.Node(1));
        var (alpha, beta) = (call.Float("alpha", 1), call.Float("beta", 1));
        y = alpha == 1 ? y : alpha * y;
        return call.Optional(2) is { Node: var c } ? y + (beta == 1 ? c : beta * c) : y;
    }

    /// <summary>As NumPy: a vector on the left is a row, one on the right a column, and that axis is gone in the
    /// result.</summary>
    private static Node Product(Call call)
    {
        var (a, b) = (call.Node(0), call.Node(1));
        var (row, column) = (a.Shape is [var n] ? Reshape(a, [1, n]) : a, b.Shape is [var m] ? Reshape(b, [m, 1]) : b);
        var y = MatMul(row, column);
        return Reshape(y, [.. y.Shape[..^2], .. a.Shape.Rank == 1 ? [] : y.Shape[^2..^1], .. b.Shape.Rank == 1 ? [] : y.Shape[^1..]]);
    }
}
