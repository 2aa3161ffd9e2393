using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>A <see cref="LoopBody"/> that can be run: emitted where it is worth it and the runtime allows it, as a whole
/// or formula by formula; interpreted otherwise.</summary>
internal sealed unsafe class LoopCode
{
    // Where a vector is several registers, a larger loop has more than the 512 variables up to which the JIT inlines: with
    // calls it takes three times as long.
    private const int MostInlined = 110;

    private static readonly Kept<Key, LoopCode> Known = new(key => new(key.Body, key.Emit));

    private readonly LoopInterpreter? interpreter;
    private readonly Lazy<Code.Compiled>? compiled;

    private LoopCode(LoopBody body, bool emit)
    {
        Body = body;
        var whole = emit && (Vector512.IsHardwareAccelerated || body.Effort + body.Instructions.Length <= MostInlined);
        compiled = whole ? new(() => LoopEmitter.Emit(body)) : null;
        interpreter = whole ? null : new(body, emit);
    }

    /// <summary>What is run.</summary>
    public LoopBody Body { get; }

    /// <summary>The floats of scratch memory that a run needs.</summary>
    public int Scratch => interpreter?.Scratch ?? 0;

    /// <summary>The code of a body; equal bodies share it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="emit">Whether it is worth emitting.</param>
    public static LoopCode Of(LoopBody body, bool emit) => Known.Of(new(body, emit && Code.IsSupported));

    /// <summary>Runs over some rows; see <see cref="LoopBody"/> for the arguments.</summary>
    public void Run(nint* arguments, float* scratch)
    {
        if (compiled is not null)
        {
            compiled.Value(arguments);
        }
        else
        {
            interpreter!.Run(arguments, scratch);
        }
    }

    private sealed record Key(LoopBody Body, bool Emit);
}
