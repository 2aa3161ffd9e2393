namespace SamplesTests;

/// <summary>The code in README.md: each fence is one of these regions, and each comment in it is what the code prints.
/// See <see cref="ReadmeTests"/>.</summary>
public sealed class ReadmeSnippets
{
    /// <summary>What the regions print to.</summary>
    private Paper Console { get; } = new();

    [Fact]
    public void A_first_cell()
    {
        #region A_first_cell
        var image  = Tensor.Of([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]);
        var kernel = Tensor.Of([[2, 0, 1], [0, 1, 2], [1, 0, 2]]);
        Console.WriteLine(CrossCorrelate(image, kernel));
        // [[15, 16], [6, 15]]
        #endregion

        Readme.AssertPrinted(Console, nameof(A_first_cell));
    }

    [Fact]
    public void A_gradient()
    {
        #region A_gradient
        var x = Variable("x", [1, 1, 4, 4]);
        var w = Variable("w", [1, 1, 3, 3]);
        var loss = Sum(Square(Relu(Conv2D(x, w))));
        var dw = Gradient.Of(loss, w);
        Console.WriteLine(dw.Print());
        // ?
        #endregion

        Readme.AssertPrinted(Console, nameof(A_gradient));
    }

    [Fact]
    public void A_second_derivative()
    {
        #region A_second_derivative
        var x = Variable("x", [2]);
        var dx = Gradient.Of(Sum(x * x * x), x);
        var d2x = Gradient.Of(Sum(dx), x);
        Console.WriteLine(Reference.Run(d2x, (x, Tensor.Of([1, 2]))));
        // [6, 12]
        #endregion

        Readme.AssertPrinted(Console, nameof(A_second_derivative));
    }

    [Fact]
    public void A_custom_op_runs()
    {
        #region A_custom_op_runs
        var x = Variable("x", [3]);
        var y = new Softsign().Of(x);
        Console.WriteLine(Reference.Run(Gradient.Of(Sum(y), x), (x, Tensor.Of([-1, 0, 3]))));
        // [0.25, 1, 0.0625]
        #endregion

        Readme.AssertPrinted(Console, nameof(A_custom_op_runs));
    }

    internal sealed class Paper
    {
        private readonly List<string> lines = [];

        public string Text => string.Join("\n", lines);

        public void WriteLine(object value) => lines.Add($"{value}");
    }
}

#region A_custom_op
/// <summary>y = x / (1 + |x|).</summary>
public sealed record Softsign : Map1<Softsign>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x / (V.Of(1) + V.Abs(x));

    public override Node? Vjp(Node x, Node y, Node dy) => dy / Square(1 + Abs(x));
}
#endregion
