namespace AutoDiffCnn;

/// <summary>Part of x: on each axis, Size elements from Start on, Step apart.
/// Its transpose is <see cref="Place"/>.</summary>
/// <param name="Start">The first position on each axis.</param>
/// <param name="Size">How many positions on each axis.</param>
/// <param name="Step">The distance between positions on each axis, at least 1.</param>
/// <example><code>
/// var x = Tensor.Of([[1, 2, 3, 4], [5, 6, 7, 8]]);
/// new Slice([0, 1], [2, 2], [1, 2]).Of(x) // [[2, 4], [6, 8]]
/// </code></example>
public sealed record Slice(Shape Start, Shape Size, Shape Step) : Op1
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x)
    {
        if (Start.Rank != x.Rank || Size.Rank != x.Rank || Step.Rank != x.Rank)
        {
            throw Rejects($"start, size and step need {x.Rank} numbers each, one an axis",
                [$"numbers for {x.Rank} axes"], x);
        }

        for (var axis = 0; axis < x.Rank; axis++)
        {
            if (Step[axis] < 1)
            {
                throw Rejects($"axis {axis}: the step {Step[axis]} must be at least 1",
                    [$"a step of {Step.With(axis, 1)}"], x);
            }

            var last = Start[axis] + (Size[axis] - 1L) * Step[axis];
            if (Size[axis] > 0 && last >= x[axis])
            {
                var room = Start[axis] < x[axis] ? (x[axis] - 1 - Start[axis]) / Step[axis] + 1 : 0;
                throw Rejects(
                    $"axis {axis}: the last position {Start[axis]} + ({Size[axis]} − 1)·{Step[axis]} = {last} "
                    + $"must be below {x[axis]}",
                    [$"a size of at most {room}"], x);
            }
        }

        return Size;
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x)
    {
        var source = Positions(x.Shape);
        return Tensor.From(Size, i => x.At(source(i)));
    }

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => new Place(Start, Step, x.Shape).Of(dy);

    /// <summary>For each flat position of the part its flat position in the whole.</summary>
    internal Func<int, int> Positions(Shape whole)
    {
        var (steps, from) = (Size.Strides(), whole.Strides());
        return flat =>
        {
            var position = 0L;
            for (var axis = 0; axis < steps.Length; axis++)
            {
                position += (Start[axis] + flat / steps[axis] % Size[axis] * Step[axis]) * from[axis];
            }

            return (int)position;
        };
    }
}
