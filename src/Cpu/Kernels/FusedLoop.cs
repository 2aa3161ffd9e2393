using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Where an operand of a fused loop is found.</summary>
internal abstract record Operand
{
    /// <summary>The buffer as it is: element i of the loop is element i of the buffer.</summary>
    internal sealed record Dense(int Buffer) : Operand;

    /// <summary>A smaller buffer that is repeated. Sizes and steps run from the innermost axis outwards;
    /// a step of 0 repeats.</summary>
    internal sealed record Repeated(int Buffer, int Register, ImmutableArray<(long Size, long Step)> Axes) : Operand
    {
        public bool IsScalar { get; } = Axes.All(axis => axis.Step == 0);
    }

    /// <summary>A number.</summary>
    internal sealed record Number(float Value, int Register) : Operand;

    /// <summary>An intermediate result, which lives only as long as the tile.</summary>
    internal sealed record Temporary(int Register) : Operand;
}

/// <summary>One formula within a fused loop; operands by number.</summary>
internal readonly record struct Instruction(nint Loop, int A, int B, int C, int Y);

/// <summary>A chain of elementwise ops as one pass over memory: tile by tile through all formulas, intermediates stay
/// in the nearest cache.</summary>
internal sealed unsafe class FusedLoop(
    object text, long count, ImmutableArray<Operand> operands, ImmutableArray<Instruction> program,
    int registers) : Step(text)
{
    private const int Tile = 1024;
    private const int Chunk = 16 * Tile;

    public override int Pieces => (int)((count + Chunk - 1) / Chunk);

    // One pointer an operand, then the registers.
    public override int Scratch => Whole(operands.Length * 2) + registers * Tile;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var at = (float**)scratch;
        var register = scratch + Whole(operands.Length * 2);
        var (first, end) = (piece * (long)Chunk, Math.Min(count, (piece + 1L) * Chunk));
        FillOnce(buffers, register, at);
        for (var start = first; start < end; start += Tile)
        {
            var length = (int)Math.Min(Tile, end - start);
            for (var i = 0; i < operands.Length; i++)
            {
                switch (operands[i])
                {
                    case Operand.Dense dense:
                        at[i] = buffers[dense.Buffer] + start;
                        break;
                    case Operand.Repeated { IsScalar: false } repeated:
                        Repeat(buffers[repeated.Buffer], repeated.Axes.AsSpan(), start, length, at[i]);
                        break;
                }
            }

            foreach (var step in program.AsSpan())
            {
                ((delegate*<float*, float*, float*, float*, int, void>)step.Loop)(
                    at[step.A], at[step.B], at[step.C], at[step.Y], length);
            }
        }
    }

    /// <summary>Sets the registers' addresses, and fills those whose content never changes.</summary>
    private void FillOnce(float** buffers, float* register, float** at)
    {
        for (var i = 0; i < operands.Length; i++)
        {
            switch (operands[i])
            {
                case Operand.Number number:
                    at[i] = register + number.Register * Tile;
                    new Span<float>(at[i], Tile).Fill(number.Value);
                    break;
                case Operand.Repeated repeated:
                    at[i] = register + repeated.Register * Tile;
                    if (repeated.IsScalar)
                    {
                        new Span<float>(at[i], Tile).Fill(*buffers[repeated.Buffer]);
                    }

                    break;
                case Operand.Temporary temporary:
                    at[i] = register + temporary.Register * Tile;
                    break;
            }
        }
    }

    /// <summary>Writes elements start … start + length − 1 of a repeated buffer,
    /// run by run along the innermost axis.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Repeat(float* source, ReadOnlySpan<(long Size, long Step)> axes, long start,
        int length, float* target)
    {
        var (inner, step) = axes[0];
        var within = start % inner;
        var row = start / inner;
        for (var done = 0; done < length; row++, within = 0)
        {
            var offset = within * step;
            var rest = row;
            for (var axis = 1; axis < axes.Length; axis++)
            {
                offset += rest % axes[axis].Size * axes[axis].Step;
                rest /= axes[axis].Size;
            }

            var run = (int)Math.Min(inner - within, length - done);
            if (step == 0)
            {
                new Span<float>(target + done, run).Fill(source[offset]);
            }
            else
            {
                new ReadOnlySpan<float>(source + offset, run).CopyTo(new Span<float>(target + done, run));
            }

            done += run;
        }
    }

    /// <summary>How <paramref name="small"/> is repeated to <paramref name="large"/>,
    /// neighbouring axes of one kind merged.</summary>
    public static ImmutableArray<(long Size, long Step)> Axes(Shape small, Shape large)
    {
        var axes = ImmutableArray.CreateBuilder<(long Size, long Step)>();
        var (missing, from) = (large.Rank - small.Rank, small.Strides());
        for (var axis = large.Rank - 1; axis >= 0; axis--)
        {
            var repeats = axis < missing || small[axis - missing] == 1;
            var (size, step) = ((long)large[axis], repeats ? 0 : from[axis - missing]);
            if (size == 1)
            {
                continue;
            }

            var merges = axes.Count > 0
                && (step == 0 ? axes[^1].Step == 0 : axes[^1].Step > 0 && step == axes[^1].Step * axes[^1].Size);
            if (merges)
            {
                axes[^1] = (axes[^1].Size * size, axes[^1].Step);
            }
            else
            {
                axes.Add((size, step));
            }
        }

        return axes.Count == 0 ? [(1, 0)] : axes.ToImmutable();
    }
}
