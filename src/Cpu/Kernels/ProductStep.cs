using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>Products along an axis, in single precision: of a row sixteen side by side, of what lies side by side each
/// in order.</summary>
internal static unsafe class ProductStep
{
    // Products wait for one another, so a row is begun at several places.
    private const int Ways = 4;

    public static Step Of(object text, IndexSteps.Along along, int source, int target) =>
        new RangeStep(text, along.Outer * along.Inner, along.Inner == 1 ? along.Size : along.Size / Ways, (buffers, first, end) =>
        {
            if (along.Inner == 1 && along.Size < Ways * Lanes.Count && Vector512.IsHardwareAccelerated)
            {
                Rows(buffers[source] + first * along.Size, buffers[target] + first, (nint)along.Size, (nint)(end - first));
                return;
            }

            foreach (var (outer, from, to) in new Stretches(first, end, along.Inner))
            {
                var x = buffers[source] + outer * along.Size * along.Inner;
                var y = buffers[target] + outer * along.Inner;
                if (along.Inner == 1)
                {
                    *y = Row(x, (nint)along.Size);
                }
                else
                {
                    Beside(x, y, (nint)along.Size, (nint)along.Inner, (nint)from, (nint)to);
                }
            }
        }, together: along.Together(Ways * Lanes.Count));

    /// <summary>Rows of a few registers, sixteen of them turned, so that what <see cref="Row"/> multiplies one after the other
    /// it multiplies for all of them.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Rows(float* x, float* y, nint size, nint rows)
    {
        var columns = stackalloc Vector512<float>[Ways * Lanes.Count];
        var whole = size / Lanes.Count * Lanes.Count;
        for (nint row = 0; row < rows; row += Lanes.Count)
        {
            var count = (int)nint.Min(Lanes.Count, rows - row);
            for (nint at = 0; at < size; at += Lanes.Count)
            {
                // The last ones may come a second time: turning fewer takes longer.
                var first = nint.Max(0, nint.Min(at, size - Lanes.Count));
                Square.Transpose(x + row * size + first, size, count, (int)nint.Min(Lanes.Count, size), columns + first);
            }

            for (var k = (nint)Lanes.Count; k < whole; k++)
            {
                columns[k % Lanes.Count] *= columns[k];
            }

            var product = Vector512<float>.One;
            if (whole > 0)
            {
                for (var i = 0; i < 4; i++)
                {
                    columns[i] = columns[i] * columns[i + 8] * (columns[i + 4] * columns[i + 12]);
                }

                product = columns[0] * columns[2] * (columns[1] * columns[3]);
            }

            for (var k = whole; k < size; k++)
            {
                product *= columns[k];
            }

            Tail.Store(product, y + row, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Row(float* x, nint size)
    {
        var (a, b, c, d) = (Vector512<float>.One, Vector512<float>.One, Vector512<float>.One, Vector512<float>.One);
        nint i = 0;
        for (; i + Ways * Lanes.Count <= size; i += Ways * Lanes.Count)
        {
            a *= Vector512.Load(x + i);
            b *= Vector512.Load(x + i + Lanes.Count);
            c *= Vector512.Load(x + i + 2 * Lanes.Count);
            d *= Vector512.Load(x + i + 3 * Lanes.Count);
        }

        for (; i + Lanes.Count <= size; i += Lanes.Count)
        {
            a *= Vector512.Load(x + i);
        }

        var all = a * b * (c * d);
        var eight = all.GetLower() * all.GetUpper();
        var four = eight.GetLower() * eight.GetUpper();
        var product = four[0] * four[2] * (four[1] * four[3]);
        for (; i < size; i++)
        {
            product *= x[i];
        }

        return product;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Beside(float* x, float* y, nint size, nint inner, nint i, nint to)
    {
        for (; i + Ways * Lanes.Count <= to; i += Ways * Lanes.Count)
        {
            var (a, b, c, d) = (Vector512<float>.One, Vector512<float>.One, Vector512<float>.One, Vector512<float>.One);
            for (nint k = 0; k < size; k++)
            {
                var row = x + k * inner + i;
                a *= Vector512.Load(row);
                b *= Vector512.Load(row + Lanes.Count);
                c *= Vector512.Load(row + 2 * Lanes.Count);
                d *= Vector512.Load(row + 3 * Lanes.Count);
            }

            a.Store(y + i);
            b.Store(y + i + Lanes.Count);
            c.Store(y + i + 2 * Lanes.Count);
            d.Store(y + i + 3 * Lanes.Count);
        }

        for (; i + Lanes.Count <= to; i += Lanes.Count)
        {
            var product = Vector512<float>.One;
            for (nint k = 0; k < size; k++)
            {
                product *= Vector512.Load(x + k * inner + i);
            }

            product.Store(y + i);
        }

        for (; i < to; i++)
        {
            var product = 1f;
            for (nint k = 0; k < size; k++)
            {
                product *= x[k * inner + i];
            }

            y[i] = product;
        }
    }
}
