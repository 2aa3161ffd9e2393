using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>What a pool's sums are multiplied with or divided by on their way to memory, so that they are means.</summary>
/// <param name="Number">The number.</param>
/// <param name="Divides">Whether sums are divided by it.</param>
internal readonly record struct Scale(float Number, bool Divides)
{
    /// <summary>Sums as they are.</summary>
    public static Scale None => new(1, false);

    /// <summary>A division by a number; by a power of two it is a product, of the same bits, which takes a tenth of the time.</summary>
    public static Scale Over(float number)
    {
        var isPower = float.IsNormal(number) && float.IsNormal(1 / number) && Math.ScaleB(1, Math.ILogB(number)) == Math.Abs(number);
        return isPower ? new(1 / number, false) : new(number, true);
    }

    /// <summary>The scaled sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Times(Vector512<float> sums) => Divides ? sums / Number : sums * Number;
}
