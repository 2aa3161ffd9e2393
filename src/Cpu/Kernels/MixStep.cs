using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Along = AutoDiffCnn.IndexSteps.Along;

namespace AutoDiffCnn;

/// <summary>y[o, i, k] = Σ wᵢⱼ · x[o, j, k], the terms of each row in their order.</summary>
internal static unsafe class MixStep
{
    // More would not stay in the second cache when they are turned.
    private const long MostTurned = 1 << 13;

    /// <summary>The step. Sums of rows of single elements go side by side as they lie, or, where they take from far apart, of
    /// sixteen rows that are turned.</summary>
    public static Step Of(object text, Along along, MixMatrix matrix, int source, int target)
    {
        var terms = new MixTerms([.. matrix.Starts], [.. matrix.Places], matrix.Singles());
        if (along.Inner == 1 && MixWindows.Of(matrix, terms.IsTaking) is { } windows)
        {
            return new RangeStep(text, along.Outer, along.Size + matrix.Rows, (buffers, first, end) =>
                windows.Run(buffers[source] + first * along.Size, buffers[target] + first * matrix.Rows, end - first));
        }

        return along.Inner == 1 && along.Outer > 1 && along.Size + matrix.Rows <= MostTurned
            ? new MixRowsStep(text, along, matrix.Rows, terms, source, target)
            : new RangeStep(text, along.Outer * matrix.Rows, along.Inner * (1 + matrix.Terms / Math.Max(1, matrix.Rows)),
                (buffers, first, end) =>
                {
                    foreach (var (outer, from, to) in new Stretches(first, end, matrix.Rows))
                    {
                        Rows(buffers[source] + outer * along.Size * along.Inner,
                            buffers[target] + outer * matrix.Rows * along.Inner, terms, (int)from, (int)to, (nint)along.Inner);
                    }
                });
    }

    /// <summary>Some rows of y, of elements side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows(float* x, float* y, MixTerms terms, int from, int to, nint inner)
    {
        fixed (int* starts = terms.Starts, places = terms.Places)
        fixed (float* weights = terms.Weights)
        {
            for (var i = from; i < to; i++)
            {
                var (first, end) = (starts[i], starts[i + 1]);
                var row = y + i * inner;
                nint k = 0;
                for (; k + 2 * Lanes.Count <= inner; k += 2 * Lanes.Count)
                {
                    var (left, right) = (Vector512<float>.Zero, Vector512<float>.Zero);
                    for (var at = first; at < end; at++)
                    {
                        var weight = Vector512.Create(weights[at]);
                        var source = x + places[at] * inner + k;
                        left = Numerics.Fma(Vector512.Load(source), weight, left);
                        right = Numerics.Fma(Vector512.Load(source + Lanes.Count), weight, right);
                    }

                    left.Store(row + k);
                    right.Store(row + k + Lanes.Count);
                }

                for (; k < inner; k += Lanes.Count)
                {
                    var (sum, count) = (Vector512<float>.Zero, (int)nint.Min(Lanes.Count, inner - k));
                    for (var at = first; at < end; at++)
                    {
                        sum = Numerics.Fma(Tail.Load512(x + places[at] * inner + k, count), Vector512.Create(weights[at]), sum);
                    }

                    Tail.Store(sum, row + k, count);
                }
            }
        }
    }
}

/// <summary>The terms of a <see cref="MixMatrix"/> as a kernel reads them.</summary>
internal sealed record MixTerms(int[] Starts, int[] Places, float[] Weights)
{
    /// <summary>Whether each row is an element as it is.</summary>
    public bool IsTaking { get; } = Starts.Select((start, row) => start == row).All(isOne => isOne) && Weights.All(weight => weight == 1);
}

/// <summary>A mix along rows.</summary>
internal sealed unsafe class MixRowsStep(object text, Along along, int results, MixTerms terms, int source, int target) : Step(text)
{
    private const long PieceCost = 1 << 15;

    // Of whole blocks of sixteen rows.
    private readonly long perPiece = Math.Max(1, PieceCost / (along.Size + results) / Lanes.Count) * Lanes.Count;

    public override int Pieces => (int)((along.Outer + perPiece - 1) / perPiece);

    public override int Scratch => Lanes.Count * Whole((int)along.Size) + 2 * Square.Size;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var end = Math.Min(along.Outer, (piece + 1) * perPiece);
        for (var first = piece * perPiece; first < end; first += Lanes.Count)
        {
            Run(buffers[source] + first * along.Size, (nint)along.Size, buffers[target] + first * results, results,
                (int)Math.Min(Lanes.Count, end - first), terms, (Vector512<float>*)scratch);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Run(float* x, nint size, float* y, int results, int rows, MixTerms terms, Vector512<float>* columns)
    {
        for (nint at = 0; at < size; at += Lanes.Count)
        {
            Square.Transpose(x + at, size, rows, (int)nint.Min(Lanes.Count, size - at), columns + at);
        }

        var mixed = columns + (size + Lanes.Count - 1) / Lanes.Count * Lanes.Count;
        var turned = mixed + Lanes.Count;
        fixed (int* starts = terms.Starts, places = terms.Places)
        fixed (float* weights = terms.Weights)
        {
            for (var done = 0; done < results; done += Lanes.Count)
            {
                var count = Math.Min(Lanes.Count, results - done);
                for (var i = 0; terms.IsTaking && i < count; i++)
                {
                    mixed[i] = columns[places[done + i]];
                }

                for (var i = 0; !terms.IsTaking && i < count; i++)
                {
                    var sum = Vector512<float>.Zero;
                    var end = starts[done + i + 1];
                    for (var term = starts[done + i]; term < end; term++)
                    {
                        sum = Numerics.Fma(columns[places[term]], Vector512.Create(weights[term]), sum);
                    }

                    mixed[i] = sum;
                }

                Square.Transpose((float*)mixed, Lanes.Count, count, rows, turned);
                for (var row = 0; row < rows; row++)
                {
                    Tail.Store(turned[row], y + row * (nint)results + done, count);
                }
            }
        }
    }
}
