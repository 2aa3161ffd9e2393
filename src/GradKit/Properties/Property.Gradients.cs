using System.Collections.Immutable;
using static AutoDiffCnn.Directions;

namespace AutoDiffCnn;

// What holds for every gradient.
public sealed partial record Property
{
    /// <summary>Shapes.</summary>
    public static Property Shapes { get; } = new("shapes",
        "what is inferred is what comes out, and dx has x's shape")
    { Checks = CheckShapes };

    /// <summary>The Vjp is linear.</summary>
    public static Property Linear { get; } = new("linear",
        "Jᵀ(3u − v) = 3 Jᵀu − Jᵀv, to 1e-9 of the largest term")
    { Checks = CheckLinear };

    /// <summary>Vjp against differences.</summary>
    public static Property Differences { get; } = new("differences",
        "⟨Jᵀu, v⟩ is the slope of ⟨u, f⟩ along v, measured by central differences and Richardson's extrapolation, to 1e-8 and "
        + "what is known of the measurement; at a kink, it lies between the slopes around")
    { Checks = Judge.Of };

    /// <summary>The same of each op.</summary>
    public static Property EachOp { get; } = new("differences of each op",
        "the same of each op alone, at what comes to it: a mistake that the rest of the graph hides")
    { Checks = CheckEachOp, Every = 2 };

    /// <summary>The same of the gradient.</summary>
    public static Property Differences2 { get; } = new("differences of second order",
        "the same of (x, u) ↦ ⟨Jᵀu, v⟩: the rules of what the rules are made of")
    {
        Checks = (at, key) =>
            SecondOrder(at, key) is { } next ? Judge.Of(next, key) : Verdict.Holds
    };

    /// <summary>Forward mode is the transpose.</summary>
    public static Property Transposed { get; } = new("transposed",
        "⟨Jv, u⟩ = ⟨v, Jᵀu⟩, to 1e-10 of the sum's terms, without differences")
    { Checks = CheckTransposed };

    /// <summary>Hessians are symmetric.</summary>
    public static Property Symmetric { get; } = new("symmetric",
        "⟨Hv, w⟩ = ⟨Hw, v⟩ for the Hessian of ⟨u, f⟩, to 1e-8 of the sum's terms")
    { Checks = CheckSymmetric };

    /// <summary>The case whose gradient is the second order of this one's; null if nothing varies.</summary>
    internal static Case? SecondOrder(Case at, Key key)
    {
        if (at.Varied.IsEmpty || at.Output.Kind == Kind.Index)
        {
            return null;
        }

        var u = Variable("u", at.Output.Shape);
        var bindings = at.Bindings;
        var along = Sum(Pulled(at, u), x => Along(bindings[x], key.FoldIn($"second {x.Op.Name}")), at.Varied);
        return new Case(along, [.. at.Inputs, (u, Cotangent(u.Shape, key.FoldIn("second u")))]) { Held = at.Held };
    }

    private static Node Sum(ImmutableArray<Node> gradients, Func<Node, Tensor> direction, ImmutableArray<Node> xs) =>
        gradients.Zip(xs, (dx, x) => Functions.Sum(dx * direction(x))).Aggregate((sum, term) => sum + term);

    private static Verdict CheckEachOp(Case at, Key key) => Parts.Of(at).AsEnumerable()
        .Select(part => Differences.Check(part, key)).FirstOrDefault(verdict => verdict.IsFalse) ?? Verdict.Holds;

    private static Verdict CheckShapes(Case at, Key key)
    {
        try
        {
            Verify.Check(at.Graph);
            var y = at.Run(at.Output)[0];
            if (y.Shape != at.Output.Shape)
            {
                return Verdict.False($"Infer gave {at.Output.Shape}, Reference {y.Shape}");
            }

            if (!at.Varied.IsEmpty && at.Output.Kind == Kind.Real)
            {
                Verify.Check(new Graph(Pulled(at, Variable("dy", at.Output.Shape))));
            }

            return Verdict.Holds;
        }
        catch (GraphError error)
        {
            return Verdict.False(error.Message);
        }
    }

    private static Verdict CheckLinear(Case at, Key key)
    {
        if (at.Varied.IsEmpty || at.Output.Kind == Kind.Index)
        {
            return Verdict.Holds;
        }

        var u = Cotangent(at.Output.Shape, key.FoldIn("u"));
        var v = Cotangent(at.Output.Shape, key.FoldIn("v"));
        var both = Tensor.From(u.Shape, i => 3 * u.At(i) - v.At(i));
        ImmutableArray<Node> nodes = [.. Pulled(at, u), .. Pulled(at, v), .. Pulled(at, both)];
        var values = at.Run(nodes);
        if (!AreFinite(values))
        {
            return Verdict.None("not finite here");
        }

        var count = values.Length / 3;
        for (var i = 0; i < count; i++)
        {
            var (a, b, sum) = (values[i], values[count + i], values[2 * count + i]);
            var scale = Most(a) + Most(b) + Most(sum);
            for (var k = 0; k < sum.Count; k++)
            {
                var (gradient, element) = (i, k);
                if (Math.Abs(3 * a.At(k) - b.At(k) - sum.At(k)) > 1e-9 * scale && !Rounding.Explains(at, nodes, key, other =>
                    3 * other[gradient].At(element) - other[count + gradient].At(element) - other[2 * count + gradient].At(element)))
                {
                    return Verdict.False($"Vjp of 3u − v gave {Judge.Text(sum.At(k))}, 3 Vjp of u − Vjp of v "
                        + $"{Judge.Text(3 * a.At(k) - b.At(k))}: it is not linear in the cotangent");
                }
            }
        }

        return Verdict.Holds;
    }

    private static Verdict CheckTransposed(Case at, Key key)
    {
        if (at.Varied.IsEmpty || at.Output.Kind == Kind.Index)
        {
            return Verdict.Holds;
        }

        var u = Cotangent(at.Output.Shape, key.FoldIn("u"));
        var bindings = at.Bindings;
        Tensor[] v = [.. at.Varied.Select(x => Along(bindings[x], key.FoldIn(x.Op.Name)))];
        Node jv;
        try
        {
            jv = Gradient.Jvp(at.Output, at.Varied, [.. v.Select(value => Constant(value))]);
        }
        catch (GraphError error)
        {
            return Verdict.False(error.Message);
        }

        return Equal(at, [jv, .. Pulled(at, u)], key, 1e-10,
            values => [(values[0], u)], values => [.. values.Skip(1).Zip(v)], "⟨Jv, u⟩", "⟨v, Jᵀu⟩");
    }

    /// <summary>Two sums of inner products that must be equal.</summary>
    private static Verdict Equal(Case at, ImmutableArray<Node> nodes, Key key, double bound,
        Func<IReadOnlyList<Tensor>, (Tensor, Tensor)[]> left, Func<IReadOnlyList<Tensor>, (Tensor, Tensor)[]> right, string first, string second)
    {
        var values = at.Run(nodes);
        if (!AreFinite(values))
        {
            return Verdict.None("not finite here");
        }

        var (a, b) = (Total(left(values)), Total(right(values)));
        var scale = left(values).Concat(right(values)).Sum(pair => Terms(pair.Item1, pair.Item2));
        return Math.Abs(a - b) <= bound * scale
            || Rounding.Explains(at, nodes, key, other => Total(left(other)) - Total(right(other)))
            ? Verdict.Holds
            : Verdict.False($"{first} is {Judge.Text(a)}, {second} {Judge.Text(b)}");

        static double Total((Tensor, Tensor)[] pairs) => pairs.Sum(pair => Inner(pair.Item1, pair.Item2));
    }

    private static Verdict CheckSymmetric(Case at, Key key)
    {
        if (at.Varied.IsEmpty || at.Output.Kind == Kind.Index)
        {
            return Verdict.Holds;
        }

        var (xs, bindings) = (at.Varied, at.Bindings);
        var gradients = Pulled(at, Cotangent(at.Output.Shape, key.FoldIn("u")));
        Tensor[][] both = [.. ((string[])["v", "w"]).Select(name =>
            xs.Select(x => Along(bindings[x], key.FoldIn(name + x.Op.Name))).ToArray())];
        var (v, w) = (both[0], both[1]);
        var hv = Gradient.Of(Sum(gradients, x => v[xs.IndexOf(x)], xs), xs);
        var hw = Gradient.Of(Sum(gradients, x => w[xs.IndexOf(x)], xs), xs);
        return Equal(at, [.. hv, .. hw], key, 1e-8,
            values => [.. values.Take(xs.Length).Zip(w)], values => [.. values.Skip(xs.Length).Zip(v)], "⟨Hv, w⟩", "⟨Hw, v⟩");
    }

    private static double Most(Tensor x)
    {
        var most = 0.0;
        for (var i = 0; i < x.Count; i++)
        {
            most = Math.Max(most, Math.Abs(x.At(i)));
        }

        return most;
    }
}
