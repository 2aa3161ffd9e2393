using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AutoDiffCnn;

/// <summary>Copies a part of a matrix into a panel: for each p the elements of some rows (or columns) side by side, so
/// that the innermost loop of a product reads straight on.</summary>
internal static unsafe class Packing
{
    /// <summary>target[p · width + i] = source[i · outer + p · inner] for i below count and p below depth; nothing else
    /// is written. One of the side's distances is 1.</summary>
    public static void Pack(float* source, in Side side, int count, int depth, int width, float* target)
    {
        for (var i = 0; i < count; i += Lanes.Count)
        {
            var part = Math.Min(Lanes.Count, count - i);
            if (side.Outer != 1 && part == Lanes.Count && Avx512F.IsSupported)
            {
                TurnAll(source + i * side.Outer, (nint)side.Outer, depth, width, target + i);
            }
            else if (side.Outer != 1)
            {
                Turn(source + i * side.Outer, (nint)side.Outer, part, depth, width, target + i);
            }
            else if (part < Lanes.Count)
            {
                CopyPart(source + i, (nint)side.Inner, part, depth, width, target + i);
            }
            else if (count - i >= 2 * Lanes.Count)
            {
                CopyTwo(source + i, (nint)side.Inner, depth, width, target + i);
                i += Lanes.Count;
            }
            else
            {
                CopyOne(source + i, (nint)side.Inner, depth, width, target + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CopyTwo(float* source, nint inner, int depth, nint width, float* target)
    {
        for (var p = 0; p < depth; p++, source += inner, target += width)
        {
            var (left, right) = (Vector512.Load(source), Vector512.Load(source + Lanes.Count));
            left.Store(target);
            right.Store(target + Lanes.Count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CopyOne(float* source, nint inner, int depth, nint width, float* target)
    {
        for (var p = 0; p < depth; p++, source += inner, target += width)
        {
            Vector512.Load(source).Store(target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void CopyPart(float* source, nint inner, int count, int depth, nint width, float* target)
    {
        for (var p = 0; p < depth; p++, source += inner, target += width)
        {
            Tail.Store(Tail.Load512(source, count), target, count);
        }
    }

    /// <summary>Transposes sixteen rows, four p at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void TurnAll(float* source, nint outer, int depth, nint width, float* target)
    {
        float* r0 = source, r1 = r0 + outer, r2 = r1 + outer, r3 = r2 + outer;
        var (four, eight, twelve) = (4 * outer, 8 * outer, 12 * outer);
        var p = 0;
        for (; p + 4 <= depth; p += 4, r0 += 4, r1 += 4, r2 += 4, r3 += 4, target += 4 * width)
        {
            var (p0, p1, p2, p3) = Square.Fours(Gather(r0, r0 + four, r0 + eight, r0 + twelve),
                Gather(r1, r1 + four, r1 + eight, r1 + twelve), Gather(r2, r2 + four, r2 + eight, r2 + twelve),
                Gather(r3, r3 + four, r3 + eight, r3 + twelve));
            p0.Store(target);
            p1.Store(target + width);
            p2.Store(target + 2 * width);
            p3.Store(target + 3 * width);
        }

        for (source += p; p < depth; p++, source++, target += width)
        {
            for (var i = 0; i < Lanes.Count; i++)
            {
                target[i] = source[i * outer];
            }
        }
    }

    /// <summary>Transposes up to sixteen rows, four p at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Turn(float* source, nint outer, int count, int depth, nint width, float* target)
    {
        // Rows that are not there repeat the last one: their lanes are not written.
        var rows = stackalloc float*[Lanes.Count];
        for (var i = 0; i < Lanes.Count; i++)
        {
            rows[i] = source + Math.Min(i, count - 1) * outer;
        }

        nint p = 0;
        if (Avx512F.IsSupported)
        {
            for (; p + 4 <= depth; p += 4, target += 4 * width)
            {
                var (p0, p1, p2, p3) = Square.Fours(
                    Gather(rows, p), Gather(rows + 1, p), Gather(rows + 2, p), Gather(rows + 3, p));
                Tail.Store(p0, target, count);
                Tail.Store(p1, target + width, count);
                Tail.Store(p2, target + 2 * width, count);
                Tail.Store(p3, target + 3 * width, count);
            }
        }
        else if (count % 4 == 0)
        {
            for (; p + 4 <= depth; p += 4, target += 4 * width)
            {
                for (var i = 0; i < count; i += 4)
                {
                    Square.Four(rows[i] + p, rows[i + 1] + p, rows[i + 2] + p, rows[i + 3] + p, target + i, width);
                }
            }
        }

        for (; p < depth; p++, target += width)
        {
            for (var i = 0; i < count; i++)
            {
                target[i] = rows[i][p];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather(float* q0, float* q1, float* q2, float* q3)
    {
        var all = Vector128.Load(q0).ToVector256Unsafe().ToVector512Unsafe();
        all = Avx512F.InsertVector128(all, Vector128.Load(q1), 1);
        all = Avx512F.InsertVector128(all, Vector128.Load(q2), 2);
        return Avx512F.InsertVector128(all, Vector128.Load(q3), 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather(float** rows, nint p) =>
        Gather(rows[0] + p, rows[4] + p, rows[8] + p, rows[12] + p);
}
