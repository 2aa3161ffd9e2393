namespace AutoDiffCnn;

/// <summary>What the elements of a tensor in a file are. Here all of them are reals; 0 and 1 stand for false and
/// true.</summary>
internal enum Sort
{
    /// <summary>Floating-point numbers of any width.</summary>
    Real,

    /// <summary>Whole numbers of any width.</summary>
    Whole,

    /// <summary>True or false.</summary>
    Truth,
}

/// <summary>What a name in a file stands for.</summary>
internal sealed class Value
{
    private readonly Lazy<Node> node;
    private readonly Tensor? given;

    /// <summary>A node, always real: indices have no shape ops.</summary>
    public Value(Node node, Sort sort = Sort.Real)
    {
        (this.node, Shape, Sort) = (new(node), node.Shape, sort);
    }

    /// <summary>A real initializer. It becomes a variable only if somebody computes with it.</summary>
    public Value(Tensor given, Func<Node> variable)
    {
        (node, this.given, Shape) = (new(variable), given, given.Shape);
    }

    public Node Node => node.Value;

    /// <summary>What its elements are.</summary>
    public Sort Sort { get; }

    public Shape Shape { get; }

    /// <summary>The value, if it is known before anything runs.</summary>
    public Tensor? Known => given ?? (Node.Op is Constant constant ? constant.Value : null);

    /// <summary>Whether nothing but the file's own constants decides the value.</summary>
    public bool IsConstant => given is null && Node.Op is Constant;

    /// <summary>Whether a node has been asked for.</summary>
    public bool IsUsed => node.IsValueCreated;

    /// <summary>Another node of the same sort.</summary>
    public Value With(Node other) => new(other, Sort);

    public static Value Whole(Node node) => new(node, Sort.Whole);

    public static Value Truth(Node node) => new(node, Sort.Truth);

    /// <summary>Whole numbers that are known.</summary>
    public static Value Numbers(params IEnumerable<long> numbers) => Whole(Tensor.Of([.. numbers.Select(number => (double)number)]));
}
