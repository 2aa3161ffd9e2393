using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>From a unit of elementwise nodes to a loop.</summary>
/// <param name="table">The buffers.</param>
/// <param name="emitFrom">From how many elements on a loop is worth compiling, which takes about a millisecond.</param>
internal sealed class LoopLowering(BufferTable table, long emitFrom)
{
    /// <summary>Interpreting costs a fraction of a nanosecond an element: below this, compiling pays off late if at
    /// all.</summary>
    public const long WorthEmitting = 8192;

    private readonly List<Node> sources = [];
    private readonly Dictionary<Node, int> places = [];

    public LoopStep Step(Unit unit)
    {
        foreach (var input in unit.Nodes.SelectMany(node => node.Op is Broadcast ? [node] : node.Inputs.AsEnumerable())
            .Where(input => input.Op is Broadcast || !unit.Nodes.Contains(input)))
        {
            if (!sources.Contains(input))
            {
                places[input] = sources.Count;
                sources.Add(input);
            }
        }

        var shape = unit.Root.Shape;
        var (space, views) = Space.Of(shape, [.. sources.Select(Seen)]);
        var operands = sources.Select((source, i) => Operand(source, views[i])).ToImmutableArray();
        var body = new LoopBody([.. operands.Select(operand => operand.Kind)],
            [.. unit.Nodes.Select((node, i) => Instruction(node, sources.Count + i))],
            [.. unit.Results.Select(result => places[result])]);
        return new LoopStep(unit, new Loop(LoopCode.Of(body, shape.Elements >= emitFrom), space,
            [.. operands, .. unit.Results.Select(result => AutoDiffCnn.Operand.Of(table[result], space.Dense))]));
    }

    /// <summary>The formula of a node, which gives the value of a place. A broadcast that is wanted itself is read and
    /// copied.</summary>
    private Instruction Instruction(Node node, int place)
    {
        var formula = node.Op is IElementwise map ? Formula.Of(map) : Formula.Copy;
        var inputs = node.Op is Broadcast ? [places[node]] : node.Inputs.Select(input => places[input]).ToArray();
        places[node] = place;
        return new(formula, inputs[0], inputs[inputs.Length > 1 ? 1 : 0], inputs[^1]);
    }

    /// <summary>The shape of what is read: a broadcast's is that of what it repeats.</summary>
    private static Shape Seen(Node source) => Origin(source) is var origin && Unit.IsNumber(origin) ? [] : origin.Shape;

    private Operand Operand(Node source, View view) => Origin(source) is var origin && Unit.IsNumber(origin)
        ? AutoDiffCnn.Operand.Of((float)((Constant)origin.Op).Value.At(0))
        : AutoDiffCnn.Operand.Of(table[origin], view);

    private static Node Origin(Node source) => source.Op is Broadcast ? source.Inputs[0] : source;
}
