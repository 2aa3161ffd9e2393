namespace AutoDiffCnn;

/// <summary>The formula of an elementwise op of one input.</summary>
/// <example><code>
/// new Cube().Of(Tensor.Of([2, 3])) // [8, 27]
///
/// public sealed record Cube : Map1&lt;Cube>, IFormula1
/// {
///     static V IFormula1.Of&lt;V>(V x) => x * x * x;
///     public override Node? Vjp(Node x, Node y, Node dy) => 3 * x * x * dy;
/// }
/// </code></example>
public interface IFormula1
{
    /// <summary>The formula, for any kind of real.</summary>
    static abstract V Of<V>(V x)
        where V : struct, IReal<V>;
}

/// <summary>The formula of an elementwise op of two inputs.</summary>
/// <example><code>
/// Broadcast.Pair(new Hypotenuse(), Tensor.Of([3, 0]), 4) // [5, 4]
///
/// public sealed record Hypotenuse : Map2&lt;Hypotenuse>, IFormula2
/// {
///     static V IFormula2.Of&lt;V>(V a, V b) => V.Sqrt(a * a + b * b);
///     public override (Node? Da, Node? Db) Vjp(Node a, Node b, Node y, Node dy) => (dy * a / y, dy * b / y);
/// }
/// </code></example>
public interface IFormula2
{
    /// <summary>The formula, for any kind of real.</summary>
    static abstract V Of<V>(V a, V b)
        where V : struct, IReal<V>;
}

/// <summary>The formula of an elementwise op of three inputs.</summary>
/// <example><code>
/// new Between().Of(Tensor.Of([1, 2]), Tensor.Of([3, 4]), Tensor.Of([0, 0.5])) // [1, 3]
///
/// public sealed record Between : Map3&lt;Between>, IFormula3
/// {
///     static V IFormula3.Of&lt;V>(V a, V b, V t) => a + t * (b - a);
///     public override (Node? Da, Node? Db, Node? Dc) Vjp(Node a, Node b, Node t, Node y, Node dy) =>
///         ((1 - t) * dy, t * dy, (b - a) * dy);
/// }
/// </code></example>
public interface IFormula3
{
    /// <summary>The formula, for any kind of real.</summary>
    static abstract V Of<V>(V a, V b, V c)
        where V : struct, IReal<V>;
}

/// <summary>An op that works on each element alone. An executor visits it to get the formula as a static type, which
/// the compiler can inline.</summary>
/// <example><code>
/// var x = Variable("x", [2, 2]);
/// Relu(x).Op is IElementwise // True
/// MatMul(x, x).Op is IElementwise // False
/// </code></example>
public interface IElementwise
{
    /// <summary>Calls the visitor with the op's formula.</summary>
    R Accept<R>(IFormulaVisitor<R> visitor);
}

/// <summary>Receives the formula of an elementwise op as a type.</summary>
/// <typeparam name="R">What the visit gives.</typeparam>
/// <example><code>
/// new Maximum().Accept(new CountInputs()) // 2
///
/// public sealed class CountInputs : IFormulaVisitor&lt;int>
/// {
///     public int Visit1&lt;F>() where F : IFormula1 => 1;
///     public int Visit2&lt;F>() where F : IFormula2 => 2;
///     public int Visit3&lt;F>() where F : IFormula3 => 3;
/// }
/// </code></example>
public interface IFormulaVisitor<out R>
{
    /// <summary>The op has one input.</summary>
    R Visit1<F>()
        where F : IFormula1;

    /// <summary>The op has two inputs.</summary>
    R Visit2<F>()
        where F : IFormula2;

    /// <summary>The op has three inputs.</summary>
    R Visit3<F>()
        where F : IFormula3;
}

/// <summary>An elementwise op of one input: the formula and the Vjp are all it needs.</summary>
/// <typeparam name="TSelf">The op itself.</typeparam>
/// <example><code>
/// var x = Variable("x", [2]);
/// var dx = Gradient.Of(Sum(new Softsign().Of(x)), x);
/// Reference.Run(dx, (x, Tensor.Of([0, 3]))) // [1, 0.0625]
///
/// public sealed record Softsign : Map1&lt;Softsign>, IFormula1
/// {
///     static V IFormula1.Of&lt;V>(V x) => x / (V.Of(1) + V.Abs(x));
///     public override Node? Vjp(Node x, Node y, Node dy) => dy / Square(1 + Abs(x));
/// }
/// </code></example>
public abstract record Map1<TSelf> : Op1, IElementwise
    where TSelf : Map1<TSelf>, IFormula1
{
    /// <inheritdoc/>
    public sealed override Shape Infer(Shape x) => x;

    /// <inheritdoc/>
    public sealed override Tensor Reference(Tensor x) => x.Map(value => TSelf.Of(new DoubleReal(value)).Value);

    /// <inheritdoc/>
    public R Accept<R>(IFormulaVisitor<R> visitor) => visitor.Visit1<TSelf>();

    /// <inheritdoc/>
    public override string ChainRule(int input) => $"{Name.ToLowerInvariant()}: times its derivative";
}

/// <summary>An elementwise op of two inputs of equal shape; see <see cref="Map1{TSelf}"/>. <see cref="Broadcast.Pair"/>
/// applies it with broadcasting.</summary>
/// <typeparam name="TSelf">The op itself.</typeparam>
/// <example><code>Broadcast.Pair(new Maximum(), Tensor.Of([-1, 2]), 0) // [0, 2]</code></example>
public abstract record Map2<TSelf> : Op2, IElementwise
    where TSelf : Map2<TSelf>, IFormula2
{
    /// <inheritdoc/>
    public sealed override Shape Infer(Shape a, Shape b) => a == b
        ? a
        : throw Rejects($"{a} and {b} must be equal", ["Broadcast.Pair, which repeats sizes of 1"], a, b);

    /// <inheritdoc/>
    public sealed override Tensor Reference(Tensor a, Tensor b) =>
        Tensor.From(a.Shape, i => TSelf.Of(new DoubleReal(a.At(i)), new DoubleReal(b.At(i))).Value);

    /// <inheritdoc/>
    public R Accept<R>(IFormulaVisitor<R> visitor) => visitor.Visit2<TSelf>();
}

/// <summary>An elementwise op of three inputs of equal shape; see <see cref="Map1{TSelf}"/>.</summary>
/// <typeparam name="TSelf">The op itself.</typeparam>
/// <example><code>new Select().Of(Tensor.Of([1, 0]), Tensor.Of([5, 6]), Tensor.Of([7, 8])) // [5, 8]</code></example>
public abstract record Map3<TSelf> : Op3, IElementwise
    where TSelf : Map3<TSelf>, IFormula3
{
    /// <inheritdoc/>
    public sealed override Shape Infer(Shape a, Shape b, Shape c) => a == b && b == c
        ? a
        : throw Rejects($"{a}, {b} and {c} must be equal", ["Select.Where, which repeats sizes of 1"], a, b, c);

    /// <inheritdoc/>
    public sealed override Tensor Reference(Tensor a, Tensor b, Tensor c) => Tensor.From(a.Shape,
        i => TSelf.Of(new DoubleReal(a.At(i)), new DoubleReal(b.At(i)), new DoubleReal(c.At(i))).Value);

    /// <inheritdoc/>
    public R Accept<R>(IFormulaVisitor<R> visitor) => visitor.Visit3<TSelf>();
}
