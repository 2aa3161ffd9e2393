using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A point where differences and the gradient differ, but nowhere around: a kink or a tie.</summary>
/// <remarks>There the gradient of each element of y along a direction must lie between the slopes to the left, to the
/// right, and at points around it: within Clarke's generalized gradient, as far as directions tell. F. Clarke,
/// Optimization and Nonsmooth Analysis, 1983, ch. 2.</remarks>
internal static class Kinks
{
    private const int Around = 8;
    private const double H = 1.0 / (1 << 15);
    private const double Distance = 1.0 / (1 << 10);

    public static Verdict Of(Case at, Key key, int most)
    {
        var xs = at.Varied;
        var y = at.Run(at.Output)[0];
        var rows = Pick(y.Count, most, key).Select(k => (K: k, Row: Row(at, k))).ToArray();
        for (var d = 0; d < 3; d++)
        {
            var bindings = at.Bindings;
            var directions = xs.Select(x => Directions.Along(bindings[x], key.FoldIn($"{x.Op.Name}{d}"))).ToArray();
            var slopes = Slopes(at, xs, directions, y, key.FoldIn((uint)d)).ToArray();
            foreach (var (k, row) in rows)
            {
                var given = row.Zip(directions, Directions.Inner).Sum();
                double[] around = [.. slopes.Select(slope => slope.At(k)).Where(double.IsFinite)];
                if (around.Length < slopes.Length || !double.IsFinite(given) || Jumps(around[0], around[1]) || Jumps(around[2], around[3]))
                {
                    // A slope that is infinite there, or that only one side has, or a jump, which has none.
                    continue;
                }

                var (low, high) = (around.Min(), around.Max());
                var slack = 0.02 * (Math.Abs(low) + Math.Abs(high)) + 1e-6;
                if (!(given >= low - slack && given <= high + slack))
                {
                    return Verdict.False(high - low > slack
                        ? $"not differentiable here, slopes between {Judge.Text(low)} and {Judge.Text(high)}, "
                            + $"but Vjp gave {Judge.Text(given)}"
                        : $"Vjp gave {Judge.Text(given)}, differences {Judge.Text((low + high) / 2)}, here alone")
                        with
                    { AtKink = true };
                }
            }
        }

        return Verdict.None("not differentiable here");
    }

    /// <summary>Whether a slope depends on the step with which it is measured.</summary>
    private static bool Jumps(double far, double near) => Math.Abs(far - near) > 0.05 * (Math.Abs(far) + Math.Abs(near)) + 1e-3;

    /// <summary>The gradient of element k of the output.</summary>
    public static ImmutableArray<Tensor> Row(Case at, int k) =>
        at.Run(Directions.Pulled(at, Constant(Tensor.From(at.Output.Shape, i => i == k ? 1 : 0))));

    /// <summary>Points around a case.</summary>
    public static IEnumerable<Case> PointsAround(Case at, Key key) =>
        Enumerable.Range(0, Around).Select(i => Directions.Nearby(at, key.FoldIn($"around{i}"), Distance));

    /// <summary>The slopes of all elements to the right, to the left and around.</summary>
    private static IEnumerable<Tensor> Slopes(
        Case at, ImmutableArray<Node> xs, Tensor[] directions, Tensor y, Key key)
    {
        var line = Along(at);
        foreach (var h in (double[])[H, H / 64, -H, -H / 64])
        {
            var (far, near) = (line.Value(h), line.Value(h / 2));
            yield return Tensor.From(y.Shape, k => (4 * near.At(k) - 3 * y.At(k) - far.At(k)) / h);
        }

        foreach (var point in PointsAround(at, key))
        {
            var here = Along(point);
            var (after, before) = (here.Value(H), here.Value(-H));
            yield return Tensor.From(y.Shape, k => (after.At(k) - before.At(k)) / (2 * H));
        }

        Line Along(Case point) => new(point, xs, directions, at.Held.Zip(point.Run(at.Held)));
    }

    private static IEnumerable<int> Pick(int count, int most, Key key) =>
        count <= most ? Enumerable.Range(0, count) : key.Permutation(count).Take(most);
}
