using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Copies rows. Many are short, so what a row costs beside its elements counts: the ends of vectors overlap
/// within a row, and nothing is called.</summary>
internal static unsafe class CopyRows
{
    private const int Long = 1024;

    private static readonly Vector512<int> backwards = Vector512.Create(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);

    /// <summary>Copies so many rows of so many elements.</summary>
    public static void Run(float* source, float* target, CopyStep.Axis rows, CopyStep.Axis columns)
    {
        var (count, width) = ((nint)rows.Size, (nint)columns.Size);
        var (from, to) = ((nint)rows.From, (nint)rows.To);
        switch (columns, width)
        {
            case ({ From: 1, To: 1 }, >= Long):
                Longer(source, from, target, to, count, width);
                break;
            case ({ From: 1, To: 1 }, >= Lanes.Count):
                Forwards(source, from, target, to, count, width);
                break;
            case ({ From: 1, To: 1 }, >= 4):
                Short(source, from, target, to, count, width);
                break;
            case ({ From: 2, To: 1 }, >= 8):
                EverySecond(source, from, target, to, count, width);
                break;
            case ({ From: -1, To: 1 }, >= Lanes.Count):
                Backwards(source, from, target, to, count, width);
                break;
            default:
                OneByOne(source, target, rows, columns);
                break;
        }
    }

    private static void Longer(float* source, nint from, float* target, nint to, nint count, nint width)
    {
        for (nint row = 0; row < count; row++, source += from, target += to)
        {
            System.Buffer.MemoryCopy(source, target, width * sizeof(float), width * sizeof(float));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Forwards(float* source, nint from, float* target, nint to, nint count, nint width)
    {
        var last = width - Lanes.Count;
        for (nint row = 0; row < count; row++, source += from, target += to)
        {
            for (nint i = 0; i < last; i += Lanes.Count)
            {
                Vector512.Load(source + i).Store(target + i);
            }

            Vector512.Load(source + last).Store(target + last);
        }
    }

    /// <summary>4 to 15 elements: two or four quarters of a vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Short(float* source, nint from, float* target, nint to, nint count, nint width)
    {
        var (middle, last) = (width >= 8 ? 4 : 0, width - 4);
        for (nint row = 0; row < count; row++, source += from, target += to)
        {
            Vector128.Load(source).Store(target);
            Vector128.Load(source + middle).Store(target + middle);
            Vector128.Load(source + last - middle).Store(target + last - middle);
            Vector128.Load(source + last).Store(target + last);
        }
    }

    /// <summary>Eight of fifteen neighbours at a time, so that nothing behind the last one is read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void EverySecond(float* source, nint from, float* target, nint to, nint count, nint width)
    {
        for (nint row = 0; row < count; row++, source += from, target += to)
        {
            for (nint i = 0; i < width; i += 8)
            {
                var at = nint.Min(i, width - 8);
                var low = Vector256.Shuffle(Vector256.Load(source + 2 * at), Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6));
                var high = Vector256.Shuffle(Vector256.Load(source + 2 * at + 7), Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7));
                Vector256.ConditionalSelect(Vector256.Create(-1, -1, -1, -1, 0, 0, 0, 0).AsSingle(), low, high).Store(target + at);
            }
        }
    }

    /// <summary>Rows that are turned around: the source is the last element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Backwards(float* source, nint from, float* target, nint to, nint count, nint width)
    {
        var last = width - Lanes.Count;
        for (nint row = 0; row < count; row++, source += from, target += to)
        {
            for (nint i = 0; i < last; i += Lanes.Count)
            {
                Turned(source - i - (Lanes.Count - 1)).Store(target + i);
            }

            Turned(source - width + 1).Store(target + last);
        }
    }

    /// <summary>The sixteen floats from a place on, the last one first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Turned(float* source)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Vector512.Shuffle(Vector512.Load(source), backwards);
        }

        var eight = Vector256.Create(7, 6, 5, 4, 3, 2, 1, 0);
        return Vector512.Create(Vector256.Shuffle(Vector256.Load(source + 8), eight), Vector256.Shuffle(Vector256.Load(source), eight));
    }

    /// <summary>Elements that are not neighbours, the longer axis inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void OneByOne(float* source, float* target, CopyStep.Axis rows, CopyStep.Axis columns)
    {
        var (outer, inner) = rows.Size > columns.Size ? (columns, rows) : (rows, columns);
        var (width, from, to) = ((nint)inner.Size, (nint)inner.From, (nint)inner.To);
        for (var row = 0L; row < outer.Size; row++, source += outer.From, target += outer.To)
        {
            for (nint i = 0; i < width; i++)
            {
                target[i * to] = source[i * from];
            }
        }
    }
}
