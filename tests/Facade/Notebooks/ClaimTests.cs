using AutoDiffCnn.Tests;
using FsCheck.Fluent;

namespace FacadeTests;

/// <summary>What tutorials claim and ask.</summary>
public class ClaimTests
{
    [Fact]
    public void A_claim_that_holds_is_silent_and_one_that_does_not_says_itself()
    {
        Claim.That(1 + 1 == 2);
        Assert.Equal("'1 + 1 == 3' does not hold.", Assert.Throws<ClaimError>(() => Claim.That(1 + 1 == 3)).Message);
        Assert.Equal("A claim does not hold.", Assert.Throws<ClaimError>(() => Claim.That(false, "")).Message);
    }

    [Fact]
    public void Numbers_are_near_if_no_farther_than_said() => Law.ForAll(
        from expected in Gen.Choose(-1000, 1000) from tenths in Gen.Choose(1, 100) select (Expected: expected / 8.0, Within: tenths / 10.0),
        at =>
        {
            var reach = at.Within * Math.Max(1, Math.Abs(at.Expected));
            var (near, far, expected) = (at.Expected - 0.99 * reach, at.Expected + 1.01 * reach, Tensor.Of([at.Expected, at.Expected]));
            Claim.Near(near, at.Expected, at.Within);
            Claim.Same(Tensor.Of([near, at.Expected]), expected, at.Within);
            Assert.Throws<ClaimError>(() => Claim.Near(far, at.Expected, at.Within));
            Assert.Throws<ClaimError>(() => Claim.Same(Tensor.Of([near, far]), expected, at.Within));
        });

    [Fact]
    public void What_is_not_near_is_told_with_both_numbers()
    {
        Assert.Equal("'Math.Sqrt(4)' is 2, not 3 to 1E-09.", Assert.Throws<ClaimError>(() => Claim.Near(Math.Sqrt(4), 3)).Message);
        Assert.Throws<ClaimError>(() => Claim.Near(double.NaN, 0));
        var x = Tensor.Of([1, 2]);
        Assert.Equal("'x' is [1, 2] of [2], not [[1, 2]] of [1, 2].", Assert.Throws<ClaimError>(() => Claim.Same(x, Tensor.Of([[1, 2]]))).Message);
        Assert.Equal("'x' is [1, 2] of [2], not [1, 3] of [2] to 0.25.", Assert.Throws<ClaimError>(() => Claim.Same(x, Tensor.Of([1, 3]), 0.25)).Message);
    }

    [Fact]
    public void An_exercise_waits_for_an_answer_and_judges_it()
    {
        const string open = "Your turn: put an answer into the cell and run it again.";
        Assert.Equal([open, "Right.", "Not yet: it is not 0.25."], new double?[] { null, 0.5, 0.25 }.Select(answer => Exercise.Check(answer, 0.5)));
        Assert.Equal([open, "Right.", "Not yet: it is not flip."], new[] { null, " Rotate", "flip" }.Select(answer => Exercise.Check(answer, "rotate")));
        Assert.Equal([open, "Right.", "Not yet: it is not [1, 2]."],
            new Tensor?[] { null, Tensor.Of([2, 1]), Tensor.Of([1, 2]) }.Select(answer => Exercise.Check(answer, Tensor.Of([2, 1]))));
        Assert.Equal("Right.", Exercise.Check(3.0001, 3, within: 1e-3));
    }
}
