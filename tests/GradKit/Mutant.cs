namespace GradKitTests;

/// <summary>An op with a wrong rule: it means what another op means.</summary>
public sealed record Mutant(string Title, Op Right, Func<Op, Node[], Node, Node, Node?[]> Rule) : OpN
{
    public override string Name => Title;

    public override Kind InputKind(int index) => Right.InputKind(index);

    public override Shape Infer(IReadOnlyList<Shape> inputs) => new OpCase(Right, []).Apply(
        [.. inputs.Select((shape, i) => Variable($"x{i}", shape, Right.InputKind(i)))]).Shape;

    public override Tensor Reference(ReadOnlySpan<Tensor> inputs) => new OpCase(Right, [.. inputs]).Closed().Value;

    public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy) => Rule(Right, [.. inputs], y, dy);
}
