namespace AutoDiffCnn;

// What the threads do in a run.
public sealed unsafe partial class Session
{
    /// <summary>What each thread does: of every wave the pieces that it gets hold of.</summary>
    private void Work(int worker)
    {
        var mine = (float*)(scratch + worker * ScratchSize);
        foreach (var wave in Plan.Waves)
        {
            var count = 0;
            foreach (var strand in wave.Strands)
            {
                count += Items(strand);
            }

            // Nobody meets where there is nothing to do.
            if (count == 0)
            {
                continue;
            }

            for (var turn = 0; turn < team.Size; turn++)
            {
                RunShare(wave, (worker + turn) % team.Size, mine);
            }

            team.Meet(taken);
        }
    }

    /// <summary>A strand is the pieces of a step, or some steps of one piece that are one piece together.</summary>
    private int Items(int[] strand) => strand.Length > 1 ? 1 : pieces[strand[0]];

    /// <summary>What is left of a thread's share of a wave, a stretch of each strand. A thread begins with its own,
    /// which is mostly on what it had in its caches before, and then helps the others.</summary>
    private void RunShare(Wave wave, int owner, float* mine)
    {
        var all = Buffers(wave.Round);
        while (true)
        {
            var item = Interlocked.Increment(ref taken[owner * Line]) - 1;
            var isLeft = false;
            foreach (var strand in wave.Strands)
            {
                var items = (long)Items(strand);
                var (first, end) = ((int)(items * owner / team.Size), (int)(items * (owner + 1) / team.Size));
                if (item < end - first)
                {
                    foreach (var step in strand)
                    {
                        RunPiece(Plan.Steps[step], first + item, pieces[step], all, mine);
                    }

                    isLeft = true;
                    break;
                }

                item -= end - first;
            }

            if (!isLeft)
            {
                return;
            }
        }
    }

    /// <summary>All steps without the others, whom nothing would be left to do for.</summary>
    private void RunAlone()
    {
        foreach (var wave in Plan.Waves)
        {
            foreach (var strand in wave.Strands)
            {
                foreach (var step in strand)
                {
                    RunPiece(Plan.Steps[step], 0, pieces[step], Buffers(wave.Round), (float*)scratch);
                }
            }
        }
    }

    private void RunPiece(Step step, int piece, int count, float** all, float* mine)
    {
        try
        {
            if (piece < count && failure is null)
            {
                step.Run(all, piece, mine);
                if (ranks is not null && step is AllReduceStep sum)
                {
                    ranks.Sum(sum.Values(all));
                }
            }
        }
#pragma warning disable CA1031 // Whatever a user's op throws must reach the caller's thread: the others would wait.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref failure, error, null);
        }
    }
}
