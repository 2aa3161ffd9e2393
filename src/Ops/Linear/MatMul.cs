using System.Text;

namespace AutoDiffCnn;

/// <summary>y[…, i, j] = Σₖ a[…, i, k] · b[…, k, j], either side transposed in its last two axes first. Leading axes
/// are batches and must be equal. Bilinear, and closed under its own derivative.</summary>
/// <param name="TransposeA">Take aᵀ instead of a.</param>
/// <param name="TransposeB">Take bᵀ instead of b.</param>
/// <example><code>
/// var (x, w) = (Tensor.Of([[1, 2]]), Tensor.Of([[3, 4], [5, 6]]));
/// new MatMul(TransposeB: true).Of(x, w) // [[11, 17]]
/// </code></example>
public sealed record MatMul(bool TransposeA = false, bool TransposeB = false) : Op2
{
    /// <inheritdoc/>
    public override Shape Infer(Shape a, Shape b) =>
        a.Rank < 2 || b.Rank < 2 || a.Rank != b.Rank
            ? throw Rejects($"both need the same rank of at least 2, not {a.Rank} and {b.Rank}",
            [a.Rank < 2 ? $"Reshape {a} to [1, {a.Elements}]"
                : b.Rank < 2 ? $"Reshape {b} to [{b.Elements}, 1]"
                : $"Functions.MatMul, which repeats batches"], a, b)
        : a[..^2] != b[..^2] ? throw Rejects($"the batches {a[..^2]} and {b[..^2]} differ",
            [$"one batch for both, such as {Shape.From([.. a[..^2], .. b[^2..]])} for {b}"], a, b)
        : Matrices(a, b) is var (m, k, n) && k == Inner(b) ? [.. a[..^2], m, n]
        : throw Rejects($"the inner sizes {k} and {Inner(b)} differ", Repairs(a, b), a, b);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor a, Tensor b)
    {
        var (m, k, n) = Matrices(a.Shape, b.Shape);
        return Tensor.From(Infer(a.Shape, b.Shape), flat =>
        {
            var (batch, i, j) = (flat / n / m, flat / n % m, flat % n);
            var sum = 0.0;
            for (var p = 0; p < k; p++)
            {
                sum += a.At(batch * m * k + (TransposeA ? p * m + i : i * k + p))
                    * b.At(batch * k * n + (TransposeB ? j * k + p : p * n + j));
            }

            return sum;
        });
    }

    /// <summary>With A = a or aᵀ and B = b or bᵀ: dA = dy Bᵀ, dB = Aᵀ dy,
    /// and both turned back where they were turned.</summary>
    public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) =>
        (TransposeA ? new MatMul(TransposeB, true).Of(b, dy) : new MatMul(false, !TransposeB).Of(dy, b),
         TransposeB ? new MatMul(true, TransposeA).Of(dy, a) : new MatMul(!TransposeA, false).Of(a, dy));

    /// <summary>Without what is as usual, and as C# writes it.</summary>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.AppendJoin(", ", (string[])[.. TransposeA ? ["TransposeA: true"] : Array.Empty<string>(), .. TransposeB
            ? ["TransposeB: true"] : Array.Empty<string>()]);
        return builder.Length > 0;
    }

    /// <summary>The sizes of A [m, k] and B [k, n].</summary>
    internal (int M, int K, int N) Matrices(Shape a, Shape b) =>
        (a[TransposeA ? ^1 : ^2], a[TransposeA ? ^2 : ^1], b[TransposeB ? ^2 : ^1]);

    private int Inner(Shape b) => b[TransposeB ? ^1 : ^2];

    private List<string> Repairs(Shape a, Shape b)
    {
        var (m, k, n) = Matrices(a, b);
        return m == Inner(b) ? ["the first transposed"] : k == n ? ["the second transposed"]
            : [$"a second matrix of {(TransposeB ? $"[{n}, {k}]" : $"[{k}, {n}]")}"];
    }

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => MathText.Star(
        TransposeA ? inputs[0].Mark(@"\top", "ᵀ", "^T") : inputs[0], @"\,", "·", "@",
        TransposeB ? inputs[1].Mark(@"\top", "ᵀ", "^T") : inputs[1]);

    /// <inheritdoc/>
    public override string ChainRule(int input) => input == 0
        ? "matrix product: the error times the second factor, transposed"
        : "matrix product: the first factor, transposed, times the error";
}
