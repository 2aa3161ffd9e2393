using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What differences of the loss say of a derivative, at one point.</summary>
/// <param name="loss">The loss.</param>
/// <param name="values">A value for each variable.</param>
internal sealed class Differences(Node loss, IReadOnlyDictionary<Node, Tensor> values)
{
    private const int Elements = 8;
    private const double Step = 1e-5;
    private const double Tolerance = 1e-6;

    private readonly Graph graph = new(loss);
    private readonly Dictionary<Node, Tensor> known = All(loss, values);

    /// <summary>The loss.</summary>
    public double Loss => known[loss].At(0);

    /// <summary>The values of other nodes at the same point.</summary>
    public ImmutableArray<Tensor> Values(ImmutableArray<Node> nodes) => Reference.Run(nodes, values);

    /// <summary>Compares ∂loss/∂x with differences at some elements. Where the slopes to the left and to the right
    /// differ there is a kink, and the derivative may be any in between.</summary>
    public string Check(Node x, Tensor dx)
    {
        if (!known.TryGetValue(x, out var here))
        {
            return Enumerable.Range(0, dx.Count).All(i => dx.At(i) == 0) ? Checked : "is not 0, and the loss does not depend on it";
        }

        if (!double.IsFinite(Loss))
        {
            return $"cannot be compared: the loss is {Tensor.Number(Loss)} at these values";
        }

        var dependent = new HashSet<Node> { x };
        foreach (var node in graph.Nodes)
        {
            if (node.Op is not StopGradient && node.Inputs.Any(dependent.Contains))
            {
                dependent.Add(node);
            }
        }

        var fixedValues = known.Where(pair => !dependent.Contains(pair.Key)).ToDictionary();
        var (count, kinks) = (Math.Min(Elements, dx.Count), 0);
        for (var k = 0; k < count; k++)
        {
            var at = (int)((long)k * dx.Count / count);
            var step = Step * Math.Max(1, Math.Abs(here.At(at)));
            double Moved(double by)
            {
                fixedValues[x] = Tensor.From(x.Shape, i => here.At(i) + (i == at ? by : 0));
                return Reference.Run([loss], fixedValues)[0].At(0);
            }

            var (left, right) = ((Loss - Moved(-step)) / step, (Moved(step) - Loss) / step);
            var (lower, upper) = (Math.Min(left, right), Math.Max(left, right));

            // Two steps, so that the error of second order cancels (Richardson).
            var slope = (4 * (Moved(step / 2) - Moved(-step / 2)) / step - (Moved(step) - Moved(-step)) / (2 * step)) / 3;
            var slack = Tolerance * Math.Max(1, Math.Max(Math.Abs(slope), Math.Abs(Loss)));
            if (Math.Abs(slope - dx.At(at)) <= slack)
            {
                continue;
            }

            if (!(upper - lower > 1e-3 * Math.Max(1, Math.Abs(upper)) && dx.At(at) >= lower - slack && dx.At(at) <= upper + slack))
            {
                return $"differs from differences: element {at} is {Tensor.Number(dx.At(at))}, differences say {Tensor.Number(slope)}";
            }

            kinks++;
        }

        return $"{Checked}{(kinks == 0 ? "" : $", {kinks} at a kink, between its two slopes")}";
    }

    /// <summary>What a check begins with that was passed.</summary>
    internal const string Checked = "agrees with differences";

    private static Dictionary<Node, Tensor> All(Node loss, IReadOnlyDictionary<Node, Tensor> values)
    {
        var nodes = new Graph(loss).Nodes;
        return nodes.Zip(Reference.Run(nodes, values)).ToDictionary(pair => pair.First, pair => pair.Second);
    }
}
