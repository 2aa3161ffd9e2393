namespace AutoDiffCnn;

/// <summary>A buffer that is computed stretch by stretch in a thread's scratch memory instead, which stays in the
/// cache: so memory is not first read that is about to be overwritten.</summary>
internal sealed unsafe class Aside
{
    // A larger stretch would leave the cache before it is read.
    private const long MostFloats = 1 << 17;

    private readonly int buffer;
    private readonly int buffers;
    private readonly int floats;

    private Aside(int buffer, int buffers, long floats) =>
        (this.buffer, this.buffers, this.floats) = (buffer, buffers, (int)(floats / Lanes.Count + 2) * Lanes.Count);

    /// <summary>The floats of scratch memory: a stretch, and the buffers' addresses.</summary>
    public int Scratch => floats + (2 * buffers / Lanes.Count + 1) * Lanes.Count;

    /// <summary>The buffer into which a step writes one small stretch a piece; null if it does not.</summary>
    /// <param name="maker">The step.</param>
    /// <param name="buffer">The buffer.</param>
    /// <param name="buffers">How many buffers whoever works on it knows.</param>
    public static Aside? Of(Step maker, int buffer, int buffers)
    {
        var most = 0L;
        for (var piece = 0; piece < maker.Pieces; piece++)
        {
            most = maker is { StretchesOfPiece: 1 } && maker.Stretch(piece, 0) is var (first, end)
                ? Math.Max(most, end - first)
                : long.MaxValue;
        }

        return most is > 0 and <= MostFloats ? new(buffer, buffers, most) : null;
    }

    /// <summary>The addresses of the buffers, where the stretch from <paramref name="first"/> on is in
    /// <paramref name="scratch"/>.</summary>
    public float** Put(float** all, long first, float* scratch)
    {
        var own = (float**)(scratch + floats);
        for (var i = 0; i < buffers; i++)
        {
            own[i] = all[i];
        }

        // As far from the beginning of a line as in the buffer.
        own[buffer] = scratch + first % Lanes.Count - first;
        return own;
    }
}
