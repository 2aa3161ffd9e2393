using System.Runtime.InteropServices;

namespace AutoDiffCnn;

/// <summary>The memory in which a user sees a tensor that a plan keeps in another order, and the copies between
/// both.</summary>
internal sealed unsafe class Turned : IDisposable
{
    private const nuint Alignment = 64;

    private readonly Team team;
    private readonly Action<int> work;
    private readonly Step toUser;
    private readonly Step toPlan;
    private readonly float** both;
    private Step running;
    private int next;

    /// <summary>Memory for a tensor of a plan.</summary>
    /// <param name="kept">The tensor.</param>
    /// <param name="memory">Where the plan keeps it.</param>
    /// <param name="team">Who copies.</param>
    public Turned(Kept kept, float* memory, Team team)
    {
        this.team = team;
        work = Work;
        Bytes = Math.Max(1, kept.Given.Shape.Elements) * sizeof(float);
        both = (float**)NativeMemory.Alloc(2, (nuint)sizeof(float*));
        both[0] = (float*)NativeMemory.AlignedAlloc((nuint)Bytes, Alignment);
        both[1] = memory;
        var (given, inner) = (kept.Given.Shape.Strides(), kept.Node.Shape.Strides());
        var (toInner, toGiven) = (new CopyStep.Axis[inner.Length], new CopyStep.Axis[inner.Length]);
        for (var i = 0; i < inner.Length; i++)
        {
            var (axis, size) = (kept.Axes[i], kept.Node.Shape[i]);
            toInner[i] = new(size, given[axis], inner[i]);
            toGiven[axis] = new(size, inner[i], given[axis]);
        }

        toPlan = running = CopyStep.Of("to the plan's order", toInner, 0, 0, 1, 0);
        toUser = CopyStep.Of("to the user's order", toGiven, 1, 0, 0, 0);
        new Span<float>(User, (int)kept.Given.Shape.Elements).Clear();
    }

    /// <summary>Whether what the user may have written waits to be copied into the plan.</summary>
    public bool IsLent { get; set; }

    /// <summary>The memory that the user sees.</summary>
    public float* User => both[0];

    /// <summary>The size.</summary>
    public long Bytes { get; }

    /// <summary>Copies from the plan to the user.</summary>
    public void ToUser() => Run(toUser);

    /// <summary>Copies from the user to the plan.</summary>
    public void ToPlan()
    {
        Run(toPlan);
        IsLent = false;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(both[0]);
        NativeMemory.Free(both);
    }

    private void Run(Step step)
    {
        if (step.Pieces == 1)
        {
            step.Run(both, 0, null);
            return;
        }

        (running, next) = (step, 0);
        team.Run(work);
    }

    private void Work(int worker)
    {
        for (var piece = Interlocked.Increment(ref next) - 1;
            piece < running.Pieces;
            piece = Interlocked.Increment(ref next) - 1)
        {
            running.Run(both, piece, null);
        }
    }
}
