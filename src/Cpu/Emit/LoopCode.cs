using System.Collections.Concurrent;

namespace AutoDiffCnn;

/// <summary>A <see cref="LoopBody"/> that can be run: emitted where it is worth it and the runtime allows it,
/// interpreted otherwise.</summary>
internal sealed unsafe class LoopCode
{
    // Plans hold their loops; one that no plan holds any more is forgotten.
    private static readonly ConcurrentDictionary<(LoopBody, bool), WeakReference<LoopCode>> Known = new();

    private readonly LoopInterpreter? interpreter;
    private readonly Lazy<Code.Compiled>? compiled;

    private LoopCode(LoopBody body, bool emit)
    {
        Body = body;
        compiled = emit ? new(() => LoopEmitter.Emit(body)) : null;
        interpreter = emit ? null : new(body);
    }

    /// <summary>What is run.</summary>
    public LoopBody Body { get; }

    /// <summary>The floats of scratch memory that a run needs.</summary>
    public int Scratch => interpreter?.Scratch ?? 0;

    /// <summary>The code of a body; equal bodies share it.</summary>
    /// <param name="body">The body.</param>
    /// <param name="emit">Whether it is worth emitting.</param>
    public static LoopCode Of(LoopBody body, bool emit)
    {
        var key = (body, emit && Code.IsSupported);
        if (Known.TryGetValue(key, out var known) && known.TryGetTarget(out var code))
        {
            return code;
        }

        var made = new LoopCode(body, key.Item2);
        Known[key] = new(made);
        return made;
    }

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
}
