namespace AutoDiffCnn;

/// <summary>Shows tensors in notebooks: images as pixels, vectors and matrices as tables, others as they print.</summary>
internal sealed class TensorFormatters
{
    private const int MostCells = 1000;
    private const int MostImages = 100;

    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
        [new ValueFormatter<Tensor>("text/html", Html), ValueFormatter.Plain];

    /// <summary>A tensor as part of a page.</summary>
    public static string Html(Tensor tensor) => tensor.Shape switch
    {
        [> MostImages and var count, _, _, _] when Pictures.IsImage(tensor) => tensor.Slice(0, MostImages).Draw().ToHtml()
            + ValueFormatter.Preformatted($"the first {MostImages} of {count} images"),
        _ when Pictures.IsImage(tensor) => tensor.Draw().ToHtml(),
        [var columns] when tensor.Count is > 0 and <= MostCells => Table(tensor, columns),
        [_, var columns] when tensor.Count is > 0 and <= MostCells => Table(tensor, columns),
        _ => ValueFormatter.Preformatted($"{tensor}"),
    };

    private static string Table(Tensor tensor, int columns)
    {
        var rows = tensor.Doubles.ToArray().Chunk(columns)
            .Select(row => $"<tr>{string.Concat(row.Select(value => $"<td style=\"text-align: right\">{Tensor.Number(value)}</td>"))}</tr>");
        return $"<table>{string.Concat(rows)}</table>";
    }
}
