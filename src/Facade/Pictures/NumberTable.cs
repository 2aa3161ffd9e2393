using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>A tensor as matrices of numbers, one under the other, with positions at the edges.</summary>
internal static class NumberTable
{
    private const double Margin = 12;

    // An axis that is longer shows its ends.
    private const int Whole = 12;
    private const int Edge = 5;
    private const int WholeMatrices = 4;

    public static Picture Of(Tensor tensor)
    {
        var (rows, columns) = tensor.Shape.Rank switch { 0 => (1, 1), 1 => (1, tensor.Shape[0]), _ => (tensor.Shape[^2], tensor.Shape[^1]) };
        var matrices = Shown(tensor.Count / (rows * columns), WholeMatrices, WholeMatrices / 2).ToArray();
        var (shownRows, shownColumns) = (Shown(rows, Whole, Edge).ToArray(), Shown(columns, Whole, Edge).ToArray());
        var texts = matrices.Where(m => m >= 0).SelectMany(m => shownRows.Where(i => i >= 0).SelectMany(i => shownColumns.Where(j => j >= 0)
            .Select(j => (m, i, j, Text: Axis.Short(tensor.At((m * rows + i) * columns + j)))))).ToDictionary(cell => (cell.m, cell.i, cell.j), cell => cell.Text);
        var cell = Math.Max(texts.Values.Max(text => Ink.Width(text)), Ink.Width($"{columns}")) + 12;
        var head = tensor.Shape.Rank > 1 ? Ink.Width($"{rows}") + 14 : 0;
        var title = $"{tensor.Shape}";
        var width = Math.Max(head + shownColumns.Length * cell, Ink.Width(title)) + 2 * Margin;
        var (marks, y) = (new List<XElement> { Ink.Text(Margin, Margin + Ink.Letter, title, "start", null, Ink.Of("font-weight", "bold")) }, Margin + Ink.Line + 4);
        foreach (var m in matrices)
        {
            if (matrices.Length > 1)
            {
                marks.Add(Ink.Text(Margin, y + Ink.Letter, m < 0 ? "⋯" : Position(tensor.Shape, m), "start", Tint.Quiet));
                y += Ink.Line;
            }

            if (m >= 0)
            {
                marks.AddRange(Matrix(shownRows, shownColumns, Margin + head, y, cell, tensor.Shape.Rank, (i, j) => texts[(m, i, j)]));
                y += (shownRows.Length + (tensor.Shape.Rank > 0 ? 1 : 0)) * Ink.Line + 6;
            }
        }

        return Ink.Sheet(width, y + Margin / 2, $"numbers of a tensor {tensor.Shape}", marks);
    }

    /// <summary>All positions, or those at the ends with −1 for what is left out between them.</summary>
    internal static IEnumerable<int> Shown(int count, int whole, int edge) => count <= whole
        ? Enumerable.Range(0, count)
        : [.. Enumerable.Range(0, edge), -1, .. Enumerable.Range(count - edge, edge)];

    private static IEnumerable<XElement> Matrix(int[] rows, int[] columns, double left, double top, double cell, int rank, Func<int, int, string> text)
    {
        var y = top;
        if (rank > 0)
        {
            foreach (var (c, j) in columns.Index())
            {
                yield return Ink.Text(left + (c + 1) * cell - 6, y + Ink.Letter, j < 0 ? "⋯" : $"{j}", "end", Tint.Quiet, Ink.Of("font-size", 10));
            }

            y += Ink.Line;
        }

        yield return Ink.Rect(left, y, columns.Length * cell, rows.Length * Ink.Line, Tint.Panel);
        foreach (var (r, i) in rows.Index())
        {
            var line = y + r * Ink.Line + Ink.Letter + 1;
            if (rank > 1)
            {
                yield return Ink.Text(left - 6, line, i < 0 ? "⋮" : $"{i}", "end", Tint.Quiet, Ink.Of("font-size", 10));
            }

            foreach (var (c, j) in columns.Index())
            {
                yield return Ink.Text(left + (c + 1) * cell - 6, line, i < 0 ? "⋮" : j < 0 ? "⋯" : text(i, j), "end");
            }
        }
    }

    /// <summary>Where a matrix is: <c>[1, 0, :, :]</c>.</summary>
    private static string Position(Shape shape, int matrix)
    {
        var at = new List<string> { ":", ":" };
        for (var axis = shape.Rank - 3; axis >= 0; axis--)
        {
            at.Insert(0, $"{matrix % shape[axis]}");
            matrix /= shape[axis];
        }

        return $"[{string.Join(", ", at)}]";
    }
}
