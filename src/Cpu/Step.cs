namespace AutoDiffCnn;

/// <summary>One step of a plan: a kernel with its buffers. It is cut into pieces that depend on nothing but the shapes,
/// so any number of threads computes the same bits.</summary>
/// <param name="text">What is done; it becomes a string only when somebody asks,
/// because plans may have many steps.</param>
internal abstract unsafe class Step(object text)
{
    /// <summary>What is done, for the plan's print.</summary>
    public string Text => text.ToString()!;

    /// <summary>How many pieces there are; they may run at the same time and in any order.</summary>
    public virtual int Pieces => 1;

    /// <summary>How many floats of scratch memory each thread needs.</summary>
    public virtual int Scratch => 0;

    /// <summary>How many stretches of its result a piece writes.</summary>
    internal virtual int StretchesOfPiece => 1;

    /// <summary>The elements of its result that a piece writes, if they lie in stretches and nobody else writes any of
    /// them: then another step on them may follow at once, while they are in the cache.</summary>
    internal virtual (long First, long End)? Stretch(int piece, int stretch) => null;

    /// <summary>The same in pieces of so many rows of its result, or of multiples of that, if it can be cut so.</summary>
    internal virtual Step Together(int rows) => this;

    /// <summary>The same with a loop over its result that is done before that is written, and is all that reads it, if that can be.</summary>
    /// <param name="then">The loop.</param>
    /// <param name="y">Where the loop's result goes.</param>
    /// <param name="past">Whether past the caches.</param>
    internal virtual Step? With(LoopStep then, int y, bool past) => null;

    /// <summary>The buffer of a variable on which alone the result depends, which is kept: while that does not
    /// change, the step is left out. Below 0 if there is none.</summary>
    public virtual int PreparedFrom => -1;

    /// <summary>Does one piece.</summary>
    /// <param name="buffers">The address of each buffer.</param>
    /// <param name="piece">Which piece.</param>
    /// <param name="scratch">The thread's scratch memory, aligned to 64 bytes.</param>
    public abstract void Run(float** buffers, int piece, float* scratch);

    /// <summary>The next multiple of sixteen: vectors are never cut.</summary>
    internal static int Whole(int count) => (count + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>The size of nearly equal parts of at most a size.</summary>
    internal static int Even(int whole, int most) => (whole + (whole + most - 1) / most - 1) / ((whole + most - 1) / most);

    /// <summary>The size of the last part.</summary>
    internal static int Rest(int whole, int part) => whole % part == 0 ? part : whole % part;
}

/// <summary>What two steps do, one right behind the other.</summary>
internal sealed record Both(Step First, Step Then)
{
    public override string ToString() => $"{First.Text}, then {Then.Text}";
}
