using System.Runtime.Intrinsics;

namespace AutoDiffCnn;

/// <summary>A <see cref="Tile"/> that can be run: emitted where the runtime allows it, interpreted elsewhere, with
/// the same bits.</summary>
internal sealed unsafe class TileCode
{
    private static readonly Kept<Tile, TileCode> Known = new(tile => new(tile));

    private readonly Tile tile;
    private readonly Lazy<Code.Compiled>? compiled;

    private TileCode(Tile tile)
    {
        this.tile = tile;
        compiled = Code.IsSupported ? new(tile.Emit) : null;
    }

    /// <summary>The code of a tile; equal tiles share it.</summary>
    public static TileCode Of(Tile tile) => Known.Of(tile);

    /// <summary>Computes one tile.</summary>
    /// <param name="a">The first a.</param>
    /// <param name="b">The first b.</param>
    /// <param name="y">The first y.</param>
    /// <param name="depth">How many p.</param>
    /// <param name="outer">How many i.</param>
    /// <param name="stepA">From i to i in a.</param>
    /// <param name="stepB">From i to i in b.</param>
    /// <param name="epilogue">What the epilogue is told, if there is one.</param>
    public void Run(float* a, float* b, float* y, nint depth, nint outer = 1, nint stepA = 0, nint stepB = 0, nint* epilogue = null)
    {
        if (compiled is null)
        {
            Interpret(a, b, y, depth, outer, stepA, stepB);
            return;
        }

        var more = tile.Epilogue?.Sources.Length ?? 0;
        var arguments = stackalloc nint[Tile.Arguments + more];
        (arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5], arguments[6]) =
            ((nint)a, (nint)b, (nint)y, outer, depth, stepA, stepB);
        new ReadOnlySpan<nint>(epilogue, more).CopyTo(new Span<nint>(arguments + Tile.Arguments, more));
        compiled.Value(arguments);
    }

    private void Interpret(float* a, float* b, float* y, nint depth, nint outer, nint stepA, nint stepB)
    {
        for (var r = 0; r < tile.Rows; r++)
        {
            for (var j = 0; j < tile.Columns; j += Lanes.Count)
            {
                var isShared = tile.Left.Kind == LeftKind.Shared;
                var target = y + r * tile.RowY + (isShared ? j / Lanes.Count * tile.Left.ColumnY : j);
                var sum = Vector512<float>.Zero;
                for (nint i = 0; i < outer; i++)
                {
                    foreach (var tap in tile.Taps.AsSpan())
                    {
                        if (r >= tap.First && r < tap.End)
                        {
                            var to = b + i * stepB + tap.B + (isShared ? j / Lanes.Count * tile.Left.ColumnB : j);
                            sum = Add(sum, a + i * stepA + tap.A + r * tile.RowA, to, depth);
                        }
                    }
                }

                sum = tile.Add ? sum + Vector512.Load(target) : sum;
                Tail.Store(sum, target, Math.Min(Lanes.Count, tile.Columns - j));
            }
        }
    }

    private Vector512<float> Add(Vector512<float> sum, float* a, float* b, nint depth)
    {
        for (nint p = 0; p < depth; p++, a += tile.DepthA, b += tile.DepthB)
        {
            var left = tile.Left.Kind == LeftKind.Shared ? Vector512.Load(a) : Vector512.Create(*a);
            sum = Numerics.Fma(left, Vector512.Load(b), sum);
        }

        return sum;
    }
}
