using static AutoDiffCnn.Tests.Ops.Check;
using static AutoDiffCnn.Tests.Ops.Rejected;

namespace AutoDiffCnn.Tests.Ops;

/// <summary>Einstein's notation against the loops that it stands for.</summary>
public class EinsumTests
{
    private static readonly Dictionary<char, int> sizes = new() { ['b'] = 2, ['i'] = 3, ['j'] = 2, ['k'] = 4, ['l'] = 1 };

    [Theory]
    [InlineData("ij,jk->ik")]
    [InlineData("ij,kj->ki")]
    [InlineData("bij,bjk->bik")]
    [InlineData("bij, jk -> bki")]
    [InlineData("i,j->ij")]
    [InlineData("i,i->")]
    [InlineData("i,i->i")]
    [InlineData("ij->ji")]
    [InlineData("ij->")]
    [InlineData("bij->bj")]
    [InlineData("ii->")]
    [InlineData("ii->i")]
    [InlineData("bii->b")]
    [InlineData("iji->ji")]
    [InlineData("iji,jk->ik")]
    [InlineData("bi,bj,bk->bijk")]
    [InlineData("ij,jk,kl->il")]
    [InlineData("ij,ik,il->jkl")]
    [InlineData("ij,k->i")]
    [InlineData("kj,ji")]
    [InlineData("ii")]
    public void An_equation_is_its_loops(string equation)
    {
        var sides = equation.Replace(" ", "").Split("->");
        var inputs = sides[0].Split(',');
        var output = sides.Length > 1 ? sides[1] : string.Concat(sides[0].Where(c => c != ',' && sides[0].Count(d => d == c) == 1).Order());
        Tensor[] operands = [.. inputs.Select((letters, i) => Key.Of(i).Normal(Shape.From(letters.Select(c => sizes[c]))))];

        // Every assignment of numbers to letters adds one product to one element.
        var letters = sides[0].Replace(",", "").Distinct().ToArray();
        var expected = new double[output.Aggregate(1, (product, c) => product * sizes[c])];
        var all = letters.Aggregate(1, (product, c) => product * sizes[c]);
        for (var n = 0; n < all; n++)
        {
            var (rest, at) = (n, new Dictionary<char, int>());
            foreach (var letter in letters)
            {
                (at[letter], rest) = (rest % sizes[letter], rest / sizes[letter]);
            }

            expected[output.Aggregate(0, (flat, c) => flat * sizes[c] + at[c])] +=
                operands.Zip(inputs, (x, names) => x[[.. names.Select(c => at[c])]]).Aggregate(1.0, (a, b) => a * b);
        }

        var y = Einsum(equation, [.. operands.Select(x => (Node)x)]);
        Assert.Equal(Shape.From(output.Select(c => sizes[c])), y.Shape);
        Close(expected, y.Value);
        SmoothIn(xs => Einsum(equation, [.. xs]), operands);
    }

    [Fact]
    public void A_letter_of_two_sizes() => Rejects(
        "Einsum(\"ij,jk->ik\") on [2, 3] and [4, 5]: the axes j have the sizes 3 and 4.\nPossible: one size for each letter.",
        () => Einsum("ij,jk->ik", Of(2, 3), Of(4, 5)), () => Einsum("ij,jk->ik", Constant(Tensor.Fill([2, 3], 1)), Of(3, 5)));

    [Fact]
    public void A_wrong_number_of_letters() => Rejects(
        "Einsum(\"ij,jk->ik\") on [2, 3] and [3]: operand 1 has rank 1, \"jk\" names 2 axes.\nPossible: 1 letters for it.",
        () => Einsum("ij,jk->ik", Of(2, 3), Of(3)), () => Einsum("ij,j->i", Of(2, 3), Of(3)));

    [Fact]
    public void A_wrong_number_of_operands() => Rejects(
        "Einsum(\"ij,jk->ik\") on [2, 3]: the equation has 2 operands, 1 came.\nPossible: 2 operands.",
        () => Einsum("ij,jk->ik", Of(2, 3)), () => Einsum("ij,jk->ik", Of(2, 3), Of(3, 2)));

    [Fact]
    public void A_result_from_nowhere() => Rejects(
        "Einsum(\"ij->ik\") on [2, 3]: the result's k is in no operand.\nPossible: a result without k.",
        () => Einsum("ij->ik", Of(2, 3)), () => Einsum("ij->i", Of(2, 3)));

    [Fact]
    public void A_result_that_names_an_axis_twice() => Rejects(
        "Einsum(\"ij->ii\") on [2, 3]: the result \"ii\" names an axis twice.\nPossible: \"i\".",
        () => Einsum("ij->ii", Of(2, 3)), () => Einsum("ij->i", Of(2, 3)));

    [Fact]
    public void What_is_no_equation() => Rejects(
        "Einsum(\"i1->i\") on [2, 3]: an equation has letters, commas, one arrow and at most one ellipsis an operand.\n"
            + "Possible: \"ij,jk->ik\", \"...ij,...jk->...ik\".",
        () => Einsum("i1->i", Of(2, 3)), () => Einsum("ij,jk->ik", Of(2, 3), Of(3, 2)),
        () => Einsum("...ij,...jk->...ik", Of(2, 3), Of(3, 2)));

    [Fact]
    public void An_ellipsis_is_all_other_axes_broadcast()
    {
        var (a, b) = (Key.Of(1).Normal([4, 1, 2, 3]), Key.Of(2).Normal([5, 3, 2]));
        var product = MatMul(BroadcastTo(a, [4, 5, 2, 3]), BroadcastTo(b, [4, 5, 3, 2])).Value;
        Assert.Equal(Shape.Of(4, 5, 2, 2), product.Shape);
        Close(product.ToDoubles(), Einsum("...ij,...jk->...ik", a, b).Value);
        Close(product.ToDoubles(), Einsum("...ij,...jk", a, b).Value);
        Close(Transpose(product, [2, 0, 1, 3]).Value.ToDoubles(), Einsum("...ij,...jk->i...k", a, b).Value);
        Close(Sum(product, [0, 1]).Value.ToDoubles(), Einsum("...ij,...jk->ik", a, b).Value);
        SmoothIn(xs => Einsum("...ij,...jk->...ik", [.. xs]), Key.Of(3).Normal([2, 1, 1, 3]), Key.Of(4).Normal([2, 3, 2]));
    }

    [Fact]
    public void Two_operands_of_ellipses_that_do_not_fit() => Rejects(
        "Einsum(\"...i,...i->...\") on [4, 3] and [5, 3]: axes of the ellipses have the sizes 4 and 5.\nPossible: 4 or 1 for both.",
        () => Einsum("...i,...i->...", Of(4, 3), Of(5, 3)), () => Einsum("...i,...i->...", Of(4, 3), Of(4, 3)),
        () => Einsum("...i,...i->...", Of(4, 3), Of(1, 3)));
}
