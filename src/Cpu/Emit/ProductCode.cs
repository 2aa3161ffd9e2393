namespace AutoDiffCnn;

/// <summary>The <see cref="ProductTile"/>s of one distance between the rows of a, for all heights and widths: emitted
/// when first run where the runtime allows it, interpreted elsewhere, with the same bits.</summary>
internal sealed unsafe class ProductCode
{
    private const int MostVectors = 4;

    private static readonly Kept<Key, ProductCode> known = new(key => new(key.RowA, key.Interpret));

    private readonly long rowA;
    private readonly Code.Compiled?[]? compiled;

    private ProductCode(long rowA, bool interpret)
    {
        this.rowA = rowA;
        compiled = interpret ? null : new Code.Compiled?[(Tile.MostRows(1) + 1) * MostVectors];
    }

    /// <summary>The floats of one register.</summary>
    public int Width => compiled is null ? Lanes.Count : Code.Width;

    /// <summary>The tiles for a distance; equal ones are shared.</summary>
    public static ProductCode Of(long rowA, bool interpret) => known.Of(new(rowA, interpret));

    /// <summary>The most rows of a tile with so many registers of columns.</summary>
    public static int MostRows(int vectors) => Tile.MostRows(vectors * Code.Width);

    /// <summary>Computes one tile.</summary>
    public void Run(in Product product, int rows, int vectors)
    {
        if (compiled is null)
        {
            ProductTile.Interpret(product, rows, vectors, rowA);
            return;
        }

        fixed (Product* arguments = &product)
        {
            (compiled[rows * MostVectors + vectors - 1] ?? Emit(rows, vectors))((nint*)arguments);
        }
    }

    private Code.Compiled Emit(int rows, int vectors)
    {
        lock (compiled!)
        {
            return compiled[rows * MostVectors + vectors - 1] ??= new ProductTile(rows, vectors, rowA).Emit();
        }
    }

    private sealed record Key(long RowA, bool Interpret);
}
