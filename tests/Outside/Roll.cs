namespace OutsideTests;

/// <summary>Each row turned to the right: y[…, i] = x[…, (i − shift) mod n]. Turned on to n it is what it was, so
/// that is its transpose.</summary>
public sealed record Roll(int Shift) : Op1
{
    public override Shape Infer(Shape x) => x is [.., var n] && Shift >= 0 && Shift < n
        ? x
        : throw Rejects($"shift {Shift} must lie from 0 to below the last size", ["a shift of 0"], x);

    public override Tensor Reference(Tensor x)
    {
        var n = x.Shape[^1];
        return Tensor.From(x.Shape, i => x.At(i / n * n + (i % n - Shift + n) % n));
    }

    public override Node? Vjp(Node x, Node y, Node dy) => new Roll((x.Shape[^1] - Shift) % x.Shape[^1]).Of(dy);
}
