using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>A random graph over the rows of a table, with a value for each variable.</summary>
/// <remarks>Nodes are used again and again, so subexpressions are shared; they are bounded, so values stay within a
/// few units; an op that jumps (floor, comparisons, argmax) sees variables only, whose values lie away from its
/// jumps, so that single precision cannot land on the other side.</remarks>
/// <param name="Graph">The graph.</param>
/// <param name="Values">The values of its variables.</param>
/// <example><code>
/// using FsCheck.Fluent;
///
/// var random = RandomGraph.All.Sample(1)[0];
/// random.Run().Length == random.Graph.Outputs.Length // True
/// </code></example>
public sealed record RandomGraph(Graph Graph, IReadOnlyDictionary<Node, Tensor> Values)
{
    /// <summary>Graphs of 5 to 15 ops of the table and what is needed to fit them together: 10 to 60 nodes.</summary>
    public static Gen<RandomGraph> All { get; } = Of(OpTable.Rows);

    /// <summary>Graphs of 5 to 15 ops of these rows: <c>RandomGraph.Of([.. OpTable.Rows, mine])</c>.</summary>
    public static Gen<RandomGraph> Of(ImmutableArray<OpRow> rows) =>
        from steps in Gen.Choose(5, 15)
        from cases in Gen.OneOf(rows.Select(row => row.Cases.Select(at => (row, at)))).ArrayOf(steps)
        from picks in Gen.Choose(0, int.MaxValue).ArrayOf(4 * steps)
        select new Builder(picks).Build(cases);

    /// <summary>The values of the outputs.</summary>
    public ImmutableArray<Tensor> Run() => Reference.Run(Graph.Outputs, Values);

    /// <inheritdoc/>
    public override string ToString() => Graph.Print();

    private sealed class Builder(int[] picks)
    {
        private const double Bound = 3;
        private readonly Dictionary<Node, Tensor> bindings = [];
        private readonly Dictionary<Node, Tensor> values = [];
        private readonly List<Node> nodes = [];
        private int pick;

        public RandomGraph Build((OpRow Row, OpCase Case)[] cases)
        {
            foreach (var (row, at) in cases)
            {
                nodes.Add(Bounded(at.Apply([.. at.Inputs.Select((input, i) => Input(at, row, i))])));
            }

            var used = nodes.SelectMany(node => new Graph([.. node.Inputs]).Nodes).ToHashSet();
            return new(new Graph([.. nodes.Where(node => !used.Contains(node))]), bindings);
        }

        /// <summary>An earlier node that can be made to fit, or else a variable with the case's value.</summary>
        private Node Input(OpCase at, OpRow row, int index)
        {
            var (kind, value) = (at.Op.InputKind(index), at.Inputs[index]);
            if (kind == Kind.Real && !row.Jumps && row.DomainOf(index) is Domain.Any or Domain.Positive)
            {
                for (var attempt = 0; attempt < Math.Min(4, nodes.Count); attempt++)
                {
                    var candidate = nodes[picks[pick++ % picks.Length] % nodes.Count];
                    if (candidate.Kind == Kind.Real && Fitted(candidate, value.Shape) is { } fitted)
                    {
                        return row.DomainOf(index) == Domain.Positive ? Softplus(fitted) + 0.3 : fitted;
                    }
                }
            }

            var variable = Variable($"v{bindings.Count}", value.Shape, kind);
            bindings[variable] = values[variable] = value;
            return variable;
        }

        private static Node? Fitted(Node node, Shape shape)
        {
            if (node.Shape.Elements == shape.Elements)
            {
                return Reshape(node, shape);
            }

            if (node.Shape.Elements == 1)
            {
                return BroadcastTo(Reshape(node, []), shape);
            }

            return node.Shape.Elements > shape.Elements && shape.Elements > 0
                ? Reshape(Part(Reshape(node, [(int)node.Shape.Elements]), 0, 0, (int)shape.Elements), shape)
                : null;
        }

        private Node Bounded(Node node)
        {
            var value = Reference.Run([node], values)[0];
            values[node] = value;
            var most = value.Count == 0 ? 0 : value.ToDoubles().Max(Math.Abs);
            return node.Kind == Kind.Real && most > Bound ? node * (Bound / most) : node;
        }
    }
}
