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
/// <param name="Node">Its node, always real: indices have no shape ops.</param>
/// <param name="Sort">What its elements are.</param>
/// <param name="Given">The value of an initializer's variable.</param>
internal sealed record Value(Node Node, Sort Sort = Sort.Real, Tensor? Given = null)
{
    public Shape Shape => Node.Shape;

    /// <summary>The value, if it is known before anything runs.</summary>
    public Tensor? Known => Node.Op is Constant constant ? constant.Value : Given;

    /// <summary>Whether nothing but the file's own constants decides the value.</summary>
    public bool IsConstant => Node.Op is Constant;

    /// <summary>The same with another node.</summary>
    public Value With(Node node) => new(node, Sort);

    public static Value Whole(Node node) => new(node, Sort.Whole);

    public static Value Truth(Node node) => new(node, Sort.Truth);

    /// <summary>Whole numbers that are known.</summary>
    public static Value Numbers(params IEnumerable<long> numbers) => Whole(Tensor.Of([.. numbers.Select(number => (double)number)]));
}
