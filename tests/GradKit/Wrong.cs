namespace GradKitTests;

/// <summary>Softplus with a slope of 0 at 0.</summary>
public sealed record WrongSoftplus : Map1<WrongSoftplus>, IFormula1
{
    static V IFormula1.Of<V>(V x) => V.Log(V.Of(1) + V.Exp(x));

    public override Node? Vjp(Node x, Node y, Node dy) => Where(x, dy * Sigmoid(x), 0);
}

/// <summary>Rows added up some steps apart, with a gradient that forgets the steps.</summary>
public sealed record StridedSum(int Stride, Window Window) : Op1
{
    public override Shape Infer(Shape x) => x is [var n] && n > Stride ? [n - Stride] : throw Rejects($"{x} needs more than {Stride}", ["more"], x);

    public override Tensor Reference(Tensor x) => Tensor.From([x.Count - Stride], i => x.At(i) + x.At(i + Stride));

    public override Node? Vjp(Node x, Node y, Node dy) => Pad(dy, [0], [Stride]) + Pad(dy, [0], [Stride]);
}
