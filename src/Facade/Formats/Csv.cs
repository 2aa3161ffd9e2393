using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace AutoDiffCnn;

/// <summary>Tables of numbers as text: a line for each row, commas between the fields (RFC 4180). The first line holds the
/// names of the columns if a field of it is no number.</summary>
/// <example><code>
/// File.WriteAllText("points.csv", "x,y\n1,2\n3,4.5\n");
/// var (names, values) = Csv.Read("points.csv");
/// names // [x, y]
/// values // [[1, 2], [3, 4.5]]
/// </code></example>
public static class Csv
{
    /// <summary>The table in a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separator">What stands between fields.</param>
    /// <returns>The names of the columns, none if the first line is one of numbers, and the values [rows, columns] in
    /// double precision.</returns>
    /// <exception cref="FormatError">A field is no number, or the lines differ in their number of fields.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (ImmutableArray<string> Names, Tensor Values) Read(string path, char separator = ',')
    {
        using var file = InputFile.Open(path);
        return Read(file, path, separator);
    }

    /// <summary>The table in a file that is already open.</summary>
    /// <param name="stream">The file from its current position to its end; it must be able to seek.</param>
    /// <param name="name">What to call the file in an error.</param>
    /// <param name="separator">What stands between fields.</param>
    /// <inheritdoc cref="Read(string, char)"/>
    public static (ImmutableArray<string> Names, Tensor Values) Read(Stream stream, string name, char separator = ',')
    {
        var start = SkipMark(stream);
        using var text = new StreamReader(stream, Encoding.Latin1, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        var (names, values, columns, row) = (ImmutableArray<string>.Empty, new List<double>(), 0, 0);
        foreach (var (offset, fields) in Lines(text, name, separator, start))
        {
            columns = row++ == 0 ? fields.Count : columns;
            if (fields.Count != columns)
            {
                throw new FormatError(name, offset, $"{columns} fields in line {row}, as in the first", $"{fields.Count}");
            }

            if (row == 1 && fields.Exists(field => !TryNumber(field, out _)))
            {
                names = [.. fields.Select(field => Utf8(field, name, offset))];
                continue;
            }

            for (var column = 0; column < columns; column++)
            {
                values.Add(TryNumber(fields[column], out var value)
                    ? value
                    : throw new FormatError(name, offset, $"a number in line {row}, {(names.IsEmpty ? $"field {column + 1}" : $"column {names[column]}")}", Quote(fields[column])));
            }
        }

        return (names, Tensor.Of([columns == 0 ? 0 : values.Count / columns, columns], values.ToArray()));
    }

    /// <summary>Writes a file, atomically: on any failure an older file is as it was. Numbers are written so that reading
    /// gives the same bits.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="names">A name for each column, or none at all.</param>
    /// <param name="values">The values [rows, columns].</param>
    /// <param name="separator">What stands between fields.</param>
    /// <exception cref="ArgumentException">The values are no table, or the names do not fit them or are all
    /// numbers.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<string> names, Tensor values, char separator = ',')
    {
        if (values.Shape is not [var rows, var columns] || columns == 0)
        {
            throw new ArgumentException($"a table has the shape [rows, columns], not {values.Shape}.", nameof(values));
        }

        if (names.Count > 0 && (names.Count != columns || names.All(name => TryNumber(name, out _))))
        {
            throw new ArgumentException($"{columns} columns need {columns} names that are not all numbers, not [{string.Join(", ", names)}].", nameof(names));
        }

        AtomicFile.Write(path, stream =>
        {
            using var text = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            if (names.Count > 0)
            {
                text.WriteLine(string.Join(separator, names.Select(name => $"\"{name.Replace("\"", "\"\"")}\"")));
            }

            for (var row = 0; row < rows; row++)
            {
                text.WriteLine(string.Join(separator, Enumerable.Range(row * columns, columns)
                    .Select(i => values.At(i).ToString("R", CultureInfo.InvariantCulture))));
            }
        });
    }

    /// <summary>The fields of each line with the place where it begins. Bytes are characters of Latin-1 here, so that a
    /// place in the text is one in the file.</summary>
    private static IEnumerable<(long Offset, List<string> Fields)> Lines(TextReader text, string name, char separator, int start)
    {
        var (fields, field, offset, begin) = (new List<string>(), new StringBuilder(), (long)start, (long)start);
        for (var c = Next(); c >= 0;)
        {
            var quoted = c == '"';
            for (c = quoted ? Next() : c; quoted ? c != '"' || text.Peek() == '"' : c >= 0 && c != separator && c is not ('\n' or '\r'); c = Next())
            {
                if (c < 0)
                {
                    throw new FormatError(name, offset, $"the second quotation mark of field {fields.Count + 1} of the line", "the end of the file");
                }

                field.Append((char)c);
                if (quoted && c == '"')
                {
                    Next();
                }
            }

            c = quoted ? Next() : c;
            c = c == '\r' && text.Peek() == '\n' ? Next() : c;
            if (c >= 0 && c != separator && c != '\n')
            {
                throw new FormatError(name, offset - 1, $"the end of field {fields.Count + 1} of the line", Quote($"{(char)c}"));
            }

            fields.Add(field.ToString());
            field.Clear();
            if (c != separator)
            {
                yield return (begin, fields);
                (fields, begin) = ([], offset);
            }

            c = c == separator && text.Peek() < 0 ? '\n' : Next();
        }

        int Next()
        {
            var c = text.Read();
            offset += c >= 0 ? 1 : 0;
            return c;
        }
    }

    /// <summary>The number of bytes of the mark that some programs put before UTF-8, 3 or 0.</summary>
    private static int SkipMark(Stream stream)
    {
        Span<byte> mark = stackalloc byte[3];
        var read = stream.ReadAtLeast(mark, 3, throwOnEndOfStream: false);
        var found = mark[..read] is [0xEF, 0xBB, 0xBF] ? 3 : 0;
        stream.Seek(found - read, SeekOrigin.Current);
        return found;
    }

    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private static string Utf8(string field, string name, long offset)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Encoding.Latin1.GetBytes(field));
        }
        catch (DecoderFallbackException)
        {
            throw new FormatError(name, offset, "names in UTF-8", Quote(field), "saving the table as UTF-8");
        }
    }

    private static string Quote(string field) => field.Length > 40 ? $"'{field[..40]}…'" : $"'{field}'";
}
