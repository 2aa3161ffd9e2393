namespace AutoDiffCnn;

/// <summary>The product along an axis, which is kept with size 1; 1 of no elements. The derivative in each element is
/// the product of the others, which a zero among them does not spoil.</summary>
/// <param name="Axis">The axis along which to multiply.</param>
/// <example><code>
/// new Prod(1).Of(Tensor.Of([[2, 3, 4], [1, 0, 5]])) // [[24], [0]]
/// </code></example>
public sealed record Prod(int Axis) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => Axis >= 0 && Axis < x.Rank ? x.With(Axis, 1) : throw RejectsAxis(Axis, x);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var (inner, size) = ((int)x.Shape[(Axis + 1)..].Elements, x.Shape[Axis]);
        return Tensor.From(Infer(x.Shape), i => Enumerable.Range(0, size)
            .Aggregate(1.0, (product, k) => product * x.At(((i / inner * size) + k) * inner + i % inner)));
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => dy * Others(x);

    /// <summary>For each element the product of all others: of two that are paired each gets the other one times the
    /// product of all other pairs.</summary>
    private Node Others(Node x)
    {
        var half = x.Shape[Axis] / 2;
        if (half == 0)
        {
            return Functions.Ones(x.Shape);
        }

        var (a, b) = (Functions.Part(x, Axis, 0, half), Functions.Part(x, Axis, half, half));
        var isOdd = x.Shape[Axis] % 2 == 1;
        var others = Others(isOdd ? Functions.Concat(Axis, a * b, Functions.Part(x, Axis, 2 * half, 1)) : a * b);
        var pairs = Functions.Part(others, Axis, 0, half);
        return isOdd
            ? Functions.Concat(Axis, b * pairs, a * pairs, Functions.Part(others, Axis, half, 1))
            : Functions.Concat(Axis, b * pairs, a * pairs);
    }
}
