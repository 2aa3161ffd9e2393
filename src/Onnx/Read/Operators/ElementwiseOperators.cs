using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Arithmetic, comparisons and logic on each element. Shapes are broadcast; before opset 7 only that of the
/// second input, and only if the node says so.</summary>
internal static class ElementwiseOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Binary("Add", (a, b) => a + b),
        Binary("Sub", (a, b) => a - b),
        Binary("Mul", (a, b) => a * b),
        Reading.Alike("Div", 6, call => Whole(call, Applied(call, (a, b) => a / b))),
        Reading.Alike("Pow", 1, call => Whole(call, Applied(call, (a, b) => Pow(a, b)))),
        Reading.Alike("Mod", 10, Mod),
        Fold("Max", (a, b) => Maximum(a, b)),
        Fold("Min", (a, b) => Minimum(a, b)),
        Fold("Sum", (a, b) => a + b),
        Reading.Alike("Mean", 6, call => Folded(call, (a, b) => a + b) / call.All.Length),
        Unary("Neg", 6, x => -x),
        Unary("Abs", 6, x => Abs(x)),
        Unary("Sign", 9, x => Sign(x)),
        Unary("Floor", 6, x => Floor(x)),
        Unary("Ceil", 6, Ceil),
        Unary("Round", 11, Round),
        Unary("Reciprocal", 6, x => Reciprocal(x)),
        Unary("Sqrt", 6, x => Sqrt(x)),
        Unary("Exp", 6, x => Exp(x)),
        Unary("Log", 6, x => Log(x)),
        Unary("Erf", 9, x => Erf(x)),
        Unary("Sin", 7, x => Sin(x)),
        Unary("Cos", 7, x => Cos(x)),
        Unary("Tan", 7, x => Sin(x) / Cos(x)),
        Unary("Sinh", 9, Sinh),
        Unary("Cosh", 9, x => (Exp(x) + Exp(-x)) / 2),
        Unary("Asinh", 9, x => Sign(x) * Log1p(Abs(x) + x * x / (1 + Sqrt(1 + x * x)))),
        Unary("Acosh", 9, x => Log1p(x - 1 + Sqrt((x - 1) * (x + 1)))),
        Unary("Atanh", 9, x => (Log1p(x) - Log1p(-x)) / 2),
        Reading.One("Where", 9, call => call[1].With(Where(call.Node(0), call.Node(1), call.Node(2)))),
        Compare("Equal", 1, (a, b) => Equal(a, b)),
        Compare("Less", 1, (a, b) => Less(a, b)),
        Compare("LessOrEqual", 12, (a, b) => LessOrEqual(a, b)),
        Compare("Greater", 1, Greater),
        Compare("GreaterOrEqual", 12, (a, b) => LessOrEqual(b, a)),
        Compare("And", 1, (a, b) => a * b),
        Compare("Or", 1, (a, b) => Maximum(a, b)),
        Compare("Xor", 1, (a, b) => Abs(a - b)),
        Unary("Not", 1, x => 1 - x),
        Reading.One("IsNaN", 9, call => Value.Truth(1 - Equal(call.X, call.X))),
        Reading.One("IsInf", 10, call => Value.Truth(Maximum(
            call.Flag("detect_positive", true) ? Equal(call.X, double.PositiveInfinity) : Zeros(call.X.Shape),
            call.Flag("detect_negative", true) ? Equal(call.X, double.NegativeInfinity) : Zeros(call.X.Shape)))),
    ];

    /// <summary>The two inputs, the second laid along an axis of the first as opsets before 7 ask for.</summary>
    public static (Node A, Node B) Aligned(Call call)
    {
        var (a, b) = (call.Node(0), call.Node(1));
        if (call.Version >= 7)
        {
            return (a, b);
        }

        call.Ignore("consumed_inputs");
        var (isBroadcast, first) = (call.Flag("broadcast"), call.Int("axis", a.Shape.Rank - b.Shape.Rank));
        return !isBroadcast || first + b.Shape.Rank == a.Shape.Rank ? (a, b)
            : first >= 0 && first + b.Shape.Rank <= a.Shape.Rank
            ? (a, Reshape(b, [.. b.Shape, .. Shape.Repeat(1, (int)(a.Shape.Rank - first - b.Shape.Rank))]))
            : throw call.Fail($"{b.Shape} does not lie in {a.Shape} from axis {first} on");
    }

    private static Node Applied(Call call, Func<Node, Node, Node> function)
    {
        var (a, b) = Aligned(call);
        return function(a, b);
    }

    /// <summary>Whole numbers stay whole: what comes between is cut towards 0.</summary>
    public static Node Truncated(Node x) => Where(Less(x, 0), Ceil(x), Floor(x));

    private static Node Whole(Call call, Node y) => call[0].Sort == Sort.Whole ? Truncated(y) : y;

    private static Reading Unary(string name, int since, Func<Node, Node> function) => Reading.Alike(name, since, call =>
    {
        call.Ignore("consumed_inputs");
        return function(call.X);
    });

    private static Reading Binary(string name, Func<Node, Node, Node> function) =>
        Reading.Alike(name, 1, call => Applied(call, function));

    private static Reading Compare(string name, int since, Func<Node, Node, Node> function) =>
        Reading.One(name, since, call => Value.Truth(Applied(call, function)));

    private static Reading Fold(string name, Func<Node, Node, Node> function) => Reading.Alike(name, 6, call => Folded(call, function));

    private static Node Folded(Call call, Func<Node, Node, Node> function) =>
        call.All.Select(value => value.Node).Prepend(call.X).Skip(1).Aggregate(function);

    /// <summary>What is left of a division; it has the sign of b, or of a where fmod is asked for.</summary>
    private static Node Mod(Call call)
    {
        var (a, b) = (call.Node(0), call.Node(1));
        return a - b * (call.Flag("fmod") ? Truncated(a / b) : Floor(a / b));
    }

    // (eˣ − e⁻ˣ)/2 from eˣ − 1, which is accurate near 0.
    private static Node Sinh(Node x)
    {
        var e = Expm1(x);
        return (e + e / (e + 1)) / 2;
    }
}
