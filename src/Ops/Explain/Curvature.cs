using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>How a loss is curved at a point: the eigenvalues of its Hessian that are largest in size, found without the
/// Hessian, by power iteration with Hessian-vector products.</summary>
/// <param name="Eigenvalues">Largest in size first.</param>
/// <remarks>After B. Pearlmutter, Fast Exact Multiplication by the Hessian, 1994. The products are computed by
/// <see cref="Reference"/>, so this is for small problems.</remarks>
/// <example><code>
/// var w = Variable("w", [2]);
/// var curvature = Curvature.Of(Sum(Square(w) * Tensor.Of([1, 3])), w, 2, (w, Tensor.Of([1, 1])));
/// curvature.Eigenvalues.Select(value => Math.Round(value, 6)) // [6, 2]
/// Math.Round(curvature.LargestRate, 6) // 0.333333
/// </code></example>
public sealed record Curvature(ImmutableArray<double> Eigenvalues)
{
    private const int Iterations = 10_000;
    private const double Precision = 1e-13;

    /// <summary>The learning rate up to which gradient descent does not grow along the steepest direction: 2/λ for the
    /// largest eigenvalue that is positive; infinite if none is.</summary>
    public double LargestRate => Eigenvalues.Append(0).Max() is > 0 and var steepest ? 2 / steepest : double.PositiveInfinity;

    /// <summary>The curvature of a loss in w.</summary>
    /// <param name="loss">A node with one element.</param>
    /// <param name="w">With respect to what.</param>
    /// <param name="count">How many eigenvalues; no more than w has elements.</param>
    /// <param name="values">A value for each variable.</param>
    /// <exception cref="ShapeError">The loss has more than one element.</exception>
    /// <exception cref="NotDifferentiableError">w reaches the loss through an op without a derivative.</exception>
    /// <exception cref="BindingError">A variable has no value, or one that does not fit.</exception>
    public static Curvature Of(Node loss, Node w, int count = 1, params ReadOnlySpan<(Node Variable, Tensor Value)> values)
    {
        var direction = Functions.Variable("direction", w.Shape);
        var product = new Graph(Gradient.Of(Functions.Sum(Gradient.Of(loss, w) * direction), w)).Simplify().Outputs[0];
        var bound = values.ToArray().ToDictionary(pair => pair.Variable, pair => pair.Value);
        double[] Product(double[] v) => Reference.Run([product],
            new Dictionary<Node, Tensor>(bound) { [direction] = Tensor.Of(w.Shape, v) })[0].ToDoubles();

        var (found, eigenvalues) = (new List<double[]>(), ImmutableArray.CreateBuilder<double>());
        for (var k = 0; k < Math.Min(count, w.Shape.Elements); k++)
        {
            var (eigenvalue, vector) = Largest(Product, found, Key.Of(7).FoldIn((uint)k).Normal(w.Shape).ToDoubles());
            eigenvalues.Add(eigenvalue);
            found.Add(vector);
        }

        return new(eigenvalues.ToImmutable());
    }

    /// <summary>Applies the matrix until Rayleigh's quotient stays, always at right angles to what is known.</summary>
    private static (double Value, double[] Vector) Largest(Func<double[], double[]> product, List<double[]> known, double[] v)
    {
        var (value, before) = (0.0, double.PositiveInfinity);
        v = Unit(Apart(v, known));
        for (var i = 0; i < Iterations && Math.Abs(value - before) > Precision * Math.Abs(value); i++)
        {
            var next = Apart(product(v), known);
            (before, value) = (value, Dot(v, next));
            if (Dot(next, next) == 0)
            {
                return (0, v);
            }

            v = Unit(next);
        }

        return (value, v);
    }

    private static double[] Apart(double[] v, List<double[]> known)
    {
        foreach (var other in known)
        {
            var along = Dot(v, other);
            v = [.. v.Zip(other, (a, b) => a - along * b)];
        }

        return v;
    }

    private static double[] Unit(double[] v) => Math.Sqrt(Dot(v, v)) is var length ? [.. v.Select(a => a / length)] : v;

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
