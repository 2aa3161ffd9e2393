using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Steps that run beside each other do not need each other.</summary>
public class WaveTests
{
    private sealed unsafe class Idle(int pieces) : Step("idle")
    {
        public override int Pieces => pieces;

        public override void Run(float** buffers, int piece, float* scratch)
        {
        }
    }

    // Units of one to three steps, each with some earlier units that it needs.
    private static readonly Gen<(int[] Pieces, int[] Needs)[]> plans =
        from count in Gen.Choose(1, 25)
        from pieces in Gen.Choose(1, 3).SelectMany(steps => Gen.Elements(0, 1, 1, 4).ArrayOf(steps)).ArrayOf(count)
        from picks in Gen.Choose(0, 1000).ArrayOf(3).ArrayOf(count)
        select pieces.Select((steps, i) => (steps, picks[i].Where(_ => i > 0).Select(pick => i - 1 - pick % i % 6)
            .Where(need => need >= 0).ToArray())).ToArray();

    [Fact]
    public void A_step_runs_after_all_that_it_needs() => Law.ForAll(plans, plan =>
    {
        var waves = new Waves();
        var (steps, first) = (0, new List<int>());
        foreach (var (pieces, needs) in plan)
        {
            first.Add(steps);
            steps += pieces.Length;
            waves.Add(pieces.Select(count => new Idle(count)), needs);
        }

        var place = Places(waves.Cut());
        Assert.Equal(Enumerable.Range(0, steps), place.Keys.Order());
        for (var unit = 0; unit < plan.Length; unit++)
        {
            foreach (var need in plan[unit].Needs)
            {
                Assert.True(IsBefore(place[first[need] + plan[need].Pieces.Length - 1], place[first[unit]]));
            }

            for (var step = 1; step < plan[unit].Pieces.Length; step++)
            {
                Assert.True(IsBefore(place[first[unit] + step - 1], place[first[unit] + step]));
            }
        }
    }, 500);

    [Fact]
    public void What_lives_within_a_wave_lives_through_all_of_it()
    {
        var waves = new Waves();
        waves.Add([new Idle(4)], []);
        waves.Add([new Idle(4)], []);
        waves.Add([new Idle(1), new Idle(1)], [0]);
        waves.Add([new Idle(1)], [2]);
        Assert.Equal(2, waves.Cut().Length);
        Assert.Equal(new Lifetime(0, 1), waves.Of(new(0, 0)));
        Assert.Equal(new Lifetime(0, 1), waves.Of(new(1, 1)));
        Assert.Equal(new Lifetime(2, 3), waves.Of(new(2, 2)));
        Assert.Equal(new Lifetime(2, 4), waves.Of(new(2, 3)));
        Assert.Equal(new Lifetime(4, 5), waves.Of(new(3, 4)));
    }

    [Fact]
    public void What_a_unit_without_elements_reads_lives_until_then()
    {
        var waves = new Waves();
        waves.Add([new Idle(2)], []);
        waves.Add([new Idle(2)], [0]);
        waves.Add([], [1]);
        waves.Add([new Idle(2)], [2]);
        waves.Cut();
        Assert.Equal(new Lifetime(1, 1), waves.Of(new(1, 2)));
        Assert.Equal(new Lifetime(1, 2), waves.Of(new(2, 3)));
    }

    [Fact]
    public void A_border_on_one_side_only_leaves_the_image_as_it_is()
    {
        var x = Variable("x", [1, 2, 3, 2]);
        Runs.Agree([Pad(x, [0, 0, 3, 0], [0, 0, 2, 2], PadMode.Edge)], Runs.Uniform(x));
    }

    [Fact]
    public void Gradients_to_weights_and_to_the_input_run_beside_each_other()
    {
        var (x, w, v) = (Variable("x", [256, 300]), Variable("w", [300, 300]), Variable("v", [300, 300]));
        var loss = Sum(Square(MatMul(Tanh(MatMul(x, w)), v)));
        var dwdv = Gradient.Of(loss, [w, v]);
        Assert.Contains("+ MatMul(Transpose", Cpu.Compile([loss], [(w, w - dwdv[0]), (v, v - dwdv[1])]).Print(),
            StringComparison.Ordinal);
    }

    /// <summary>For each step its wave, strand and place in that.</summary>
    private static Dictionary<int, (int Wave, int Strand, int At)> Places(IEnumerable<Wave> waves) =>
        waves.SelectMany((wave, w) => wave.Strands.SelectMany((strand, s) =>
            strand.Select((step, at) => (step, place: (w, s, at))))).ToDictionary(pair => pair.step, pair => pair.place);

    private static bool IsBefore((int Wave, int Strand, int At) a, (int Wave, int Strand, int At) b) =>
        a.Wave < b.Wave || a.Wave == b.Wave && a.Strand == b.Strand && a.At < b.At;
}
