using System.Collections.Immutable;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Where an operand of an <see cref="Epilogue"/> is found.</summary>
internal enum EpilogueSource
{
    /// <summary>The sum in its register.</summary>
    Sum,

    /// <summary>Another image's element of the same place.</summary>
    Dense,

    /// <summary>A number for each channel, where registers run along channels.</summary>
    Channel,

    /// <summary>A number for each channel, where each row of sums is a channel.</summary>
    Row,

    /// <summary>One number.</summary>
    Number,
}

/// <summary>A loop over what a kernel makes, done to its sums in registers on their way to memory: bias, batch norm, activation,
/// residual.</summary>
/// <param name="Loop">The loop.</param>
/// <param name="Form">What of it is code.</param>
internal sealed record Epilogue(Loop Loop, EpilogueForm Form)
{
    // Beside longer formulas, or longer sums, the way to the cache and back is little; compiling each tile's formulas is more.
    private const int MostEffort = 16;
    private const int MostDepth = 160;

    // Each register of sums has formulas of its own, and the runtime inlines only into methods of some hundred variables.
    private const int MostSize = 600;

    /// <summary>The loop as an epilogue, if it can be one.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="sums">The buffer of what the kernel makes.</param>
    /// <param name="channels">How many channels it has.</param>
    /// <param name="depth">How many products a sum has.</param>
    /// <param name="registers">How many registers of sums the kernel has, whole ones.</param>
    /// <param name="areLast">Whether channels are the last axis, along which registers run; else they are the first.</param>
    public static Epilogue? Of(Loop loop, int sums, int channels, int depth, int registers, bool areLast = true)
    {
        if (!Code.IsSupported || !Vector512.IsHardwareAccelerated || loop.Body is not { Stored.Length: 1, Folds: [] } body
            || depth > MostDepth || body.Effort > MostEffort || body.Size * registers > MostSize || loop.Space.Planes != 1)
        {
            return null;
        }

        var sources = ImmutableArray.CreateBuilder<EpilogueSource>();
        foreach (var operand in loop.Operands.AsSpan()[..body.Sources.Length])
        {
            if (operand.View is null)
            {
                sources.Add(EpilogueSource.Number);
            }
            else if (operand.View == loop.Space.Dense && !operand.IsIndex)
            {
                sources.Add(operand.Buffer == sums ? EpilogueSource.Sum : EpilogueSource.Dense);
            }
            else if (areLast && operand is { IsPattern: true, IsIndex: false, View.Start: 0 } && loop.Space.Columns == channels)
            {
                sources.Add(EpilogueSource.Channel);
            }
            else if (!areLast && operand is { IsIndex: false, View: { Row: 1, Column: 0, Start: 0 } } && loop.Space.Rows == channels)
            {
                sources.Add(EpilogueSource.Row);
            }
            else
            {
                return null;
            }
        }

        return sources.Contains(EpilogueSource.Sum) ? new(loop, new(body with { Streams = false }, sources.ToImmutable())) : null;
    }

    /// <summary>What a kernel is told of each operand: how many bytes behind its result another image lies, where the channels'
    /// numbers are, or the number itself.</summary>
    /// <param name="arguments">Where it is told.</param>
    /// <param name="buffers">The address of each buffer.</param>
    /// <param name="y">The kernel's result.</param>
    /// <param name="channel">The first channel that it makes.</param>
    public unsafe void Fill(nint* arguments, float** buffers, float* y, int channel = 0)
    {
        for (var i = 0; i < Form.Sources.Length; i++)
        {
            var operand = Loop.Operands[i];
            arguments[i] = Form.Sources[i] switch
            {
                EpilogueSource.Dense => (nint)buffers[operand.Buffer] - (nint)y,
                EpilogueSource.Channel or EpilogueSource.Row => (nint)(buffers[operand.Buffer] + channel),
                EpilogueSource.Number => BitConverter.SingleToInt32Bits(operand.Number),
                _ => 0,
            };
        }
    }
}

/// <summary>An <see cref="Epilogue"/> without the places of its operands, so that loops that do the same share their code.</summary>
/// <param name="Body">The loop.</param>
/// <param name="Sources">Where its operands are.</param>
internal sealed record EpilogueForm(LoopBody Body, ImmutableArray<EpilogueSource> Sources)
{
    /// <inheritdoc/>
    public bool Equals(EpilogueForm? other) =>
        other is not null && Body.Equals(other.Body) && Sources.AsSpan().SequenceEqual(other.Sources.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Body.GetHashCode();
}

/// <summary>Writes an <see cref="EpilogueForm"/> into a kernel's code.</summary>
internal sealed class EpilogueCode
{
    private readonly Code code;
    private readonly EpilogueForm epilogue;
    private readonly Code.Pointer?[] addresses;
    private readonly Code.Lane[] values;

    /// <summary>The code.</summary>
    /// <param name="code">The kernel's.</param>
    /// <param name="epilogue">What is written.</param>
    /// <param name="y">The kernel's result.</param>
    /// <param name="first">The place of the first of the arguments that <see cref="Epilogue.Fill"/> makes.</param>
    public EpilogueCode(Code code, EpilogueForm epilogue, Code.Pointer y, int first)
    {
        (this.code, this.epilogue) = (code, epilogue);
        values = [.. Arrays.Range(0, epilogue.Body.Values).Select(_ => code.NewLane())];
        addresses = [.. epilogue.Sources.Select((source, i) => source switch
        {
            EpilogueSource.Dense => code.At(y, code.Argument(first + i), 0),
            EpilogueSource.Channel or EpilogueSource.Row => code.Address(first + i),
            EpilogueSource.Number => code.Arguments(first + i),
            _ => null,
        })];
        for (var i = 0; i < addresses.Length; i++)
        {
            if (epilogue.Sources[i] == EpilogueSource.Number)
            {
                code.Spread(values[i], addresses[i]!, 0);
            }
        }
    }

    /// <summary>Writes what becomes of a register of sums.</summary>
    /// <param name="sum">The sums.</param>
    /// <param name="y">The result.</param>
    /// <param name="place">Their place in it.</param>
    /// <param name="streams">Whether past the caches.</param>
    /// <param name="channel">Their first channel.</param>
    /// <param name="row">Their row.</param>
    public void Store(Code.Vector sum, Code.Pointer y, long place, bool streams, long channel, int row = 0)
    {
        for (var i = 0; i < addresses.Length; i++)
        {
            switch (epilogue.Sources[i])
            {
                case EpilogueSource.Sum:
                    code.Copy(values[i], sum);
                    break;
                case EpilogueSource.Dense:
                    code.Fill(values[i], addresses[i]!, place);
                    break;
                case EpilogueSource.Channel:
                    code.Fill(values[i], addresses[i]!, channel);
                    break;
                case EpilogueSource.Row:
                    code.Spread(values[i], addresses[i]!, row);
                    break;
                case EpilogueSource.Number:
                    break;
            }
        }

        for (var i = 0; i < epilogue.Body.Instructions.Length; i++)
        {
            var (formula, a, b, c) = epilogue.Body.Instructions[i];
            code.Call(values[addresses.Length + i], formula, values[a], values[b], values[c]);
        }

        code.Store(values[epilogue.Body.Stored[0]], y, place, streams);
    }

    /// <summary>Goes to the next channels.</summary>
    public void Advance(long channels)
    {
        for (var i = 0; i < addresses.Length; i++)
        {
            if (epilogue.Sources[i] is EpilogueSource.Dense or EpilogueSource.Channel)
            {
                code.Advance(addresses[i]!, channels);
            }
        }
    }
}
