using System.Collections.Immutable;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>A backward pass written by hand, compared with the derived one: proved equal, or refuted by a small
/// counterexample with the mistake's name.</summary>
/// <example><code>
/// var right = Backprop.Compare(xs => Tanh(xs[0]), (xs, dy) => [dy * (1 - Tanh(xs[0]) * Tanh(xs[0]))], [3]);
/// right.IsProved // True
/// var wrong = Backprop.Compare(xs => Tanh(xs[0]), (xs, dy) => [dy * Tanh(xs[0])], [3]);
/// wrong.Holds // False
/// </code></example>
public static class Backprop
{
    private static readonly Budget Usual = new(Cases: 40);

    /// <summary>Compares a backward pass that is made of ops.</summary>
    /// <param name="forward">From the inputs to the result.</param>
    /// <param name="backward">From the inputs and the cotangent to a cotangent for each input.</param>
    /// <param name="shapes">The inputs' shapes.</param>
    public static BackpropResult Compare(Func<IReadOnlyList<Node>, Node> forward,
        Func<IReadOnlyList<Node>, Node, IReadOnlyList<Node?>> backward, params Shape[] shapes)
    {
        ImmutableArray<Node> xs = [.. shapes.Select((shape, i) => Variable($"x{i}", shape))];
        var y = forward(xs);
        var dy = Variable("dy", y.Shape);
        var (given, derived) = (backward(xs, dy), Gradient.Vjp(y, dy, xs));
        if (given.Count != xs.Length)
        {
            throw new ArgumentException($"The backward pass gave {given.Count} cotangents for {xs.Length} inputs.", nameof(backward));
        }

        return !given.Contains(null) && NormalForm.AreEqual([.. given!], derived)
            ? new(null)
            : new(Attack(new HandWritten(forward, backward), shapes));
    }

    /// <summary>Compares a backward pass that is plain array code.</summary>
    /// <inheritdoc cref="Compare(Func{IReadOnlyList{Node}, Node}, Func{IReadOnlyList{Node}, Node, IReadOnlyList{Node?}}, Shape[])"/>
    public static BackpropResult CompareArrays(Func<IReadOnlyList<Node>, Node> forward,
        Func<IReadOnlyList<Tensor>, Tensor, IReadOnlyList<Tensor>> backward, params Shape[] shapes) =>
        new(Attack(new HandWritten(forward, (xs, dy) =>
            [.. xs.Select((_, i) => new ArrayCode(backward, i).Of([.. xs, dy]))]), shapes));

    private static Report Attack(HandWritten op, Shape[] shapes) => GradKit.Attack(new Subject(op.Name,
        from values in Gen.CollectToArray(shapes, shape => Gen.Frequency((2, Values.Real(shape)), (1, Values.Planted(shape))))
        select Case.Of(new OpCase(op, [.. values])))
    {
        Properties = [Property.Shapes, Property.Repeatable, Property.Linear, Property.Differences],
    }, Usual);

    /// <summary>The forward function with the backward pass as its rule.</summary>
    private sealed record HandWritten(
        Func<IReadOnlyList<Node>, Node> Forward, Func<IReadOnlyList<Node>, Node, IReadOnlyList<Node?>> Backward) : OpN
    {
        public override string Name => "backward pass";

        public override Shape Infer(IReadOnlyList<Shape> inputs) =>
            Forward([.. inputs.Select((shape, i) => Variable($"x{i}", shape))]).Shape;

        public override Tensor Reference(ReadOnlySpan<Tensor> inputs)
        {
            Node[] xs = [.. inputs.ToArray().Select(value => Constant(value))];
            return Forward(xs).Value;
        }

        public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy) => Backward(inputs, dy);

        protected override bool PrintMembers(System.Text.StringBuilder builder) => false;
    }

    /// <summary>One of the cotangents that array code computes.</summary>
    private sealed record ArrayCode(Func<IReadOnlyList<Tensor>, Tensor, IReadOnlyList<Tensor>> Backward, int Index) : OpN
    {
        public override string Name => "array code";

        public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[Index];

        public override Tensor Reference(ReadOnlySpan<Tensor> inputs)
        {
            var all = Backward(inputs[..^1].ToArray(), inputs[^1]);
            return all.Count == inputs.Length - 1 && all[Index].Shape == inputs[Index].Shape
                ? all[Index]
                : throw new GraphError($"the backward pass gave {string.Join(" and ", all.Select(dx => dx.Shape))} "
                    + $"for {string.Join(" and ", inputs[..^1].ToArray().Select(x => x.Shape))}.");
        }

        public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy) =>
            [.. inputs.Select(_ => NotDifferentiable("array code has no rule"))];

        protected override bool PrintMembers(System.Text.StringBuilder builder) => false;
    }
}

/// <summary>What came of comparing a backward pass written by hand with the derived one.</summary>
/// <param name="Report">The attack, where there was no proof.</param>
/// <example><code>
/// Backprop.Compare(xs => 2 * xs[0], (xs, dy) => [dy + dy], [4]) // proved: both have the same normal form
/// </code></example>
public sealed record BackpropResult(Report? Report)
{
    /// <summary>Whether both are the same by algebra, for all values.</summary>
    public bool IsProved => Report is null;

    /// <summary>Whether they are the same, by proof or in all cases tried.</summary>
    public bool Holds => Report?.Holds ?? true;

    /// <inheritdoc/>
    public override string ToString() => Report?.ToString() ?? "proved: both have the same normal form";
}
