namespace AutoDiffCnn;

/// <summary>Joins tensors along an axis; all other sizes must be equal. Its transpose cuts them apart again.</summary>
/// <param name="Axis">The axis along which to join.</param>
/// <example><code>
/// var (left, right) = (Tensor.Of([[1], [2]]), Tensor.Of([[3], [4]]));
/// new Concat(1).Of(left, right) // [[1, 3], [2, 4]]
/// </code></example>
public sealed record Concat(int Axis) : OpN
{
    internal override bool VanishesWith(ReadOnlySpan<bool> zeros) => !zeros.Contains(false);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        if (inputs.Count == 0)
        {
            throw Rejects("there is nothing to join", ["at least one input"]);
        }

        var first = inputs[0];
        if (Axis < 0 || Axis >= first.Rank)
        {
            throw RejectsAxis(Axis, [.. inputs]);
        }

        foreach (var shape in inputs)
        {
            if (shape.Rank != first.Rank || shape.With(Axis, 0) != first.With(Axis, 0))
            {
                throw Rejects($"{shape} differs from {first} outside axis {Axis}",
                    [$"{(shape.Rank == first.Rank ? first.With(Axis, shape[Axis]) : first)} for {shape}"], [.. inputs]);
            }
        }

        return first.With(Axis, Shape.Fit(inputs.Sum(shape => (long)shape[Axis]), $"{this}"));
    }

    /// <inheritdoc/>
    public override Tensor Reference(ReadOnlySpan<Tensor> inputs)
    {
        var shape = Infer([.. inputs.ToArray().Select(input => input.Shape)]);
        var values = new double[shape.Elements];
        var (inner, offset) = (shape[(Axis + 1)..].Elements, 0L);
        foreach (var input in inputs)
        {
            var width = input.Shape[Axis] * inner;
            for (var i = 0; i < input.Count; i++)
            {
                values[i / width * shape[Axis] * inner + offset + i % width] = input.At(i);
            }

            offset += width;
        }

        return Tensor.Wrap(shape, values);
    }

    /// <inheritdoc/>
    public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy)
    {
        var start = 0;
        foreach (var shape in inputs.Select(input => input.Shape))
        {
            yield return new Slice(Shape.Repeat(0, shape.Rank).With(Axis, start), shape, Shape.Repeat(1, shape.Rank))
                .Of(dy);
            start += shape[Axis];
        }
    }
}
