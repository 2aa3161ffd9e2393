using static AutoDiffCnn.Functions;

namespace AutoDiffCnn.Tests;

/// <summary>Loops over few elements, which are emitted when they have been run often.</summary>
public class HotLoopTests
{
    private const long EmitFrom = 200_000;

    [Fact]
    public void Becomes_code_while_sessions_run_it_with_the_same_bits()
    {
        var (x, b) = (Variable("x", [20, 45]), Variable("b", [45]));
        var y = Tanh(x * b) - Minimum(x, 0.25);
        var values = Runs.Uniform(x, b);
        var plan = Cpu.Compile([y], [], new Choices(EmitFrom: EmitFrom));
        var code = LoopCode.Of(((LoopStep)plan.Steps.Single()).Loop.Body, y.Shape.Elements, EmitFrom);
        var expected = Cpu.Compile([y], [], Runs.Interpreted).Values(values, [y])[0].ToSingles().ToArray();

        Assert.Equal(expected, plan.Values(values, [y])[0].ToSingles());
        Assert.False(code.IsEmitted);
        Parallel.For(0, 4, _ =>
        {
            using var session = plan.Start(1);
            session.Set(x, values[x]);
            session.Set(b, values[b]);
            for (var i = 0; i < EmitFrom / y.Shape.Elements; i++)
            {
                session.Run();
                Assert.Equal(expected, session.Get(y).ToSingles());
            }
        });
        Assert.True(SpinWait.SpinUntil(() => code.IsEmitted, TimeSpan.FromSeconds(60)), "it never was");
        Assert.Equal(expected, plan.Values(values, [y])[0].ToSingles());
    }

    [Theory]
    [InlineData(EmitFrom, 1_000, true)]
    [InlineData(EmitFrom, 3_000, false)]
    [InlineData(0, 1, false)]
    [InlineData(long.MaxValue, 1 << 30, true)]
    public void A_loop_is_code_at_once_where_a_hundred_runs_are_worth_it(long emitFrom, int elements, bool needsScratch)
    {
        // Only what may be interpreted takes the interpreter's memory.
        var x = Variable("x", [elements]);
        Assert.Equal(needsScratch, Cpu.Compile([Tanh(x) * x], [], new Choices(EmitFrom: emitFrom)).Steps.Single().Scratch > 0);
    }
}
