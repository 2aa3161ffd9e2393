using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>From a unit of elementwise nodes to the program of a fused loop. Registers are used again as soon as their
/// last reader has run.</summary>
internal sealed class LoopLowering(BufferTable table)
{
    private static readonly nint Copy = new StopGradient().Accept(Loops.Instance);

    private readonly List<Operand> operands = [];
    private readonly Dictionary<Node, int> places = [];
    private readonly Stack<int> free = [];
    private int registers;

    public FusedLoop Step(Unit unit)
    {
        var program = ImmutableArray.CreateBuilder<Instruction>();
        for (var i = 0; i < unit.Nodes.Length; i++)
        {
            var node = unit.Nodes[i];
            var inputs = node.Op is Broadcast
                ? [Source(node, unit.Root.Shape)]
                : node.Inputs.Select(input =>
                    places.TryGetValue(input, out var place) ? place : Source(input, unit.Root.Shape)).ToArray();

            // A formula reads its elements before it writes them, so its result may take an input's register.
            for (var input = 0; input < node.Inputs.Length; input++)
            {
                if (places.TryGetValue(node.Inputs[input], out var place)
                    && operands[place] is Operand.Temporary { Register: var register }
                    && node.Inputs.IndexOf(node.Inputs[input]) == input && !IsUsedAfter(unit, i, node.Inputs[input]))
                {
                    free.Push(register);
                }
            }

            places[node] = Add(unit.Results.Contains(node)
                ? new Operand.Dense(table[node])
                : new Operand.Temporary(TakeRegister()));
            var loop = node.Op is IElementwise map ? map.Accept(Loops.Instance) : Copy;
            program.Add(new Instruction(loop, inputs[0], inputs[inputs.Length > 1 ? 1 : 0], inputs[^1], places[node]));
        }

        return new FusedLoop(unit, unit.Root.Shape.Elements, [.. operands], program.ToImmutable(), registers);
    }

    /// <summary>An operand from outside. It keeps its register for the whole loop:
    /// it is filled before the first formula.</summary>
    private int Source(Node node, Shape shape)
    {
        if (places.TryGetValue(node, out var known))
        {
            return known;
        }

        var origin = node.Op is Broadcast ? node.Inputs[0] : node;
        var operand = origin switch
        {
            _ when Unit.IsNumber(origin) => new Operand.Number((float)((Constant)origin.Op).Value.At(0), registers++),
            _ when node.Op is Broadcast =>
                new Operand.Repeated(table[origin], registers++, FusedLoop.Axes(origin.Shape, shape)),
            _ => (Operand)new Operand.Dense(table[origin]),
        };

        // A unit that is a broadcast alone has its node both as source and as result; only the result is remembered.
        var place = Add(operand);
        if (node.Shape == shape && node.Op is not Broadcast)
        {
            places[node] = place;
        }

        return place;
    }

    /// <summary>Whether a node is an input of a later one; units are short.</summary>
    private static bool IsUsedAfter(Unit unit, int index, Node node)
    {
        for (var i = index + 1; i < unit.Nodes.Length; i++)
        {
            if (unit.Nodes[i].Inputs.Contains(node))
            {
                return true;
            }
        }

        return false;
    }

    private int Add(Operand operand)
    {
        operands.Add(operand);
        return operands.Count - 1;
    }

    private int TakeRegister() => free.TryPop(out var register) ? register : registers++;
}
