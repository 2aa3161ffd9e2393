using System.Runtime.CompilerServices;

namespace AutoDiffCnn.Tests;

/// <summary>Runs alone: what other tests allocate and start meanwhile would count.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public class Alone;

/// <summary>What a session takes of the process: nothing of the managed heap in a steady-state step, and nothing for
/// good.</summary>
[Collection(nameof(Alone))]
public class ResourceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_step_allocates_nothing(int threads)
    {
        var (x, w, t) = (Variable("x", [8, 1, 12, 12]), Variable("w", [4, 1, 3, 3]), Variable("t", [8], Kind.Index));
        var v = Variable("v", [10, 100]);
        var key = Variable("key", [2], Kind.Index);
        var loss = SoftmaxCrossEntropy(Dense(Dropout(Flatten(MaxPool(Relu(Conv2D(x, w)), 2)), 0.5, key), v), t);
        var gradients = Gradient.Of(loss, [w, v]);
        using var session = Cpu.Compile([loss], [(w, w - 0.1 * gradients[0]), (v, v - 0.1 * gradients[1]), (key, FoldIn(key, 1))]).Start(threads);
        session.Set(x, Key.Of(1).Normal(x.Shape));
        session.Set(w, Key.Of(2).Normal(w.Shape));
        session.Set(v, Key.Of(3).Normal(v.Shape));
        session.Set(key, Key.Of(4).ToTensor());
        session.Set(t, Tensor.Fill([8], 3));
        // The count is the whole process's, and the test runner may still be writing its report of the test before:
        // what a step allocates shows in every attempt, the runner's share does not.
        Assert.Contains(0, Enumerable.Range(0, 50).Select(_ => Allocated(session)));
    }

    private static long Allocated(Session session)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < 100; i++)
        {
            session.Run();
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    [Fact]
    public void A_forgotten_session_is_collected_with_its_threads()
    {
        var before = Thread();
        for (var i = 0; i < 20; i++)
        {
            Forget();
        }

        for (var i = 0; i < 50 && Thread() > before + 4; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            System.Threading.Thread.Sleep(20);
        }

        Assert.InRange(Thread(), 0, before + 4);

        static int Thread() => System.Diagnostics.Process.GetCurrentProcess().Threads.Count;
    }

    [Fact]
    public void Ten_thousand_steps_take_no_more_memory()
    {
        using var session = Started(channels: 16);
        var before = Resident(() => Repeat(1_000));
        Assert.InRange(Resident(() => Repeat(10_000)), 0, before + (8 << 20));

        void Repeat(int times)
        {
            for (var i = 0; i < times; i++)
            {
                session.Run();
            }
        }
    }

    /// <summary>Each plan has kernels of its own sizes; they go when it goes.</summary>
    [Fact]
    public void A_hundred_plans_take_no_more_memory()
    {
        var before = Resident(() => Compile(17, 60));
        Assert.InRange(Resident(() => Compile(60, 160)), 0, before + (48 << 20));

        static void Compile(int first, int end)
        {
            for (var channels = first; channels < end; channels++)
            {
                using var session = Started(channels);
                session.Run();
            }
        }
    }

    private static long Resident(Action work)
    {
        work();
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Session Started(int channels)
    {
        var (x, w) = (Variable("x", [2, channels, 9, 9]), Variable("w", [channels, channels, 3, 3]));
        var loss = Sum(Square(Relu(Conv2D(x, w, Same))));
        var session = Cpu.Compile([loss], [(w, w - 1e-6 * Gradient.Of(loss, w))]).Start(2);
        session.Set(x, Key.Of(1).Normal(x.Shape));
        session.Set(w, Key.Of(2).Normal(w.Shape));
        return session;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget()
    {
        var x = Variable("x", [3]);
        var session = Cpu.Compile([x + 1]).Start(3);
        session.Set(x, Tensor.Of([1, 2, 3]));
        session.Run();
    }
}
