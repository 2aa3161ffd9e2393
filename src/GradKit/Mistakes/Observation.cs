using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What an op's rule gave in one place, beside what differences measure there.</summary>
internal sealed class Observation
{
    private const double H = 1.0 / (1 << 9);
    private const double Bound = 1e-5;

    private readonly ImmutableArray<Tensor> values;
    private readonly Func<ImmutableArray<Node>, Node> f;

    /// <summary>By element of the output and of input i, for each i that was asked for.</summary>
    private readonly Dictionary<int, double[,]> jacobians = [];

    private Observation(Func<ImmutableArray<Node>, Node> f, ImmutableArray<Tensor> values, Tensor u, ImmutableArray<Tensor> given)
    {
        (this.f, this.values, U, Given) = (f, values, u, given);
    }

    /// <summary>The cotangent.</summary>
    public Tensor U { get; }

    /// <summary>What the rule gave for each input; empty for one without a derivative.</summary>
    public ImmutableArray<Tensor> Given { get; }

    /// <summary>The inputs.</summary>
    public ImmutableArray<Tensor> Values => values;

    public static Observation Of(Case at, Tensor u)
    {
        var pulled = at.Run(Directions.Pulled(at, u));
        var (given, next) = (ImmutableArray.CreateBuilder<Tensor>(), 0);
        foreach (var (variable, _) in at.Inputs)
        {
            given.Add(at.Varied.Contains(variable) ? pulled[next++] : Tensor.Of([0], ReadOnlySpan<double>.Empty));
        }

        return new(xs => Substitution.Put([at.Output], at.Inputs.Zip(xs, (input, x) => (input.Variable, x)))[0],
            [.. at.Inputs.Select(input => input.Value)], u, given.ToImmutable());
    }

    /// <summary>The same op, or another, at other inputs and under another cotangent.</summary>
    public Observation With(Func<ImmutableArray<Node>, Node>? other = null, ImmutableArray<Tensor>? at = null, Tensor? u = null)
    {
        var same = other is null && at is null;
        var next = new Observation(other ?? f, at ?? values, u ?? U, Given);
        foreach (var (i, jacobian) in same ? jacobians : [])
        {
            next.jacobians[i] = jacobian;
        }

        return next;
    }

    /// <summary>The value there.</summary>
    public Tensor Y => At(values);

    /// <summary>Jᵀu for input i, measured.</summary>
    public Tensor Measured(int i)
    {
        if (!jacobians.TryGetValue(i, out var jacobian))
        {
            jacobians[i] = jacobian = Jacobian(i);
        }

        return Tensor.From(values[i].Shape, e => Enumerable.Range(0, U.Count).Sum(k => jacobian[k, e] * U.At(k)));
    }

    /// <summary>Whether what the rule gave for input i is wrong.</summary>
    public bool IsWrong(int i) => Given[i].Count > 0 && !Near(Given[i], Measured(i));

    /// <summary>Whether two tensors agree as well as they are measured.</summary>
    public static bool Near(Tensor a, Tensor b)
    {
        var most = b.ToDoubles().Concat(a.ToDoubles()).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return a.Shape == b.Shape && Enumerable.Range(0, a.Count).All(i => Math.Abs(a.At(i) - b.At(i)) <= Bound * most);
    }

    private Tensor At(ImmutableArray<Tensor> inputs) =>
        f([.. inputs.Select((input, i) => Indexed(i) ? Indices(input) : Constant(input))]).Value;

    private bool Indexed(int i) => Given[i].Count == 0 && values[i].ToDoubles().All(v => v >= 0 && v == Math.Floor(v));

    private double[,] Jacobian(int i)
    {
        var jacobian = new double[U.Count, values[i].Count];
        for (var e = 0; e < values[i].Count; e++)
        {
            var h = H * (values[i].At(e) == 0 ? 1 : Math.Abs(values[i].At(e)));
            var (a, b, c, d) = (Moved(e, h), Moved(e, -h), Moved(e, h / 2), Moved(e, -h / 2));
            for (var k = 0; k < U.Count; k++)
            {
                jacobian[k, e] = (8 * (c.At(k) - d.At(k)) - (a.At(k) - b.At(k))) / (6 * h);
            }
        }

        return jacobian;

        Tensor Moved(int e, double by) =>
            At(values.SetItem(i, Tensor.From(values[i].Shape, j => values[i].At(j) + (j == e ? by : 0))));
    }
}
