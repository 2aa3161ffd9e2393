using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Indices that go on by one for a while, as borders and enlarged images have them, and such that do not.</summary>
public class IndexTests
{
    /// <summary>Runs of any length, single positions, and some outside.</summary>
    [Fact]
    public void What_an_index_takes_and_adds_does_not_depend_on_its_runs() => Law.ForAll(
        from shape in Gen.Choose(1, 40).ArrayOf(3)
        from axis in Gen.Choose(0, 2)
        from runs in (from start in Gen.Choose(0, 42) from length in Gen.Choose(1, 40) select (start, length)).ArrayOf()
        select (Shape.Of(shape), axis, runs: runs.Take(6)), at =>
    {
        double[] positions = [.. at.runs.SelectMany(run => Enumerable.Range(run.start, run.length)).Select(position => (double)position)];
        var (x, index) = (Variable("x", at.Item1), Indices(Tensor.Of(positions)));
        var taken = Gather(x, index, at.axis);
        var added = new ScatterAdd(at.axis, at.Item1[at.axis]).Of(Sin(taken), index);
        Runs.Agree([taken, added], Runs.Uniform(x));
    }, 60);

    [Fact]
    public void Borders_of_any_kind_are_those_of_reference_and_so_are_their_gradients() => Law.ForAll(
        from shape in Gen.Choose(3, 30).ArrayOf(2)
        from borders in Gen.Choose(0, 2).ArrayOf(8)
        from mode in Gen.Elements(PadMode.Constant, PadMode.Edge, PadMode.Reflect, PadMode.Circular)
        select (Shape: Shape.Of([5, 7, .. shape]), borders, mode), at =>
    {
        var x = Variable("x", at.Shape);
        var y = Pad(x, Shape.From(at.borders[..4]), Shape.From(at.borders[4..]), at.mode);
        Runs.Agree([y, Gradient.Of(Sum(Sin(y)), x)], Runs.Uniform(x));
    }, 30);

    /// <summary>Few results of many elements, many of few, and all between; equal elements and NaN among them.</summary>
    [Fact]
    public void The_largest_and_its_place_are_those_of_reference() => Law.ForAll(
        from outer in Gen.Elements(0, 1, 2, 19, 100)
        from size in Gen.Elements(1, 2, 15, 16, 17, 33, 64, 65, 40_000, 70_001)
        from inner in Gen.Elements(1, 2, 21)
        from kinds in Gen.Choose(2, 1000)
        from hasNaN in Gen.Choose(0, 3)
        where outer * (long)size * inner < 200_000
        select (Shape: Shape.Of([outer, size, inner]), kinds, hasNaN), at =>
    {
        var x = Variable("x", at.Shape);
        var values = Key.Of(4).Uniform(at.Shape, 0, at.kinds).Map(value => at.hasNaN == 0 && value < 0.01 * at.kinds ? double.NaN : Math.Floor(value));
        Runs.Agree([Max(x, 1), ArgMax(x, 1)], new Dictionary<Node, Tensor> { [x] = values });
    }, 80);

    /// <summary>Labels inside and outside, sums of rows, of all, and of rows that are turned.</summary>
    [Fact]
    public void What_rows_of_zeros_and_a_one_choose_and_add_up_to_is_that_of_reference() => Law.ForAll(
        from shape in Gen.Choose(1, 20).ArrayOf().Select(sizes => sizes.Take(3))
        from classes in Gen.Choose(1, 40)
        select (Shape.From(shape), classes), at =>
    {
        var (shape, classes) = at;
        var (x, index) = (Variable("x", [.. shape, classes]), Variable("index", shape, Kind.Index));
        var hot = OneHot(index, classes);
        var turned = Transpose(hot, Shape.From([shape.Rank, .. Enumerable.Range(0, shape.Rank)]));
        var chosen = Where(hot, x, 0);
        Node[] outputs =
        [
            Sum(chosen, [shape.Rank]), Sum(chosen), Gradient.Of(Sum(Sin(Sum(chosen, [shape.Rank], keepDims: true))), x),
            Sum(hot, [shape.Rank]), Sum(turned, [0], keepDims: true), Sum(turned), Sum(turned, [.. Enumerable.Range(1, shape.Rank)]),
            new Pick().Of(x, index), new Below(classes).Of(index),
        ];
        var values = Runs.Uniform(x);
        values[index] = Key.Of(7).Uniform(shape, 0, classes + 2).Map(Math.Floor);
        Runs.Agree(outputs, values);
        var plan = Cpu.Compile([outputs[0], outputs[4]]).Print();
        Assert.Equal(classes > 1, plan.Contains("Pick", StringComparison.Ordinal));
        Assert.Equal(classes > 1, plan.Contains("Below", StringComparison.Ordinal));
    }, 60);

    [Fact]
    public void Sums_of_what_is_repeated_are_those_of_reference() => Law.ForAll(
        from sizes in Gen.Choose(1, 9).ArrayOf(4)
        from isRepeated in Gen.Elements(true, false).ArrayOf(4)
        from isSummed in Gen.Elements(true, false).ArrayOf(4)
        from cut in Gen.Choose(0, 3)
        from keepDims in Gen.Elements(true, false)
        select (Shape: Shape.From(sizes), isRepeated, isSummed, cut, keepDims), at =>
    {
        var x = Variable("x", at.Shape.Select((size, axis) => at.isRepeated[axis] ? 1 : size)[at.cut..]);
        int[] axes = [.. Enumerable.Range(0, 4).Where(axis => at.isSummed[axis])];
        Runs.Agree([Sum(BroadcastTo(x, at.Shape), axes, at.keepDims)], Runs.Uniform(x));
    }, 100);
}
