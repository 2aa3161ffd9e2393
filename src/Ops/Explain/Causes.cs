namespace AutoDiffCnn;

/// <summary>The names of what goes wrong, for the ops that are known for it; any other op says its own name.</summary>
internal static class Causes
{
    /// <summary>Why a node passes nothing on at a place: a rule's node speaks for the op whose rule it is.</summary>
    public static string Flat(Node node, Shape position, Expansion values)
    {
        var forward = node.Origin?.Forward ?? node;
        var got = forward.Op is IElementwise && forward.Shape == node.Shape && values[forward.Inputs[0]] is { } input
            ? $" got {Tensor.Number(input.At(Expansion.Flat(node.Shape, position)))} at {position}" : $" at {position}";
        var name = Name(forward);
        return forward.Op switch
        {
            Relu => $"dead relu: {name}{got}, where its slope is 0",
            Exp when IsSoftmax(forward) => $"saturated softmax: {name}{got}, and e to that is 0",
            Exp => $"underflow: {name}{got}, and e to that is 0",
            Sigmoid or Tanh or Erf => $"saturated {forward.Op.Name.ToLowerInvariant()}: {name}{got}, where its slope is 0",
            MaxPool or MaxPoolIndices => $"not the largest of its window in {name}, so its error is 0, at {position}",
            Max => $"not the largest along its axis in {name}, so its error is 0, at {position}",
            Select or Maximum or Minimum => $"not chosen by {name}{got}",
            _ => $"{name}{got} gives 0",
        };
    }

    /// <summary>Why a node whose inputs are no NaN gives one, or an infinity.</summary>
    public static string Broken(Node node, Shape position, (Node Input, int? At)[] inputs, Expansion values)
    {
        var numbers = inputs.Select(pair => pair.At is { } at ? values[pair.Input]!.At(at) : double.NaN).ToArray();
        var got = inputs.Length == 0 ? $"{Name(node)} is given so"
            : node.Op is IElementwise ? $"{Name(node)} got {string.Join(" and ", numbers.Select(Tensor.Number))} at {position}"
            : $"{Name(node)} at {position}";
        return (node.Op, numbers) switch
        {
            (Log, [0]) => $"log 0: {got}",
            (Log, [< 0]) => $"the logarithm of a negative number: {got}",
            (Sqrt or Rsqrt, [< 0]) => $"the root of a negative number: {got}",
            (Multiply or Divide, [var a, var b]) when IsZeroTimesInfinity(node.Op, a, b) => UnderSelect(inputs, numbers)
                is { } select ? $"0 · ∞ under a select: {got}; the 0 is what {Name(select)} passes to what it did not choose" : $"0 · ∞: {got}",
            (Divide or Reciprocal or Rsqrt, [.., 0]) => $"a division by 0: {got}",
            (Exp, [> 0]) => $"overflow: {got}",
            (Add or Subtract, [var a, var b]) when double.IsInfinity(a) && double.IsInfinity(b) => $"∞ − ∞: {got}",
            _ => got,
        };
    }

    private static bool IsZeroTimesInfinity(Op op, double a, double b) => op is Multiply
        ? a == 0 && double.IsInfinity(b) || double.IsInfinity(a) && b == 0
        : a == 0 && b == 0 || double.IsInfinity(a) && double.IsInfinity(b);

    /// <summary>The Select whose rule made one of the zeros; how far back is told by the passes in between, which keep a 0 a
    /// 0.</summary>
    private static Node? UnderSelect((Node Input, int? At)[] inputs, double[] numbers)
    {
        foreach (var (input, _) in inputs.Where((_, i) => numbers[i] == 0))
        {
            var at = input;
            while (at is not null)
            {
                if (at.Origin?.Forward is { Op: Select } select)
                {
                    return select;
                }

                at = at.Inputs.FirstOrDefault(each => each.Origin?.Forward is not null);
            }
        }

        return null;
    }

    private static bool IsSoftmax(Node node) => node.Inputs[0] is
    { Op: Subtract, Inputs: [_, { Op: Broadcast, Inputs: [{ Op: StopGradient, Inputs: [{ Op: Max }] }] }] };

    private static string Name(Node node) => node.Origin is { Path.Length: > 0 } origin ? $"{node.Op.Name} in {origin.Path}" : node.Op.Name;
}
