using static AutoDiffCnn.Protocol.TensorProto.Types;

namespace AutoDiffCnn;

// Elementwise ops: a formula tells its operators itself, be it ours or a user's.
internal sealed partial class OnnxWriter
{
    // The truth values behind masks of 1 and 0.
    private readonly Dictionary<string, string> conditions = [];

    private string? Elementwise(Node node) => node switch
    {
        { Op: Relu or Sigmoid or Softplus or Sign or Reciprocal } => Emit(node.Op.Name, [Of(node.Inputs[0])]),
        { Op: Select, Inputs: [var mask, _, _] } when conditions.TryGetValue(Of(Source(mask)), out var condition) =>
            Emit("Where", [condition, .. Sources(node, [0, 1, 2])[1..]]),
        { Op: AllReduce, Inputs: [var x] } => Of(x),
        { Op: IElementwise op } => Formula(node, OnnxTerm.Of(op)),
        _ => null,
    };

    private string Formula(Node node, OnnxTerm term)
    {
        int[] read = [.. term.Inputs.Distinct()];
        var inputs = Sources(node, read);
        var written = new Dictionary<OnnxTerm, string>();
        var y = Write(term);
        return read.Length == 0 ? Emit("Expand", [y, Sizes(node.Shape)]) : y;

        string Write(OnnxTerm part) => written.TryGetValue(part, out var known) ? known : written[part] = part switch
        {
            OnnxTerm.Input(var index) => inputs[index],
            OnnxTerm.Number(var number) => Number(number),
            OnnxTerm.Call("Cast", var condition, _, _) => Mask(Write(condition)),
            OnnxTerm.Call(var type, _, _, _) => Emit(type, [.. part.Parts.Select(Write)]),
            _ => throw new InvalidOperationException($"{part} is no term."),
        };
    }

    /// <summary>1 where a condition holds, else 0.</summary>
    private string Mask(string condition)
    {
        var mask = Emit("Cast", [condition], Attribute("to", (long)DataType.Float));
        conditions[mask] = condition;
        return mask;
    }

    /// <summary>The values of a node's inputs. Operators repeat sizes of 1 themselves, so what is repeated for them is read
    /// as it was before, if those that are read come to the whole shape.</summary>
    private string[] Sources(Node node, int[] read)
    {
        int[] whole = [.. Enumerable.Repeat(-1, node.Shape.Rank)];
        foreach (var source in read.Select(i => Source(node.Inputs[i]).Shape))
        {
            for (var back = 1; back <= source.Rank; back++)
            {
                whole[^back] = source[^back] == 1 ? Math.Max(whole[^back], 1) : source[^back];
            }
        }

        return [.. node.Inputs.Select(input => Of(whole.SequenceEqual(node.Shape) ? Source(input) : input))];
    }

    private static Node Source(Node node) => node is { Op: Broadcast, Inputs: [var x] } ? x : node;
}
