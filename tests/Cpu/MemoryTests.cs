using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>The memory of a plan.</summary>
public class MemoryTests
{
    private static readonly Gen<(Buffer[] Buffers, Lifetime[] Lifetimes)> plans =
        from count in Gen.Choose(1, 40)
        from sizes in Gen.Choose(0, 200).ArrayOf(count)
        from firsts in Gen.Choose(0, 30).ArrayOf(count)
        from lengths in Gen.Choose(0, 10).ArrayOf(count)
        from kept in Gen.Choose(0, 5).ArrayOf(count)
        select (sizes.Zip(kept, (size, keep) => new Buffer(null, size, keep == 0)).ToArray(),
            firsts.Zip(lengths, (first, length) => new Lifetime(first, first + length)).ToArray());

    [Fact]
    public void What_lives_at_the_same_time_never_shares_memory() => Law.ForAll(plans, plan =>
    {
        var (buffers, lifetimes) = plan;
        var (offsets, size) = Memory.Assign(buffers, lifetimes, new Dictionary<int, int>());
        for (var i = 0; i < buffers.Length; i++)
        {
            Assert.Equal(0, offsets[i] % 64);
            Assert.InRange(offsets[i] + Bytes(buffers[i]), 0, size);
            for (var j = 0; j < i; j++)
            {
                var together = buffers[i].Persistent || buffers[j].Persistent
                    || lifetimes[i].First <= lifetimes[j].Last && lifetimes[j].First <= lifetimes[i].Last;
                var apart = offsets[i] + Bytes(buffers[i]) <= offsets[j] || offsets[j] + Bytes(buffers[j]) <= offsets[i];
                Assert.True(!together || apart, $"buffers {i} and {j} overlap");
            }
        }
    }, 500);

    [Fact]
    public void The_arena_is_no_larger_than_all_buffers_and_no_smaller_than_what_lives_together() => Law.ForAll(plans, plan =>
    {
        var (buffers, lifetimes) = plan;
        var (_, size) = Memory.Assign(buffers, lifetimes, new Dictionary<int, int>());
        var most = Enumerable.Range(0, 50).Max(unit => buffers.Where((buffer, i) =>
            buffer.Persistent || lifetimes[i].First <= unit && unit <= lifetimes[i].Last).Sum(Bytes));
        Assert.InRange(size, most, buffers.Sum(Bytes));
    }, 500);

    [Fact]
    public void Memory_grows_with_what_lives_and_not_with_the_length_of_the_chain()
    {
        Assert.Equal(Arena(20), Arena(200));

        static long Arena(int length)
        {
            var x = Variable("x", [100, 100]);
            var y = x;
            for (var i = 0; i < length; i++)
            {
                y = Sin(Transpose(y));
            }

            return Cpu.Compile([y]).ArenaBytes;
        }
    }

    [Fact]
    public void What_only_an_empty_step_reads_keeps_its_memory()
    {
        var (kept, m, s) = (Variable("kept", [2, 2]), Variable("m", [2, 2]), Variable("s", []));
        var y = Concat(1, MatMul(MatMul(m, m), m), BroadcastTo(Exp(s), [2, 0]));
        Runs.Agree([StopGradient(kept), y], Runs.Uniform(kept, m, s));
    }

    [Fact]
    public void A_plan_prints_its_steps_and_its_memory()
    {
        var (x, w) = (Variable("x", [2, 1, 6, 6]), Variable("w", [3, 1, 3, 3]));
        var plan = Cpu.Compile([Sum(Square(Relu(Conv2D(x, w))))]);
        Assert.Equal("""
               0  pack kernels
               1  Conv2D : [2, 3, 4, 4]  in 2 pieces
               2  loop Relu, Multiply, SumTo [] : [2, 3, 4, 4]
            memory
                       0         288 bytes  x [2, 1, 6, 6], kept
                     320         108 bytes  w [3, 1, 3, 3], kept
                     448         384 bytes  Conv2D [2, 3, 4, 4]
                     832           4 bytes  SumTo []
                     832         288 bytes  workspace
            arena 1152 bytes (396 kept; 676 of intermediates share 756), 16704 bytes a thread
            """, plan.Print());
        Assert.Equal(plan.ArenaBytes + 3 * plan.ScratchBytes, plan.PeakBytes(3));
    }

    private static long Bytes(Buffer buffer) => Math.Max(1, (buffer.Floats * 4 + 63) / 64) * 64;
}
