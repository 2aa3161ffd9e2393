using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>How far rounding alone may move a result: it is run again with every value on the way moved at random by as
/// much as its rounding may. What cancels on the way shows.</summary>
internal static class Rounding
{
    private const double Double = 1.0 / (1L << 53);

    /// <summary>Reference, with each value moved.</summary>
    /// <param name="at">Where.</param>
    /// <param name="wanted">The nodes.</param>
    /// <param name="half">Half a unit in the last place of 1.</param>
    /// <param name="key">Chooses up or down.</param>
    /// <param name="inputs">Whether the inputs are moved too, which breaks ties.</param>
    public static Tensor[] Run(Case at, ImmutableArray<Node> wanted, double half, Key key, bool inputs = false)
    {
        var (given, results) = (at.Bindings, new Dictionary<Node, Tensor>());
        var place = 0u;
        foreach (var node in new Graph(wanted).Nodes)
        {
            var value = given.GetValueOrDefault(node) ?? node.Op.ReferenceAll([.. node.Inputs.Select(input => results[input])]);
            var salt = key.FoldIn(place++);
            results[node] = node.Kind == Kind.Real && (inputs ? node.Op is not Constant : !given.ContainsKey(node) && !node.Inputs.IsEmpty)
                ? Tensor.From(value.Shape, i => value.At(i) * (1 + ((salt.Bits((uint)i) & 1) == 0 ? half : -half)))
                : value;
        }

        return [.. wanted.Select(node => results[node])];
    }

    /// <summary>Whether a gap that should be 0 is no larger than rounding to double precision makes it.</summary>
    public static bool Explains(Case at, ImmutableArray<Node> wanted, Key key, Func<IReadOnlyList<Tensor>, double> gap)
    {
        var exact = gap(at.Run(wanted));
        var noise = Enumerable.Range(0, 4).Max(i => Math.Abs(gap(Run(at, wanted, Double, key.FoldIn((uint)i))) - exact));
        return !double.IsFinite(noise) || Math.Abs(exact) <= 64 * noise;
    }
}
