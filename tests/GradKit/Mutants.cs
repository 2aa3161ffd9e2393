using System.Collections.Immutable;
using FsCheck.Fluent;

namespace GradKitTests;

/// <summary>Wrong rules, one a line, each with the name of its mistake; null if it has none.</summary>
internal static class Mutants
{
    public static ImmutableArray<(OpRow Row, string Title, string? Mistake)> All { get; } =
    [
        // Convolution.
        Of<Convolution>("KernelNotRotated", (op, x, _, dy) =>
            [Input(op, x).Of(dy, Reverse(x[1], Spatial(x[1]))), Kernel(op, x).Of(x[0], dy)], "kernel not rotated"),
        Of<Convolution>("KernelGradientTurned", (op, x, _, dy) =>
            [Input(op, x).Of(dy, x[1]), Reverse(Kernel(op, x).Of(x[0], dy), Spatial(x[1]))], "turned by 180"),
        Of<Convolution>("StrideNotDilated", (op, x, _, dy) =>
            [Undilated(op, x, dy), Kernel(op, x).Of(x[0], dy)], "stride not dilated"),
        Of<Convolution>("KernelStrideNotDilated", (op, x, _, dy) => [Input(op, x).Of(dy, x[1]),
            new ConvolutionKernel(Ones(op.Window), op.Groups, x[1].Shape).Of(x[0], Corner(dy, op with { Window = Ones(op.Window) }, x))], "stride not dilated"),
        Of<Convolution>("PaddingOffByOne", (op, x, _, dy) =>
            [Padded(op.Window) is { } window ? new ConvolutionInput(window, op.Groups, x[0].Shape).Of(dy, x[1]) : Input(op, x).Of(dy, x[1]), Kernel(op, x).Of(x[0], dy)], "off by one"),
        Of<Convolution>("ConvolutionSign", (op, x, _, dy) => [-Input(op, x).Of(dy, x[1]), Kernel(op, x).Of(x[0], dy)], "the wrong sign"),
        Of<Convolution>("ImageForgotten", (op, x, _, dy) => [null, Kernel(op, x).Of(x[0], dy)], "nothing passes to input 0"),
        Of<Convolution>("KernelOfOneImage", (op, x, _, dy) =>
            [Input(op, x).Of(dy, x[1]), Kernel(op, x).Of(x[0], FirstOf(dy))], "not summed over the batch"),

        // Sums and repetitions.
        Of<Broadcast>("BiasOfOneImage", (_, x, y, dy) => [SumTo.Of(FirstOf(dy), x[0].Shape)], "not summed over the batch"),
        Of<Broadcast>("BiasMean", (_, x, y, dy) =>
            [SumTo.Of(dy, x[0].Shape) * ((double)x[0].Shape.Elements / y.Shape.Elements)], "mean for sum"),
        Of<Broadcast>("BiasNotSummed", (_, _, _, dy) => [dy], "not summed over the axes"),
        Of<SumTo>("MeanForSum", (_, x, y, dy) =>
            [Broadcast.To(dy, x[0].Shape) * ((double)y.Shape.Elements / x[0].Shape.Elements)], "mean for sum"),
        Of<SumTo>("SumForgotten", (_, _, _, _) => [null], "nothing passes to input 0"),
        Of<SumPool>("MeanPool", (op, x, _, dy) => [new SumPoolInput(op.Kernel, op.Window, x[0].Shape).Of(dy) / op.Kernel.Elements], null),

        // Ties and kinks.
        Of<Maximum>("TiesTwice", (_, x, _, dy) => [dy * LessOrEqual(x[1], x[0]), dy * LessOrEqual(x[0], x[1])], "ties counted twice"),
        Of<Minimum>("MinimumTiesTwice", (_, x, _, dy) => [dy * LessOrEqual(x[0], x[1]), dy * LessOrEqual(x[1], x[0])], "ties counted twice"),
        Of<Max>("MaxTiesTwice", (_, x, y, dy) => [dy * new Equal().Of(x[0], Broadcast.To(y, x[0].Shape))], "ties counted twice"),
        Of<Relu>("TwoAtZero", (_, x, _, dy) => [dy * (LessOrEqual(0, x[0]) + LessOrEqual(0, x[0]) * LessOrEqual(x[0], 0))], null),
        Of<Softplus>("NothingAtZero", (_, x, _, dy) => [Select.Where(x[0], dy * Sigmoid(x[0]), 0)], null),

        // Slopes.
        Of<Abs>("AbsWithoutSign", (_, _, _, dy) => [dy], null),
        Of<Sin>("SlopeAtY", (_, _, y, dy) => [dy * Cos(y)], "the slope at y instead of x"),
        Of<Cos>("CosSign", (_, x, _, dy) => [dy * Sin(x[0])], "the wrong sign"),
        Of<Tanh>("SquareForgotten", (_, _, y, dy) => [dy * (1 - y)], null),
        Of<Sigmoid>("SigmoidOfX", (_, x, y, dy) => [dy * y * (1 - x[0])], null),
        Of<Sqrt>("HalfForgotten", (_, _, y, dy) => [dy / y], "the gradient is 2 times"),
        Of<Erf>("ErfFactor", (_, x, _, dy) => [dy * Exp(-x[0] * x[0])], "the gradient is 0.8862 times"),
        Of<Log>("LogUpsideDown", (_, x, _, dy) => [dy * x[0]], null),
        Of<Expm1>("OneForgotten", (_, _, y, dy) => [dy * y], null),
        Of<Exp>("AlmostRight", (_, _, y, dy) => [1.00001 * dy * y], null),
        Of<Exp>("CotangentIgnored", (_, _, y, _) => [y], "the cotangent is ignored"),
        Of<Relu>("MaskOfCotangent", (_, _, _, dy) => [Relu(dy)], "not linear in the cotangent"),

        // Two inputs.
        Of<Multiply>("TermForgotten", (_, x, _, dy) => [dy * x[1], null], "nothing passes to input 1"),
        Of<Multiply>("OwnFactor", (_, x, _, dy) => [dy * x[0], dy * x[1]], null),
        Of<Divide>("QuotientSign", (_, x, y, dy) => [dy / x[1], dy * y / x[1]], "the wrong sign"),
        Of<Subtract>("SubtractSign", (_, _, _, dy) => [dy, dy], "the wrong sign"),
        Of<Select>("BranchesExchanged", (_, x, _, dy) => [null, Select.Where(x[0], 0, dy), Select.Where(x[0], dy, 0)], "inputs 1 and 2 exchanged"),

        // Axes and places.
        Of<Transpose>("NotInverted", (op, x, _, dy) => [Reshape(dy, x[0].Shape)], null),
        Of<Reverse>("NotReversed", (_, _, _, dy) => [dy], "turned by 180"),
        Of<Slice>("SliceOffByOne", (op, x, _, dy) => [Moved(new Place(op.Start, op.Step, x[0].Shape).Of(dy))], "off by one"),
        Of<Place>("PlaceOffByOne", (op, x, _, dy) => [Moved(new Slice(op.Start, x[0].Shape, op.Step).Of(dy))], "off by one"),
        Of<MatMul>("FactorNotTransposed", (op, x, _, dy) => Square(x)
            ? [new MatMul(op.TransposeA, op.TransposeB).Of(dy, x[1]), Right(op, x, dy)[1]] : Right(op, x, dy), "wrong axis"),
        Of<MatMul>("FactorsExchanged", (op, x, _, dy) => Square(x) ? [.. Right(op, x, dy).Reverse()] : Right(op, x, dy), "inputs 0 and 1 exchanged"),
        Of<Concat>("PartsExchanged", (op, x, _, dy) => x.Length == 2 && x[0].Shape == x[1].Shape
            ? [Part(dy, op.Axis, x[0].Shape[op.Axis], x[0].Shape[op.Axis]), Part(dy, op.Axis, 0, x[0].Shape[op.Axis])]
            : [.. x.Select((part, i) => Part(dy, op.Axis, x.Take(i).Sum(each => each.Shape[op.Axis]), part.Shape[op.Axis]))], "inputs 0 and 1 exchanged"),
        Of<Gather>("NothingGathered", (_, _, _, _) => [null, null], "nothing passes to input 0"),

        // Behind the first order.
        Of<Sqrt>("ValueBakedIn", (_, _, y, dy) => [dy / (2 * StopGradient(y))], "a value baked in"),

        // What tensors forbid but arrays allow.
        Of<Sigmoid>("StaleCache", (_, x, y, dy) => [dy * y * (1 - y)], "a stale cache", new Stale()),
        Of<Tanh>("Aliasing", (_, _, y, dy) => [dy * (1 - y * y)], "aliasing", new Overwriting()),
    ];

    /// <summary>The row of a right op with its rule replaced, and its meaning if one is given.</summary>
    private static (OpRow, string, string?) Of<T>(string title, Func<T, Node[], Node, Node, Node?[]> rule, string? mistake, Op? meaning = null)
        where T : Op
    {
        var right = OpTable.Rows.First(row => row.Op == typeof(T));
        Node?[] Rule(Op op, Node[] x, Node y, Node dy) => op is T typed ? rule(typed, x, y, dy) : rule(null!, x, y, dy);
        return (new OpRow(typeof(Mutant), right.Cases.Select(at => new OpCase(new Mutant(title, meaning ?? at.Op, Rule), at.Inputs)))
        {
            Domains = right.Domains,
        }, title, mistake);
    }

    private static ConvolutionInput Input(Convolution op, Node[] x) => new(op.Window, op.Groups, x[0].Shape);

    private static ConvolutionKernel Kernel(Convolution op, Node[] x) => new(op.Window, op.Groups, x[1].Shape);

    private static Window Ones(Window window) => window with { Stride = Shape.Repeat(1, window.Rank) };

    private static Shape Spatial(Node w) => Shape.From(Enumerable.Range(2, w.Shape.Rank - 2));

    private static Node Corner(Node dy, Convolution op, Node[] x)
    {
        var shape = op.Infer(x[0].Shape, x[1].Shape);
        return new Place(Shape.Repeat(0, shape.Rank), Shape.Repeat(1, shape.Rank), shape).Of(dy);
    }

    private static Node Undilated(Convolution op, Node[] x, Node dy) => new ConvolutionInput(Ones(op.Window), op.Groups, x[0].Shape)
        .Of(Corner(dy, op with { Window = Ones(op.Window) }, x), x[1]);

    private static Window? Padded(Window window) => window.After[0] > 0
        ? window with { Before = window.Before.With(0, window.Before[0] + 1), After = window.After.With(0, window.After[0] - 1) }
        : null;

    /// <summary>Zeros for all of the first axis but its first.</summary>
    private static Node FirstOf(Node dy) => dy.Shape.Rank == 0 ? dy : dy * Constant(Tensor.From(dy.Shape, i => i < dy.Shape[1..].Elements ? 1 : 0));

    private static Node Moved(Node dx) => dx.Shape.Rank == 0 ? dx : Roll(dx, 1, dx.Shape.Rank - 1);

    private static bool Square(Node[] x) => x[0].Shape == x[1].Shape && x[0].Shape[^1] == x[0].Shape[^2];

    private static Node?[] Right(MatMul op, Node[] x, Node dy) => op.Vjp(x[0], x[1], op.Of(x[0], x[1]), dy) is var (da, db) ? [da, db] : [];

    /// <summary>Sigmoid that gives what it computed the last time.</summary>
    private sealed record Stale : Op1
    {
        private readonly Dictionary<Shape, Tensor> kept = [];

        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x)
        {
            var y = x.Map(value => 1 / (1 + Math.Exp(-value)));
            var last = kept.GetValueOrDefault(x.Shape, y);
            kept[x.Shape] = y;
            return last;
        }

        public override Node? Vjp(Node x, Node y, Node dy) => throw new NotSupportedException();
    }

    /// <summary>Tanh that is computed in place.</summary>
    private sealed record Overwriting : Op1
    {
        public override Shape Infer(Shape x) => x;

        public override Tensor Reference(Tensor x)
        {
            if (!x.IsSingle && x.Count > 0)
            {
                var memory = System.Runtime.InteropServices.MemoryMarshal.CreateSpan(
                    ref System.Runtime.InteropServices.MemoryMarshal.GetReference(x.Doubles), x.Count);
                for (var i = 0; i < memory.Length; i++)
                {
                    memory[i] = Math.Tanh(memory[i]);
                }
            }

            return x;
        }

        public override Node? Vjp(Node x, Node y, Node dy) => throw new NotSupportedException();
    }
}
