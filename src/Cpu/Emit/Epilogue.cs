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

    /// <summary>A number for each channel.</summary>
    Channel,

    /// <summary>One number.</summary>
    Number,
}

/// <summary>A loop over what a kernel makes, done to its sums in registers on their way to memory: bias, batch norm, activation,
/// residual.</summary>
/// <param name="Loop">The loop.</param>
/// <param name="Form">What of it is code.</param>
internal sealed record Epilogue(Loop Loop, EpilogueForm Form)
{
    // Each register of a kernel has code of its own, so formulas must be short.
    private const int MostEffort = 16;

    /// <summary>The loop as an epilogue, if it can be one.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="sums">The buffer of what the kernel makes.</param>
    /// <param name="channels">How many channels it has, which are its last axis; registers are sixteen of them.</param>
    public static Epilogue? Of(Loop loop, int sums, int channels)
    {
        if (!Code.IsSupported || !Vector512.IsHardwareAccelerated || channels % Lanes.Count != 0 || loop.Body is not { Stored.Length: 1, Folds: [] } body
            || body.Effort > MostEffort || loop.Space.Planes != 1)
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
            else if (operand is { IsPattern: true, IsIndex: false, View.Start: 0 } && loop.Space.Columns == channels)
            {
                sources.Add(EpilogueSource.Channel);
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
    public unsafe void Fill(nint* arguments, float** buffers, float* y)
    {
        for (var i = 0; i < Form.Sources.Length; i++)
        {
            var operand = Loop.Operands[i];
            arguments[i] = Form.Sources[i] switch
            {
                EpilogueSource.Dense => (nint)buffers[operand.Buffer] - (nint)y,
                EpilogueSource.Channel => (nint)buffers[operand.Buffer],
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
            EpilogueSource.Channel => code.Address(first + i),
            EpilogueSource.Number => code.Arguments(first + i),
            _ => null,
        })];
        for (var i = 0; i < addresses.Length; i++)
        {
            if (epilogue.Sources[i] == EpilogueSource.Number)
            {
                code.Copy(values[i], code.Spread(addresses[i]!, 0));
            }
        }
    }

    /// <summary>What becomes of a register of sums.</summary>
    /// <param name="sum">The sums.</param>
    /// <param name="place">Their place in the result.</param>
    /// <param name="channel">Their first channel.</param>
    public Code.Vector Of(Code.Vector sum, long place, long channel)
    {
        for (var i = 0; i < addresses.Length; i++)
        {
            if (epilogue.Sources[i] != EpilogueSource.Number)
            {
                code.Copy(values[i], epilogue.Sources[i] == EpilogueSource.Sum ? sum
                    : code.Load(addresses[i]!, epilogue.Sources[i] == EpilogueSource.Dense ? place : channel));
            }
        }

        for (var i = 0; i < epilogue.Body.Instructions.Length; i++)
        {
            var (formula, a, b, c) = epilogue.Body.Instructions[i];
            var operands = new[] { values[a].Local, values[b].Local, values[c].Local };
            code.Call(values[addresses.Length + i], formula.Method, operands.AsSpan(0, formula.Inputs));
        }

        return code.Register(values[epilogue.Body.Stored[0]]);
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
