using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Products that take and give what is turned.</summary>
public class ProductAlgebraTests
{
    private static readonly Gen<Case> cases =
        from shape in Gen.Choose(0, 3).ListOf(4)
        from rank in Gen.Choose(2, 4)
        from turn in Gen.Choose(0, 3)
        from shuffled in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
        from order in Gen.Shuffle([0, 1, 2, 3])
        from split in Gen.Choose(1, 3)
        from n in Gen.Choose(1, 3)
        from flags in Gen.Choose(0, 15)
        let axes = shuffled ? order.Where(axis => axis < rank) : Enumerable.Range(0, rank).Select(i => (i + turn) % rank)
        select new Case(Shape.From(shape.Take(rank)), Shape.From(axes), Math.Min(split, rank - 1), n, flags);

    [Fact]
    public void Products_of_what_is_turned_and_turned_products_mean_the_same() => Law.ForAll(cases, at =>
    {
        var given = new Graph([.. at.Results]);
        var turned = ProductAlgebra.GiveTurned(Rewrite.Apply(given, Rules.Shapes, ProductAlgebra.Rule));
        Assert.Equal(given.Outputs.Select(output => output.Shape), turned.Outputs.Select(output => output.Shape));
        Assert.Equal(Reference.Run(given.Outputs, at.Values).AsEnumerable(), Reference.Run(Verify.Check(turned).Outputs, at.Values));
        Close.All(Reference.Run(given.Outputs, at.Values), Cpu.Run(given.Outputs, at.Values));
    }, 300);

    [Fact]
    public void Batches_that_are_last_are_not_moved()
    {
        var (x, w) = (Variable("x", [3, 4, 5, 16]), Variable("w", [60, 7]));
        var rows = Reshape(Transpose(x, [3, 0, 1, 2]), [16, 60]);
        var back = Transpose(Reshape(MatMul(Variable("a", [16, 7]), Variable("b", [7, 60])), [16, 3, 4, 5]), [1, 2, 3, 0]);
        Node[] outputs = [MatMul(rows, w), new MatMul(true, true).Of(w, rows), back];
        Assert.Equal(2, Count<Transpose>(new Graph([.. outputs])));
        Assert.Equal(0, Count<Transpose>(Turned(outputs)));
    }

    [Fact]
    public void Another_exchange_of_axes_remains()
    {
        var x = Variable("x", [3, 4, 5, 16]);
        var channels = Reshape(Transpose(x, [0, 3, 1, 2]), [3, 320]);
        Assert.Equal(1, Count<Transpose>(Turned(MatMul(channels, Variable("w", [320, 7])))));
        var pixels = Reshape(Transpose(x, [3, 0, 1, 2]), [48, 20]);
        Assert.Equal(1, Count<Transpose>(Turned(MatMul(pixels, Variable("w", [20, 7])))));
    }

    [Fact]
    public void A_product_that_is_also_read_as_it_is_is_computed_once()
    {
        var product = MatMul(Variable("a", [16, 7]), Variable("b", [7, 60]));
        var turned = Transpose(Reshape(product, [16, 3, 20]), [1, 2, 0]);
        Assert.Equal(1, Count<MatMul>(Turned(turned, Relu(product))));
        Assert.Equal(1, Count<MatMul>(Turned(turned, product)));
        Assert.Equal(1, Count<Transpose>(Turned(turned, product)));
    }

    private static Graph Turned(params Node[] outputs) =>
        ProductAlgebra.GiveTurned(Rewrite.Apply(new Graph([.. outputs]), Rules.Shapes, ProductAlgebra.Rule));

    private static int Count<T>(Graph graph) => graph.Nodes.Count(node => node.Op is T);

    /// <summary>x with its axes exchanged and made a matrix, in a product on either side; and the same exchange of the
    /// result, seen with the axes of x.</summary>
    private sealed record Case(Shape X, Shape Axes, int Split, int N, int Flags)
    {
        private Node[]? results;

        public Node[] Results => results ??= Make();

        public Dictionary<Node, Tensor> Values => new Graph([.. Results]).Variables
            .ToDictionary(node => node, node => Close.Rounded(Key.Of(3).FoldIn(node.Op.Name).Normal(node.Shape)));

        private Node[] Make()
        {
            var turned = Transpose(Variable("x", X), Axes);
            var (m, k) = ((int)turned.Shape[..Split].Elements, (int)turned.Shape[Split..].Elements);
            var (matrix, isRight, op) = (Reshape(turned, [m, k]), (Flags & 1) != 0, new MatMul((Flags & 2) != 0, (Flags & 4) != 0));
            var product = isRight
                ? op.Of(Other(op.TransposeB ? k : m, op.TransposeA), matrix)
                : op.Of(matrix, Other(op.TransposeA ? m : k, !op.TransposeB));
            var (rows, columns) = ((int)X[..Split].Elements, (int)X[Split..].Elements);
            var result = Transpose(Reshape(MatMul(Variable("a", [rows, N]), Variable("b", [N, columns])), X), Axes);
            return (Flags & 8) != 0 ? [product, result, Relu(result)] : [product, result];
        }

        private Node Other(int inner, bool isInnerFirst) => Variable("w", isInnerFirst ? [inner, N] : [N, inner]);
    }
}
