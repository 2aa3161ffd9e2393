using System.Collections.Immutable;

namespace AutoDiffCnn;

// Losses of two numbers, and how optimisers walk on them.
public sealed partial class Chart
{
    private const int Grid = 81;

    /// <summary>The lines of equal height of a function of two numbers, which divide the heights into equal shares.</summary>
    /// <param name="loss">The function: from a vector of two numbers, x and y, to a scalar.</param>
    /// <param name="x">From where to where.</param>
    /// <param name="y">From where to where.</param>
    /// <param name="levels">How many lines.</param>
    /// <param name="name">What the height is.</param>
    /// <exception cref="ArgumentException">A range is empty or not finite, the number of lines is not from 1 to 100, or no value is
    /// finite.</exception>
    /// <exception cref="ShapeError">The function does not give a scalar.</exception>
    public static Chart Contour(Func<Node, Node> loss, (double Low, double High) x, (double Low, double High) y, int levels = 16, string name = "")
    {
        if (!(x.Low < x.High && y.Low < y.High && Axis.Has(x.Low, false) && Axis.Has(x.High, false) && Axis.Has(y.Low, false) && Axis.Has(y.High, false)))
        {
            throw new ArgumentException($"Chart.Contour: the ranges {x} and {y} must go from a finite number to a larger one.", nameof(x));
        }

        if (levels is < 1 or > 100)
        {
            throw new ArgumentException($"Chart.Contour: {levels} lines; possible are 1 to 100.", nameof(levels));
        }

        var places = Tensor.From([Grid * Grid, 2], i => i % 2 == 0
            ? x.Low + (x.High - x.Low) * (i / 2 % Grid) / (Grid - 1)
            : y.Low + (y.High - y.Low) * (i / 2 / Grid) / (Grid - 1));
        var heights = Functions.Vmap(w => Scalar(loss(w)))(places).Value.Reshape([Grid, Grid]);
        return heights.ToDoubles().Any(value => Axis.Has(value, false))
            ? new(new Contours(name, heights, x, y, levels), "x", "y")
            : throw Nothing("Contour", "no finite value", nameof(loss));
    }

    /// <summary>The way of an optimiser from a place, to be put on <see cref="Contour"/> by <see cref="Plot"/>.</summary>
    /// <param name="loss">The function: from a vector of two numbers to a scalar.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="optimizer">The optimiser.</param>
    /// <param name="steps">How many steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of steps is not from 1 to 100,000.</exception>
    /// <exception cref="ShapeError">The function does not give a scalar.</exception>
    /// <exception cref="NotDifferentiableError">It has no derivative.</exception>
    public static Chart Descent(Func<Node, Node> loss, (double X, double Y) start, Optimizer optimizer, int steps = 50)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, 100_000);
        var (w, count) = (Functions.Variable("w", [2]), Functions.Variable("step", []));
        ImmutableArray<Node> slots = [.. optimizer.Slots.Select((slot, i) => Functions.Variable($"slot{i}", optimizer.ShapeOf(slot, [2])))];
        var update = optimizer.Steps([new("w", w, Gradient.Of(Scalar(loss(w)), w), slots, optimizer.Rate)], count)[0];
        var values = slots.Select((slot, i) => (slot, Value: Tensor.Fill(slot.Shape, 0))).ToDictionary(pair => pair.slot, pair => pair.Value);
        values[w] = Tensor.Of([start.X, start.Y]);
        foreach (var slot in slots.Where((_, i) => optimizer.Slots[i] == Optimizer.AverageSlot))
        {
            values[slot] = values[w];
        }

        var way = new List<Tensor> { values[w] };
        for (var step = 1; step <= steps; step++)
        {
            values[count] = Tensor.Of(step);
            var next = Reference.Run([update.W, .. update.Slots], values);
            foreach (var (node, value) in slots.Prepend(w).Zip(next))
            {
                values[node] = value;
            }

            way.Add(values[w]);
        }

        return Line(way.Select(place => place.At(0)), way.Select(place => place.At(1)), $"{optimizer}").WithXTitle("x").WithYTitle("y");
    }

    private static Node Scalar(Node height) => height.Shape.Elements == 1 ? Functions.Reshape(height, [])
        : throw new ShapeError($"a surface of {height.Shape}", "a height is 1 number", ["Sum(height)"]);
}
