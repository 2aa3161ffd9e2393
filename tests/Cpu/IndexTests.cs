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
}
