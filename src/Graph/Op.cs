using System.Collections.Immutable;
using System.Text;

namespace AutoDiffCnn;

/// <summary>What a node computes: a value made of the non-tensor parameters. An op has a shape rule (<c>Infer</c>), a
/// meaning in real numbers (<c>Reference</c>) and a derivative (<c>Vjp</c>); without one of them it does not compile.
/// Derive from <see cref="Op1"/>, <see cref="Op2"/>, <see cref="Op3"/>, <see cref="OpN"/>, or for an elementwise op
/// from <see cref="Map1{TSelf}"/> and its like.</summary>
/// <example><code>
/// var y = new Reshape([6]).Of(Variable("x", [2, 3]));
/// y.Op // Reshape(Shape: [6])
/// y.Shape // [6]
/// </code></example>
public abstract record Op
{
    private protected Op()
    {
    }

    /// <summary>The op's name in prints and messages.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Whether the op gives reals or indices.</summary>
    public virtual Kind Kind => Kind.Real;

    /// <summary>Whether the op takes a real or an index as input <paramref name="index"/>.</summary>
    public virtual Kind InputKind(int index) => Kind.Real;

    /// <summary>Whether equal inputs always give equal results, so that those of constants may be computed once and for
    /// all.</summary>
    internal virtual bool IsDecidedByInputs => true;

    internal abstract Shape InferAll(ImmutableArray<Node> inputs);

    internal abstract Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs);

    internal abstract ImmutableArray<Node?> VjpAll(Node y, Node dy);

    internal Node Apply(params ImmutableArray<Node> inputs) => Node.Make(this, inputs);

    /// <summary>The error for shapes that do not fit this op.</summary>
    /// <param name="reason">The violated condition with its numbers.</param>
    /// <param name="repairs">What would work instead.</param>
    /// <param name="shapes">The shapes that came.</param>
    protected internal ShapeError Rejects(string reason,
        IReadOnlyList<string> repairs, params ReadOnlySpan<Shape> shapes) =>
        new(shapes.IsEmpty ? $"{this}" : $"{this} on {string.Join(" and ", shapes.ToArray())}", reason, repairs);

    /// <summary>The error for an axis that the first of these shapes does not have.</summary>
    protected internal ShapeError RejectsAxis(int axis, params ReadOnlySpan<Shape> shapes) => shapes[0].Rank == 0
        ? Rejects("a scalar has no axis", ["Reshape [] to [1]"], shapes)
        : Rejects($"axis {axis} must lie in 0..{shapes[0].Rank - 1}", [$"axis {shapes[0].Rank - 1}"], shapes);

    /// <summary>A cotangent that does not exist, with the reason; asking for it is an error.</summary>
    protected Node NotDifferentiable(string reason) => new NoCotangent($"{Name} is not differentiable: {reason}").Of();

    /// <summary>The name with the parameters, as C# writes the constructor: <c>Transpose(Axes: [1, 0])</c>.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        return PrintMembers(text) ? $"{Name}({text.Replace(" = ", ": ")})" : Name;
    }

    /// <summary>Overridden by the compiler in each record with its own parameters; there are none here.</summary>
    protected virtual bool PrintMembers(StringBuilder builder) => false;
}

/// <summary>A leaf: an op without inputs.</summary>
/// <example><code>Variable("x", [3]).Op is Op0 // True</code></example>
public abstract record Op0 : Op
{
    /// <summary>The shape.</summary>
    public abstract Shape Infer();

    internal Node Of() => Apply([]);

    internal sealed override Shape InferAll(ImmutableArray<Node> inputs) => Infer();

    internal sealed override ImmutableArray<Node?> VjpAll(Node y, Node dy) => [];
}

/// <summary>An op of one input.</summary>
/// <example><code>
/// new Twice().Of(Tensor.Of([1, 2])) // [2, 4]
///
/// public sealed record Twice : Op1
/// {
///     public override Shape Infer(Shape x) => x;
///     public override Tensor Reference(Tensor x) => x.Map(v => 2 * v);
///     public override Node? Vjp(Node x, Node y, Node dy) => Of(dy);
/// }
/// </code></example>
public abstract record Op1 : Op
{
    /// <summary>The shape of the result.</summary>
    /// <exception cref="ShapeError">The input's shape does not fit.</exception>
    public abstract Shape Infer(Shape x);

    /// <summary>The meaning: the result in double precision, computed in the plainest way.</summary>
    public abstract Tensor Reference(Tensor x);

    /// <summary>The vector-Jacobian product dx = (∂y/∂x)ᵀ dy, built from nodes. Null where y is locally constant in x
    /// by the op's stated convention; <see cref="Op.NotDifferentiable"/> where there is no
    /// derivative to speak of.</summary>
    public abstract Node? Vjp(Node x, Node y, Node dy);

    /// <summary>The op applied.</summary>
    public Node Of(Node x) => Apply(x);

    internal sealed override Shape InferAll(ImmutableArray<Node> inputs) => Infer(inputs[0].Shape);

    internal sealed override Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs) => Reference(inputs[0]);

    internal sealed override ImmutableArray<Node?> VjpAll(Node y, Node dy) => [Vjp(y.Inputs[0], y, dy)];
}

/// <summary>An op of two inputs; see <see cref="Op1"/>.</summary>
/// <example><code>new MatMul().Of(Tensor.Of([[1, 2]]), Tensor.Of([[3], [4]])) // [[11]]</code></example>
public abstract record Op2 : Op
{
    /// <summary>The shape of the result.</summary>
    /// <exception cref="ShapeError">The inputs' shapes do not fit.</exception>
    public abstract Shape Infer(Shape a, Shape b);

    /// <summary>The meaning: the result in double precision, computed in the plainest way.</summary>
    public abstract Tensor Reference(Tensor a, Tensor b);

    /// <summary>The vector-Jacobian products (da, db);
    /// null and NotDifferentiable as in <see cref="Op1.Vjp"/>.</summary>
    public abstract (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy);

    /// <summary>The op applied.</summary>
    public Node Of(Node a, Node b) => Apply(a, b);

    internal sealed override Shape InferAll(ImmutableArray<Node> inputs) => Infer(inputs[0].Shape, inputs[1].Shape);

    internal sealed override Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs) => Reference(inputs[0], inputs[1]);

    internal sealed override ImmutableArray<Node?> VjpAll(Node y, Node dy) =>
        Vjp(y.Inputs[0], y.Inputs[1], y, dy) is var (da, db) ? [da, db] : [];
}

/// <summary>An op of three inputs; see <see cref="Op1"/>.</summary>
/// <example><code>new Select().Of(Tensor.Of([1, 0]), Tensor.Of([5, 6]), Tensor.Of([7, 8])) // [5, 8]</code></example>
public abstract record Op3 : Op
{
    /// <summary>The shape of the result.</summary>
    /// <exception cref="ShapeError">The inputs' shapes do not fit.</exception>
    public abstract Shape Infer(Shape a, Shape b, Shape c);

    /// <summary>The meaning: the result in double precision, computed in the plainest way.</summary>
    public abstract Tensor Reference(Tensor a, Tensor b, Tensor c);

    /// <summary>The vector-Jacobian products; null and NotDifferentiable as in <see cref="Op1.Vjp"/>.</summary>
    public abstract (Node? Da, Node? Db, Node? Dc) Vjp(Node a, Node b, Node c, Node y, Node dy);

    /// <summary>The op applied.</summary>
    public Node Of(Node a, Node b, Node c) => Apply(a, b, c);

    internal sealed override Shape InferAll(ImmutableArray<Node> inputs) =>
        Infer(inputs[0].Shape, inputs[1].Shape, inputs[2].Shape);

    internal sealed override Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs) =>
        Reference(inputs[0], inputs[1], inputs[2]);

    internal sealed override ImmutableArray<Node?> VjpAll(Node y, Node dy) =>
        Vjp(y.Inputs[0], y.Inputs[1], y.Inputs[2], y, dy) is var (da, db, dc) ? [da, db, dc] : [];
}

/// <summary>An op of any number of inputs; see <see cref="Op1"/>.</summary>
/// <example><code>new Concat(0).Of(Tensor.Of([1]), Tensor.Of([2, 3]), Tensor.Of([4])) // [1, 2, 3, 4]</code></example>
public abstract record OpN : Op
{
    /// <summary>The shape of the result.</summary>
    /// <exception cref="ShapeError">The inputs' shapes do not fit.</exception>
    public abstract Shape Infer(IReadOnlyList<Shape> inputs);

    /// <summary>The meaning: the result in double precision, computed in the plainest way.</summary>
    public abstract Tensor Reference(ReadOnlySpan<Tensor> inputs);

    /// <summary>The vector-Jacobian products, one an input;
    /// null and NotDifferentiable as in <see cref="Op1.Vjp"/>.</summary>
    public abstract IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy);

    /// <summary>The op applied.</summary>
    public Node Of(params ReadOnlySpan<Node> inputs) => Apply([.. inputs]);

    internal sealed override Shape InferAll(ImmutableArray<Node> inputs) =>
        Infer([.. inputs.Select(input => input.Shape)]);

    internal sealed override Tensor ReferenceAll(ReadOnlySpan<Tensor> inputs) => Reference(inputs);

    internal sealed override ImmutableArray<Node?> VjpAll(Node y, Node dy) => [.. Vjp(y.Inputs, y, dy)];
}
