using System.Text;

namespace AutoDiffCnn;

/// <summary>y[…, i, …] = Σ wᵢⱼ · x[…, j, …] along an axis, with a constant matrix of few numbers in a row: resizing, means of
/// windows, and their transposes. Made after gradients are derived, hence without a derivative.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Matrix">The matrix w.</param>
internal sealed record Mix(int Axis, MixMatrix Matrix) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => x[Axis] == Matrix.Columns ? x.With(Axis, Matrix.Rows)
        : throw Rejects($"axis {Axis} needs {Matrix.Columns} elements", [], x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var inner = (int)x.Shape[(Axis + 1)..].Elements;
        return Tensor.From(Infer(x.Shape), i => Matrix.Row(i / inner % Matrix.Rows)
            .Sum(term => term.Weight * x.At((i / inner / Matrix.Rows * Matrix.Columns + term.Column) * inner + i % inner)));
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => NotDifferentiable("gradients are derived before sums are mixed");

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"Axis = {Axis}, Terms = {Matrix.Terms}");
        return true;
    }
}
