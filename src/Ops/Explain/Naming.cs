using System.Globalization;

namespace AutoDiffCnn;

/// <summary>What the values of a forward pass are called: Z for what a layer computes of its weights, A for what an
/// activation makes of it, P behind a pool, L for the loss, numbered by layer; W and b for weights and biases; anything
/// else that is used twice V. What is used once has no name.</summary>
internal sealed class Naming
{
    private readonly HashSet<string> used = [];
    private readonly Dictionary<Node, Node[]> readers;
    private readonly int layer;

    /// <summary>Names for what lies between some nodes and the loss.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="isActive">Whether a node depends on what the derivation is for.</param>
    /// <param name="wanted">What gets a name in any case.</param>
    public Naming(Node loss, Func<Node, bool> isActive, IReadOnlyCollection<Node> wanted)
    {
        var nodes = new Graph(loss).Nodes;
        readers = nodes.SelectMany(node => node.Inputs.Distinct().Select(input => (Input: input, Node: node)))
            .GroupBy(pair => pair.Input, pair => pair.Node).ToDictionary(group => group.Key, group => group.ToArray());
        foreach (var variable in nodes.Where(node => node.Op is Variable && !IsParameter(node)))
        {
            Give(variable, variable.Op.Name == "input" ? MathText.Symbol("X") : MathText.Symbol(variable.Op.Name));
        }

        foreach (var node in nodes.Where(node => node.Op is not Variable))
        {
            var letter = node == loss ? "L" : node.Op is OneHot ? "Y" : wanted.Contains(node) ? LetterOf(node) ?? "V" : isActive(node) ? LetterOf(node) : null;
            if (letter is not null)
            {
                layer += letter == "Z" ? 1 : 0;
                Give(node, letter is "L" or "Y" && !used.Contains(letter) ? MathText.Symbol(letter) : Numbered(letter));
                NameParameters(node);
            }
        }

        foreach (var variable in nodes.Concat(wanted).Where(node => node.Op is Variable && !Symbols.ContainsKey(node)).Distinct())
        {
            Give(variable, MathText.Symbol(variable.Op.Name));
        }
    }

    /// <summary>The names.</summary>
    public Dictionary<Node, MathText> Symbols { get; } = [];

    /// <summary>Which parameter a short name stands for.</summary>
    public Dictionary<MathText, string> Legend { get; } = [];

    /// <summary>How many nodes read a node.</summary>
    public int Uses(Node node) => readers.GetValueOrDefault(node, []).Length;

    /// <summary>What is between a node and the next at which to stop, one way for each use of it: each op with the input
    /// through which it is reached.</summary>
    public IEnumerable<IReadOnlyList<(Node Node, int Input)>> Ways(Node from, Func<Node, bool> isStop)
    {
        foreach (var reader in readers.GetValueOrDefault(from, []))
        {
            List<(Node, int)> way = [(reader, reader.Inputs.IndexOf(from))];
            for (var at = reader; !isStop(at) && readers.TryGetValue(at, out var next); at = next[0])
            {
                way.Add((next[0], next[0].Inputs.IndexOf(at)));
            }

            yield return way;
        }
    }

    private string? LetterOf(Node node)
    {
        if (ContinuedBy(node) is not null)
        {
            return null;
        }

        return Statement(node).Op switch
        {
            Convolution or ConvolutionInput or MatMul => "Z",
            MaxPool or SumPool => "P",
            Idiom => "A",
            IElementwise and Op1 and not (Negate or StopGradient) => "A",
            _ => readers[node].Length > 1 ? "V" : null,
        };
    }

    /// <summary>A bias, or a division by a number, belongs to the line before it.</summary>
    private Node? ContinuedBy(Node node) => readers.GetValueOrDefault(node, []) is [{ Op: Add or Divide } next]
        && next.Inputs[0] == node && IsParameterOrNumber(next.Inputs[1], next.Op) ? next : null;

    private static bool IsParameterOrNumber(Node node, Op op)
    {
        while (node.Op is Broadcast or Reshape)
        {
            node = node.Inputs[0];
        }

        return op is Add ? node.Op is Variable : node.Op is Constant { Value.Shape.Rank: 0 };
    }

    /// <summary>What a line is about: behind its bias.</summary>
    public Node Statement(Node node)
    {
        while (node is { Op: Add or Divide, Inputs: [var first, _] } && ContinuedBy(first) == node)
        {
            node = first;
        }

        return node;
    }

    private static bool IsParameter(Node node) => node.Op.Name.Contains('.', StringComparison.Ordinal);

    private void NameParameters(Node line)
    {
        var open = new Stack<Node>(line.Inputs.Reverse());
        while (open.TryPop(out var node))
        {
            if (node.Op is Variable && IsParameter(node) && !Symbols.ContainsKey(node))
            {
                var last = node.Op.Name.Split('.')[^1];
                Give(node, Numbered(last switch { "weight" => "W", "bias" => "b", _ => last }));
                Legend[Symbols[node]] = node.Op.Name;
            }
            else if (!Symbols.ContainsKey(node))
            {
                foreach (var input in node.Inputs.Reverse())
                {
                    open.Push(input);
                }
            }
        }
    }

    private MathText Numbered(string letter)
    {
        var number = Math.Max(1, layer);
        while (used.Contains($"{letter}{number}"))
        {
            number++;
        }

        return MathText.Symbol(letter + number.ToString(CultureInfo.InvariantCulture));
    }

    private void Give(Node node, MathText symbol)
    {
        used.Add(symbol.Text);
        Symbols[node] = symbol;
    }
}
