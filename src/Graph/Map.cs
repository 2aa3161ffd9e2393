namespace AutoDiffCnn;

/// <summary>The formula of an elementwise op of one input.</summary>
/// <example><code>static V IFormula1.Of&lt;V&gt;(V x) => V.Max(x, V.Of(0));</code></example>
public interface IFormula1
{
    /// <summary>The formula, for any kind of real.</summary>
    static abstract V Of<V>(V x)
        where V : struct, IReal<V>;
}

/// <summary>The formula of an elementwise op of two inputs.</summary>
/// <example><code>static V IFormula2.Of&lt;V&gt;(V a, V b) => a + b;</code></example>
public interface IFormula2
{
    /// <summary>The formula, for any kind of real.</summary>
    static abstract V Of<V>(V a, V b)
        where V : struct, IReal<V>;
}

/// <summary>The formula of an elementwise op of three inputs.</summary>
/// <example><code>static V IFormula3.Of&lt;V&gt;(V m, V a, V b) => V.IfEqual(m, V.Of(0), b, a);</code></example>
public interface IFormula3
{
    /// <summary>The formula, for any kind of real.</summary>
    static abstract V Of<V>(V a, V b, V c)
        where V : struct, IReal<V>;
}

/// <summary>An op that works on each element alone. An executor visits it to get the formula as a static type, which the
/// compiler can inline.</summary>
/// <example><code>node.Op is IElementwise map ? map.Accept(visitor) : …</code></example>
public interface IElementwise
{
    /// <summary>Calls the visitor with the op's formula.</summary>
    R Accept<R>(IFormulaVisitor<R> visitor);
}

/// <summary>Receives the formula of an elementwise op as a type.</summary>
/// <typeparam name="R">What the visit gives.</typeparam>
/// <example><code>sealed class Loops : IFormulaVisitor&lt;Loop&gt; { … }</code></example>
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
/// public sealed record Sigmoid : Map1&lt;Sigmoid&gt;, IFormula1
/// {
///     static V IFormula1.Of&lt;V&gt;(V x) => V.Of(1) / (V.Of(1) + V.Exp(-x));
///     public override Node Vjp(Node x, Node y, Node dy) => dy * y * (1 - y);
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
}

/// <summary>An elementwise op of two inputs of equal shape; see <see cref="Map1{TSelf}"/>. <see cref="Broadcast.Pair"/>
/// applies it with broadcasting.</summary>
/// <typeparam name="TSelf">The op itself.</typeparam>
/// <example><code>Broadcast.Pair(new Maximum(), x, 0)</code></example>
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
/// <example><code>public sealed record Select : Map3&lt;Select&gt;, IFormula3 { … }</code></example>
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
