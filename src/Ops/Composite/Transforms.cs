namespace AutoDiffCnn;

// From functions to functions. A function is called on a variable of its own, derived there, and the argument is put in
// the variable's place: what it captures is constant to it, even if that is the argument. So transforms nest to any
// depth. Several arguments are several functions of one: x => Grad(w => f(x, w))(w).
public static partial class Functions
{
    /// <summary>x ↦ ∂f/∂x, of x's shape, for a function whose result has one element. <c>Grad(y => x * y)</c> is x, at
    /// x too.</summary>
    /// <param name="f">The function. It is called once for each call of the gradient.</param>
    /// <remarks>The functions that are given throw as <see cref="Gradient.Of(Node, Node)"/> does: a
    /// <see cref="ShapeError"/> if f's result has more than one element, a <see cref="NotDifferentiableError"/> with
    /// the op and its reason if there is no derivative.</remarks>
    public static Func<Node, Node> Grad(Func<Node, Node> f) => x => ValueAndGrad(f)(x).Gradient;

    /// <summary>x ↦ (f(x), ∂f/∂x); see <see cref="Grad"/>.</summary>
    /// <param name="f">The function, whose result has one element.</param>
    public static Func<Node, (Node Value, Node Gradient)> ValueAndGrad(Func<Node, Node> f) => x =>
    {
        var results = Body.At(x, v => f(v) is var y ? [y, Gradient.Of(y, v)] : []);
        return (results[0], results[1]);
    };

    /// <summary>f(x), and the pullback dy ↦ (∂f/∂x)ᵀ dy, the vector-Jacobian product, of x's shape.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Where.</param>
    /// <exception cref="NotDifferentiableError">x reaches the result through an op without a derivative; raised by the
    /// pullback, as is a <see cref="ShapeError"/> if dy has another shape than f(x).</exception>
    public static (Node Value, Func<Node, Node> Pullback) Vjp(Func<Node, Node> f, Node x)
    {
        var v = Body.Parameter(x);
        var y = f(v);
        return (new Body([v], y).On(x)[0], dy => new Body([v], Gradient.Vjp(y, dy, [v])).On(x)[0]);
    }

    /// <summary>f(x), and its tangent (∂f/∂x) dx, the Jacobian-vector product, of f(x)'s shape.</summary>
    /// <param name="f">The function.</param>
    /// <param name="x">Where.</param>
    /// <param name="dx">The direction, of x's shape.</param>
    /// <exception cref="ShapeError">x and dx differ in shape.</exception>
    /// <exception cref="NotDifferentiableError">x reaches the result through an op without a derivative.</exception>
    public static (Node Value, Node Tangent) Jvp(Func<Node, Node> f, Node x, Node dx)
    {
        var results = Body.At(x, v => f(v) is var y ? [y, Gradient.Jvp(y, v, dx)] : []);
        return (results[0], results[1]);
    }

    /// <summary>x ↦ ∂f/∂x, of f(x)'s shape followed by x's: row by row (<see cref="JacobianReverse"/>) if f(x) has no
    /// more elements than x, otherwise column by column (<see cref="JacobianForward"/>).</summary>
    /// <param name="f">The function.</param>
    public static Func<Node, Node> Jacobian(Func<Node, Node> f) => x => Body.At(x, v =>
    {
        var y = f(v);
        return [y.Shape.Elements <= x.Shape.Elements ? Rows(y, v) : Columns(y, v)];
    })[0];

    /// <summary>x ↦ ∂f/∂x, of f(x)'s shape followed by x's: a backward pass for all unit vectors of f(x) at once,
    /// by <see cref="Vmap(Func{Node, Node})"/>.</summary>
    /// <param name="f">The function.</param>
    public static Func<Node, Node> JacobianReverse(Func<Node, Node> f) => x => Body.At(x, v => [Rows(f(v), v)])[0];

    /// <summary>x ↦ ∂f/∂x, of f(x)'s shape followed by x's: the tangents along all unit vectors of x at once, by
    /// <see cref="Vmap(Func{Node, Node})"/>.</summary>
    /// <param name="f">The function.</param>
    public static Func<Node, Node> JacobianForward(Func<Node, Node> f) => x => Body.At(x, v => [Columns(f(v), v)])[0];

    /// <summary>x ↦ ∂²f/∂x∂x, of x's shape twice, for a function whose result has one element: the Jacobian of the
    /// gradient.</summary>
    /// <param name="f">The function.</param>
    public static Func<Node, Node> Hessian(Func<Node, Node> f) => Jacobian(Grad(f));

    /// <summary>(x, v) ↦ (∂²f/∂x∂x) v, of x's shape, without the Hessian: how the gradient moves along v.</summary>
    /// <param name="f">The function, whose result has one element.</param>
    public static Func<Node, Node, Node> Hvp(Func<Node, Node> f) => (x, v) => Jvp(Grad(f), x, v).Tangent;

    /// <summary>Each row is the cotangent of x under one unit vector.</summary>
    private static Node Rows(Node y, Node x)
    {
        var dy = Body.Parameter(y);
        return Reshape(Stacked(new Body([dy], Gradient.Vjp(y, dy, [x])), dy), [.. y.Shape, .. x.Shape]);
    }

    /// <summary>Each column is the tangent of y along one unit vector.</summary>
    private static Node Columns(Node y, Node x)
    {
        var dx = Body.Parameter(x);
        return Reshape(Transpose(Stacked(new Body([dx], Gradient.Jvp(y, x, dx)), dx)), [.. y.Shape, .. x.Shape]);
    }

    /// <summary>The results of a linear function at all unit vectors, one a row.</summary>
    private static Node Stacked(Body linear, Node argument)
    {
        var count = Shape.Fit(argument.Shape.Elements, "Jacobian");
        Shape rows = [count, Shape.Fit(linear.Result.Shape.Elements, "Jacobian")];
        var units = Tensor.From([count, .. argument.Shape], i => i / count == i % count ? 1 : 0);
        return count == 0 ? Zeros(rows) : Reshape(Vmap(unit => linear.On(unit)[0])(Constant(units)), rows);
    }
}
