namespace AutoDiffCnn;

/// <summary>The packed panels of the right side of a product.</summary>
internal static unsafe class MatMulPanels
{
    /// <summary>The floats of one packed right side.</summary>
    public static long Size(MatMulSize size, int panel) => (size.N + panel - 1L) / panel * panel * size.K;

    /// <summary>Packs some columns of b into panels, which begin a distance apart; behind the last column are zeros.
    /// </summary>
    public static void Pack(float* source, in Side side, int columns, int depth, int panel, long next, float* target)
    {
        for (var j = 0; j < columns; j += panel, target += next)
        {
            var width = Math.Min(panel, columns - j);
            if (width < panel)
            {
                new Span<float>(target, depth * panel).Clear();
            }

            Packing.Pack(source + j * side.Outer, side, width, depth, panel, target);
        }
    }

    /// <summary>The step that packs all of b, a part of k at a time.</summary>
    public static Step Step(MatMulSize size, Side b, int panel, int target, bool once)
    {
        const int Depth = 128;
        var parts = (size.K + Depth - 1) / Depth;
        return new RangeStep("pack the right side", (long)size.Batch * parts, Depth * (long)size.N, (buffers, first, end) =>
        {
            for (var item = first; item < end; item++)
            {
                var (product, part) = Math.DivRem(item, parts);
                var p = part * Depth;
                Pack(buffers[b.Buffer] + product * size.K * size.N + p * b.Inner, b,
                    size.N, (int)Math.Min(Depth, size.K - p), panel, (long)size.K * panel,
                    buffers[target] + product * Size(size, panel) + p * panel);
            }
        }, once ? b.Buffer : -1);
    }
}
