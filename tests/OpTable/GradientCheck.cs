using System.Collections.Immutable;

namespace AutoDiffCnn.Tests;

/// <summary>A Vjp against differences in double precision.</summary>
/// <remarks>Along a random direction v and under a random cotangent u, ⟨Jᵀu, v⟩ must equal d/dt ⟨u, f(x + tv)⟩ at 0.
/// The derivative is taken by central differences at h, h/2, h/4, extrapolated twice (Richardson), which leaves an
/// error of order h⁶/64: for h = 0.002 about 1e-12 even for 1/x at x = 0.1, where domains end; the rounding is 4ε/h ≈
/// 4e-13 of the function's value. 1e-8 is therefore a safe bound for both orders, and a rule that is wrong in one
/// term misses it by many powers of ten.</remarks>
public static class GradientCheck
{
    private const double H = 0.002;
    private const double Tolerance = 1e-8;

    /// <summary>What is wrong with the gradient of an op, at order 1 or 2; null if nothing.</summary>
    public static string? Failure(OpCase at, int order, Key key)
    {
        // Indices and masks do not vary: they are constants of the function.
        var row = OpTable.RowOf(at.Op);
        int[] varied = [.. Enumerable.Range(0, at.Inputs.Length).Where(i => at.Op.InputKind(i) == Kind.Real && row.DomainOf(i) != Domain.Mask)];
        var constants = at.Constants();
        return Failure(
            xs => at.Apply([.. constants.Select((constant, i) => Array.IndexOf(varied, i) is >= 0 and var k ? xs[k] : constant)]),
            [.. varied.Select(i => at.Inputs[i])], order, key);
    }

    /// <summary>What is wrong with the gradient of a function of xs; null if nothing.</summary>
    /// <param name="f">The function.</param>
    /// <param name="inputs">Where.</param>
    /// <param name="order">Order 2 checks the function (x, u) to ⟨Jᵀu, v⟩ in the same way: the rules of the rules, in
    /// the cotangent too.</param>
    /// <param name="key">Chooses directions and cotangents.</param>
    public static string? Failure(Func<ImmutableArray<Node>, Node> f, ImmutableArray<Tensor> inputs, int order, Key key)
    {
        ImmutableArray<Node> xs = [.. inputs.Select((x, i) => Variable($"x{i}", x.Shape))];
        var y = f(xs);
        var u = Variable("u", y.Shape);
        var uAt = key.FoldIn("u").Normal(y.Shape);
        var gradients = Gradient.Vjp(y, u, xs);
        ImmutableArray<Tensor> directions = [.. xs.Select((x, i) => Unit(key.FoldIn($"v{i}").Normal(x.Shape)))];
        var values = xs.Zip(inputs).Append((u, uAt)).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        if (order > 1)
        {
            var scalar = gradients.Zip(directions).Aggregate(Zeros([]), (sum, pair) => sum + Sum(pair.First * pair.Second));
            return Failure(with => Substituted(scalar, [.. xs, u], with), [.. inputs, uAt], order - 1, key.FoldIn("next"));
        }

        var objective = Sum(y * u);
        var given = 0.0;
        var scale = 1e-3 * (1 + Math.Abs(Reference.Run([objective], values)[0].Scalar));
        var gradientValues = Reference.Run(gradients, values);
        for (var i = 0; i < xs.Length; i++)
        {
            for (var k = 0; k < directions[i].Count; k++)
            {
                var term = gradientValues[i].At(k) * directions[i].At(k);
                given += term;
                scale += Math.Abs(term);
            }
        }

        var expected = Richardson(t => Reference.Run([objective], values.ToDictionary(pair => pair.Key, pair =>
            xs.IndexOf(pair.Key) is >= 0 and var i ? Moved(pair.Value, directions[i], t) : pair.Value))[0].Scalar);
        return Math.Abs(given - expected) <= Tolerance * Math.Max(scale, Math.Abs(expected))
            ? null
            : $"order {order}: Vjp gave {given:R}, differences {expected:R}";
    }

    /// <summary>The derivative at 0 by central differences, extrapolated to h = 0.</summary>
    public static double Richardson(Func<double, double> f)
    {
        var (a, b, c) = (Central(H), Central(H / 2), Central(H / 4));
        var (ab, bc) = ((4 * b - a) / 3, (4 * c - b) / 3);
        return (16 * bc - ab) / 15;

        double Central(double h) => (f(h) - f(-h)) / (2 * h);
    }

    private static Tensor Moved(Tensor x, Tensor v, double t) => Tensor.From(x.Shape, i => x.At(i) + t * v.At(i));

    /// <summary>No element moves by more than h, so that kinks 0.1 away stay away.</summary>
    private static Tensor Unit(Tensor v) => Enumerable.Range(0, v.Count).Select(i => Math.Abs(v.At(i))).DefaultIfEmpty(1).Max() is var most
        ? v.Map(value => value / most)
        : v;

    /// <summary>A node with other nodes in place of variables.</summary>
    public static Node Substituted(Node node, ImmutableArray<Node> variables, ImmutableArray<Node> with)
    {
        var known = variables.Zip(with).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var old in new Graph(node).Nodes)
        {
            if (!known.ContainsKey(old))
            {
                known[old] = old.Inputs.IsEmpty ? old : new OpCase(old.Op, []).Apply([.. old.Inputs.Select(input => known[input])]);
            }
        }

        return known[node];
    }
}
