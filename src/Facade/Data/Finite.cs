using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AutoDiffCnn;

/// <summary>Looks for what is not finite.</summary>
internal static class Finite
{
    /// <summary>The place of the first value that is not finite; −1 if all are.</summary>
    public static int FirstNot<T>(ReadOnlySpan<T> values)
        where T : unmanaged, INumberBase<T>
    {
        if (!All(values))
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (!T.IsFinite(values[i]))
                {
                    return i;
                }
            }
        }

        return -1;
    }

    // Millions of pixels are looked at before the first step: whole vectors at a time, compiled well at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static bool All<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var vectors = MemoryMarshal.Cast<T, Vector<T>>(values);
        Span<T> rest = stackalloc T[Vector<T>.Count];
        rest.Clear();
        values[(vectors.Length * Vector<T>.Count)..].CopyTo(rest);
        var differences = Difference(new Vector<T>(rest));
        foreach (var vector in vectors)
        {
            differences |= Difference(vector);
        }

        return Vector.EqualsAll(differences, Vector<T>.Zero);

        // 0 where a value is finite, NaN elsewhere: ∞ − ∞ is NaN.
        static Vector<T> Difference(Vector<T> vector) => vector - vector;
    }
}
