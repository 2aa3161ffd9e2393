using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>A <see cref="LoopBody"/> that can be run: emitted, as a whole or formula by formula, when it is first run if that is sure to be worth
/// while; otherwise interpreted until it has gone over so many elements that it is, and emitted meanwhile. The bits are the same.</summary>
internal sealed unsafe class LoopCode : IThreadPoolWorkItem
{
    /// <summary>Interpreting takes about a nanosecond longer for an element, emitting some milliseconds.</summary>
    public const long WorthEmitting = 1 << 20;

    // A run of the interpreter takes as long as so many elements before it looks at the first.
    private const int Beginning = 256;

    // Of a loop over so many elements fewer runs than this are worth it.
    private const int FewRuns = 128;

    // Where a vector is several registers, a larger loop has more than the 512 variables up to which the JIT inlines: with
    // calls it takes three times as long.
    private const int MostInlined = 110;

    private static readonly Kept<Key, LoopCode> Known = new(key => new(key.Body, key.EmitFrom));

    private readonly Lock emitting = new();
    private volatile LoopInterpreter? interpreter;
    private volatile Code.Compiled? compiled;
    private volatile bool isWanted;
    private long left;

    private LoopCode(LoopBody body, long emitFrom)
    {
        (Body, left, isWanted) = (body, emitFrom, emitFrom == 0);
        interpreter = isWanted && IsInlined ? null : new(body, emit: false);
    }

    /// <summary>What is run.</summary>
    public LoopBody Body { get; }

    /// <summary>Whether it is emitted as a whole.</summary>
    public bool IsEmitted => compiled is not null;

    /// <summary>The floats of scratch memory that a run needs.</summary>
    public int Scratch => interpreter?.Scratch ?? 0;

    private bool IsInlined => Vector512.IsHardwareAccelerated || Body.Effort + Body.Instructions.Length <= MostInlined;

    /// <summary>The code of a body; equal bodies share it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="elements">The elements of a run.</param>
    /// <param name="emitFrom">After how many it is emitted.</param>
    public static LoopCode Of(LoopBody body, long elements, long emitFrom) =>
        Known.Of(new(body, !Code.IsSupported ? long.MaxValue : elements >= emitFrom / FewRuns ? 0 : emitFrom));

    /// <summary>Runs over some rows; see <see cref="LoopBody"/> for the arguments.</summary>
    public void Run(nint* arguments, float* scratch)
    {
        if (isWanted)
        {
            EmitOnce();
        }

        if (compiled is { } code)
        {
            code(arguments);
            return;
        }

        interpreter!.Run(arguments, scratch);

        // One of the threads finds that just now it was enough.
        var gone = Beginning + arguments[0] * (long)arguments[1] / sizeof(float);
        var rest = Interlocked.Add(ref left, -gone);
        if (rest <= 0 && rest + gone > 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <summary>Emits it.</summary>
    public void Execute()
    {
        if (IsInlined)
        {
            compiled = LoopEmitter.Emit(Body);
        }
        else
        {
            interpreter = new(Body, emit: true);
        }
    }

    private void EmitOnce()
    {
        lock (emitting)
        {
            if (isWanted)
            {
                Execute();
                isWanted = false;
            }
        }
    }

    private sealed record Key(LoopBody Body, long EmitFrom);
}
