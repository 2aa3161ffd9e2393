namespace AutoDiffCnn;

/// <summary>Places x into zeros: on each axis from Start on, Step apart. Padding and dilating with zeros are both this.
/// The transpose of <see cref="Slice"/>.</summary>
/// <param name="Start">The position of x's first element on each axis.</param>
/// <param name="Step">The distance between x's elements on each axis, at least 1.</param>
/// <param name="Shape">The shape of the whole.</param>
/// <example><code>new Place([1], [2], [5]).Of(Tensor.Of([7, 8])) // [0, 7, 0, 8, 0]</code></example>
public sealed record Place(Shape Start, Shape Step, Shape Shape) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x)
    {
        try
        {
            Part(x).Infer(Shape);
            return Shape;
        }
        catch (ShapeError error)
        {
            throw Rejects(error.Reason, error.Repairs, x);
        }
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var target = Part(x.Shape).Positions(Shape);
        var values = new double[Shape.Elements];
        for (var i = 0; i < x.Count; i++)
        {
            values[target(i)] = x.At(i);
        }

        return Tensor.Wrap(Shape, values);
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => Part(x.Shape).Of(dy);

    private Slice Part(Shape x) => new(Start, x, Step);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) =>
        MathText.Call(Start.All(start => start == 0) && Step.Any(step => step > 1) ? "dilate" : "pad", inputs);
}
