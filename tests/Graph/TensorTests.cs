namespace AutoDiffCnn.Tests.Graphs;

public class TensorTests
{
    private static readonly Tensor matrix = Tensor.Of([[1, 2, 3], [4, 5, 6]]);

    private static void Rejects(string text, Action made) => Assert.Equal(text, Assert.Throws<ShapeError>(made).Message);

    [Fact]
    public void Literals_have_the_shape_they_are_written_in()
    {
        Assert.Equal([], Tensor.Of(7).Shape);
        Assert.Equal([3], Tensor.Of([1, 2, 3]).Shape);
        Assert.Equal([2, 3], matrix.Shape);
        Assert.Equal([1, 2, 2], Tensor.Of([[[1, 2], [3, 4]]]).Shape);
        Assert.Equal([1, 1, 2, 1], Tensor.Of([[[[1], [2]]]]).Shape);
        Assert.Equal(6, matrix[1, 2]);
        Assert.Equal(6, matrix.At(5));
        Assert.Equal(7, Tensor.Of(7).Scalar);
    }

    [Fact]
    public void Arithmetic_is_that_of_constant_nodes()
    {
        Node node = matrix;
        var row = Tensor.Of([2, 4, 8]);
        Node[] expected = [node + node, node - (Node)row, (Node)row * node, node / (Node)row, -node, node + 1, 1 - node, node * 0.5, 2 / node];
        Node[] tensors = [matrix + matrix, matrix - row, row * matrix, matrix / row, -matrix, matrix + 1, 1 - matrix, matrix * 0.5, 2 / matrix];
        Node[] mixed = [matrix + node, node - row, row * node, node / row];
        Assert.Equal(expected.Select(value => value.Value), tensors.Select(value => value.Value));
        Assert.Equal(expected[..4].Select(value => value.Value), mixed.Select(value => value.Value));
        Assert.Throws<ShapeError>(() => matrix - Tensor.Of([1, 2]));
    }

    [Fact]
    public void Tensors_are_compared_by_value()
    {
        Assert.Equal(matrix, Tensor.Of([2, 3], [1.0, 2, 3, 4, 5, 6]));
        Assert.Equal(matrix.GetHashCode(), Tensor.Of([2, 3], [1.0, 2, 3, 4, 5, 6]).GetHashCode());
        Assert.NotEqual(matrix, matrix.Reshape([3, 2]));
        Assert.NotEqual(matrix, matrix.Map(v => v == 5 ? 7 : v));
        Assert.Equal(Tensor.Of([double.NaN]), Tensor.Of([-double.NaN]));
        Assert.NotEqual(Tensor.Of([0.0]), Tensor.Of([-0.0]));
        Assert.False(matrix.Equals(null));
    }

    [Fact]
    public void Single_and_double_storage_hold_equal_values()
    {
        var single = Tensor.Of([2], [0.5f, 3f]);
        Assert.True(single.IsSingle);
        Assert.Equal(single, Tensor.Of([0.5, 3]));
        Assert.Equal(single.GetHashCode(), Tensor.Of([0.5, 3]).GetHashCode());
        Assert.NotEqual(Tensor.Of([1], [0.1f]), Tensor.Of([0.1]));
        Assert.Equal([0.1f], Tensor.Of([0.1]).Singles.ToArray());
        Assert.Equal([0.5, 3], single.Doubles.ToArray());
    }

    [Fact]
    public void Slices_parts_and_reshapes_share_memory()
    {
        Assert.Equal(Tensor.Of([[4, 5, 6]]), matrix.Slice(1, 1));
        Assert.Equal(Tensor.Of([4, 5, 6]), matrix.Part(1));
        Assert.True(matrix.Doubles.Overlaps(matrix.Slice(1, 1).Doubles, out var offset) && offset == 3);
        Assert.True(matrix.Doubles.Overlaps(matrix.Reshape([6]).Doubles, out var start) && start == 0);
        Assert.Equal(5, matrix.Slice(1, 1).Part(0).Slice(1, 1)[0]);
        Assert.Equal([0, 3], matrix.Slice(2, 0).Shape);
    }

    [Fact]
    public void A_tensor_does_not_change_with_what_it_was_made_from()
    {
        double[] values = [1, 2];
        var tensor = Tensor.Of([2], values);
        values[0] = 9;
        tensor.ToDoubles()[1] = 9;
        Assert.Equal(Tensor.Of([1, 2]), tensor);
    }

    [Fact]
    public void Printing_is_nested_brackets()
    {
        Assert.Equal("[[1, 2, 3], [4, 5, 6]]", matrix.ToString());
        Assert.Equal("0.333333", Tensor.Of(1.0 / 3).ToString());
        Assert.Equal("[NaN, Infinity, -0, 1E-07, 1.23457E+08]", Tensor.Of([double.NaN, double.PositiveInfinity, -0.0, 1e-7, 123456789]).ToString());
        Assert.Equal("[]", Tensor.Of([0], ReadOnlySpan<double>.Empty).ToString());
        Assert.Equal("[[], []]", Tensor.Fill([2, 0], 1).ToString());
    }

    [Fact]
    public void A_long_print_has_a_row_a_line() => Assert.Equal(
        "[[100000, 100001, 100002, 100003, 100004, 100005, 100006],\n [100007, 100008, 100009, 100010, 100011, 100012, 100013]]",
        Tensor.From([2, 7], i => 100000 + i).ToString());

    [Fact]
    public void Beyond_a_thousand_elements_only_the_edges_are_printed()
    {
        Assert.Equal("[0, 1, 2, ..., 1998, 1999, 2000]", Tensor.From([2001], i => i).ToString());
        Assert.Equal(
            "[[0, 1, 2, ..., 47, 48, 49],\n [50, 51, 52, ..., 97, 98, 99],\n [100, 101, 102, ..., 147, 148, 149],\n ...,\n"
            + " [1850, 1851, 1852, ..., 1897, 1898, 1899],\n [1900, 1901, 1902, ..., 1947, 1948, 1949],\n [1950, 1951, 1952, ..., 1997, 1998, 1999]]",
            Tensor.From([40, 50], i => i).ToString());
        Assert.DoesNotContain("...", Tensor.From([1000], i => i).ToString());
    }

    [Fact]
    public void Wrong_counts_are_refused()
    {
        Rejects("Tensor [2, 3]: it has 6 elements, 5 values came.\nPossible: [5].", () => Tensor.Of([2, 3], [1.0, 2, 3, 4, 5]));
        Assert.Equal(5, Tensor.Of([5], [1.0, 2, 3, 4, 5]).Count);
        Rejects("Tensor [4]: it has 4 elements, 6 values came.\nPossible: [6].", () => matrix.Reshape([4]));
        Rejects("Tensor.Stack: parts differ in shape: [2] and [1].\nPossible: parts that all have [2].", () => Tensor.Of([[1, 2], [3]]));
        Rejects("Tensor.Stack on nothing: an empty list has no shape.\nPossible: at least one tensor.", () => Tensor.Stack([]));
        Rejects("Scalar of [2, 3]: it has 6 elements, not 1.\nPossible: At(0) for the first element.", () => _ = matrix.Scalar);
        Rejects("Tensor [2147483647, 2]: 4294967294 elements exceed what one array holds, 2147483591.\nPossible: at most 2147483591 elements.", () => Tensor.Fill([int.MaxValue, 2], 0));
    }

    [Fact]
    public void Positions_outside_are_refused()
    {
        Rejects("Position [1, 3] in [2, 3]: it lies outside.\nPossible: [1, 2] for the last element.", () => _ = matrix[1, 3]);
        Rejects("Position [-1, 0] in [2, 3]: it lies outside.\nPossible: [1, 2] for the last element.", () => _ = matrix[-1, 0]);
        Rejects("Position [1] in [2, 3]: it lies outside.\nPossible: [1, 2] for the last element.", () => _ = matrix[1]);
        Rejects("Slice 1..3 of [2, 3]: it lies outside the first axis.\nPossible: a range within 0..2.", () => matrix.Slice(1, 2));
        Assert.Equal((matrix.At(5), matrix), (matrix[1, 2], matrix.Slice(0, 2)));
        Assert.Equal(1, Tensor.Of(1).Reshape([1]).Part(0).Scalar);
        Rejects("Slice 0..1 of []: it lies outside the first axis.\nPossible: Reshape to [1].", () => Tensor.Of(1).Part(0));
    }
}
