using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>A batch of matrix products y = A B. A piece is a block of one product; it packs its share of A and B into
/// panels, so that the innermost loop reads straight on.</summary>
internal sealed unsafe class MatMulStep(object text, int batch, int m, int k, int n, Side a, Side b, int y) : Step(text)
{
    private const int Depth = 256;

    private readonly (int M, int N) block = Block(m, n, k);

    public override int Pieces => batch * BlocksM * BlocksN;

    public override int Scratch => Whole(block.M * Depth) + Whole(block.N * Depth) + Micro.Rows * Micro.Columns;

    private int BlocksM => (m + block.M - 1) / block.M;

    private int BlocksN => (n + block.N - 1) / block.N;

    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (product, rest) = Math.DivRem(piece, BlocksM * BlocksN);
        var (i0, j0) = (rest / BlocksN * block.M, rest % BlocksN * block.N);
        var (rows, columns) = (Math.Min(block.M, m - i0), Math.Min(block.N, n - j0));
        var left = buffers[a.Buffer] + (long)product * m * k + i0 * a.Outer;
        var right = buffers[b.Buffer] + (long)product * k * n + j0 * b.Outer;
        var target = buffers[y] + (long)product * m * n + (long)i0 * n + j0;
        var panelsA = scratch;
        var panelsB = panelsA + Whole(block.M * Depth);
        var room = panelsB + Whole(block.N * Depth);

        // Without a depth the sum is empty, and still has to be written.
        for (var p0 = 0; p0 < Math.Max(1, k); p0 += Depth)
        {
            var depth = Math.Min(Depth, k - p0);
            PackAll(left + p0 * a.Inner, a, rows, depth, Micro.Rows, panelsA);
            PackAll(right + p0 * b.Inner, b, columns, depth, Micro.Columns, panelsB);
            for (var j = 0; j < columns; j += Micro.Columns)
            {
                for (var i = 0; i < rows; i += Micro.Rows)
                {
                    Micro.Tile(depth, panelsA + i * depth, new Packed(panelsB + j * depth), target + (long)i * n + j, n,
                        p0 > 0, Math.Min(Micro.Rows, rows - i), Math.Min(Micro.Columns, columns - j), room);
                }
            }
        }
    }

    private static void PackAll(float* source, Side side, int count, int depth, int width, float* target)
    {
        for (var i = 0; i < count; i += width)
        {
            Pack(source + i * side.Outer, side, Math.Min(width, count - i), depth, width, target + i * depth);
        }
    }

    /// <summary>A panel: for each p the side's elements, then zeros up to the panel's width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pack(float* source, Side side, int count, int depth, int width, float* target)
    {
        if (count < width)
        {
            new Span<float>(target, depth * width).Clear();
        }

        if (side.Outer == 1)
        {
            for (var p = 0; p < depth; p++, source += side.Inner, target += width)
            {
                new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(target, count));
            }

            return;
        }

        for (var i = 0; i < count; i++, source += side.Outer)
        {
            for (var p = 0; p < depth; p++)
            {
                target[p * width + i] = source[p];
            }
        }
    }

    /// <summary>Blocks that fit the second cache, and at least eight of them where the product is large
    /// enough to share.</summary>
    private static (int M, int N) Block(int m, int n, int k)
    {
        var (height, width) = (96, 256);
        while ((m + height - 1) / height * ((n + width - 1) / width) < 8 && (long)height * width * k > 1 << 17)
        {
            if (width > 2 * height && width > Micro.Columns || height == Micro.Rows)
            {
                if (width == Micro.Columns)
                {
                    break;
                }

                width = Math.Max(Micro.Columns, width / 2);
            }
            else
            {
                height = Math.Max(Micro.Rows, height / 2 / Micro.Rows * Micro.Rows);
            }
        }

        return (height, width);
    }
}

/// <summary>One side of a matrix product as it lies in memory.</summary>
/// <param name="Buffer">Its buffer.</param>
/// <param name="Outer">The distance between neighbours along the result's axis.</param>
/// <param name="Inner">The distance between neighbours along the summed axis.</param>
internal readonly record struct Side(int Buffer, long Outer, long Inner);
