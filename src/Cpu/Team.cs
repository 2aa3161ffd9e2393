namespace AutoDiffCnn;

/// <summary>Threads that work on one job together: the caller and some helpers, which spin briefly and then park. A
/// spinning team starts within a microsecond; a parked one does not take the machine from others.</summary>
internal sealed class Team : IDisposable
{
    private readonly Crew crew;

    public Team(int size)
    {
        Size = size;
        crew = new Crew(size);
        for (var i = 1; i < size; i++)
        {
            // The thread holds the crew, not the team: so a forgotten team is finalised, which ends its threads.
            var (worker, shared) = (i, crew);
            new Thread(() => shared.Loop(worker)) { IsBackground = true, Name = $"AutoDiffCnn {i}" }.Start();
        }
    }

    ~Team() => crew.Stop();

    public int Size { get; }

    /// <summary>Runs a job once on each member, and returns when all are done. The job must not throw.</summary>
    public void Run(Action<int> job)
    {
        if (Size == 1)
        {
            job(0);
            return;
        }

        crew.Run(job);
        GC.KeepAlive(this);
    }

    /// <summary>Waits until all members have come here; the last one to come sets the counts back.</summary>
    public void Meet(int[] counts)
    {
        if (Size == 1)
        {
            Array.Clear(counts);
            return;
        }

        crew.Meet(counts);
    }

    public void Dispose()
    {
        crew.Stop();
        GC.SuppressFinalize(this);
    }

    private sealed class Crew(int size)
    {
        // About half a millisecond between jobs, and a few dozen microseconds within one: there the others are at work,
        // and if they are not, somebody else has their core.
        private const int SpinsBeforeParking = 20_000;
        private const int SpinsBeforeYielding = 1_000;

        // The system's events and not SemaphoreSlim, which allocates when it waits.
        private readonly AutoResetEvent[] bells = [.. Arrays.Range(0, size).Select(_ => new AutoResetEvent(false))];
        private readonly int[] parked = new int[size];
        private Action<int>? job;
        private int round;
        private int busy;
        private int arrived;
        private int phase;
        private volatile bool stopped;

        public void Run(Action<int> work)
        {
            job = work;
            Volatile.Write(ref busy, size - 1);
            Interlocked.Increment(ref round);
            Wake();
            work(0);
            var spin = default(SpinWait);
            while (Volatile.Read(ref busy) != 0)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            job = null;
        }

        public void Meet(int[] counts)
        {
            var now = Volatile.Read(ref phase);
            if (Interlocked.Increment(ref arrived) == size)
            {
                arrived = 0;
                Array.Clear(counts);
                Volatile.Write(ref phase, now + 1);
                return;
            }

            // Never asleep: the others need microseconds. Yielding after a while lets a machine with fewer free cores
            // than members get on.
            var spin = default(SpinWait);
            for (var i = 0; Volatile.Read(ref phase) == now; i++)
            {
                if (i < SpinsBeforeYielding)
                {
                    Thread.SpinWait(1);
                }
                else
                {
                    spin.SpinOnce(sleep1Threshold: -1);
                }
            }
        }

        public void Loop(int worker)
        {
            var seen = 0;
            while (true)
            {
                AwaitRound(worker, seen);
                seen++;
                if (stopped)
                {
                    return;
                }

                job!(worker);
                Interlocked.Decrement(ref busy);
            }
        }

        public void Stop()
        {
            stopped = true;
            Interlocked.Increment(ref round);
            Wake();
        }

        private void AwaitRound(int worker, int seen)
        {
            for (var i = 0; Volatile.Read(ref round) == seen; i++)
            {
                if (i < SpinsBeforeParking)
                {
                    Thread.SpinWait(1);
                    continue;
                }

                // Park, unless the round has begun meanwhile; whoever takes the flag back rings or swallows the bell.
                Interlocked.Exchange(ref parked[worker], 1);
                if (Volatile.Read(ref round) == seen || Interlocked.Exchange(ref parked[worker], 0) == 0)
                {
                    bells[worker].WaitOne();
                }

                i = 0;
            }
        }

        private void Wake()
        {
            for (var i = 1; i < size; i++)
            {
                if (Volatile.Read(ref parked[i]) == 1 && Interlocked.Exchange(ref parked[i], 0) == 1)
                {
                    bells[i].Set();
                }
            }
        }
    }
}
