using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AutoDiffCnn.Notebooks;

/// <summary>JSON as Jupyter writes it: one space for each level, fields in order, letters of all alphabets as they are. A
/// value that came from a file can be written as it stood there.</summary>
internal sealed class Json
{
    private readonly StringBuilder text = new();
    private int depth;
    private bool isFirst = true;

    /// <summary>What the writing gives, with a line's end behind it.</summary>
    public static byte[] Write(Action<Json> write)
    {
        var json = new Json();
        write(json);
        return Encoding.UTF8.GetBytes(json.text.Append('\n').ToString());
    }

    /// <summary>An element in this layout, as it is written at a depth.</summary>
    public static string Format(JsonElement element, int depth)
    {
        var json = new Json { depth = depth };
        json.Element(element);
        return json.text.ToString();
    }

    public void Object(params ReadOnlySpan<(string Name, Action Value)> fields)
    {
        Open('{');
        foreach (var (name, value) in fields)
        {
            Next();
            Quote(name);
            text.Append(": ");
            value();
        }

        Close('}');
    }

    public void Array<T>(IEnumerable<T> items, Action<T> write)
    {
        Open('[');
        foreach (var item in items)
        {
            Next();
            write(item);
        }

        Close(']');
    }

    /// <summary>Text as a list of its lines.</summary>
    public void Lines(string value)
    {
        var ends = value.Select((letter, i) => (letter, i)).Where(at => at.letter == '\n').Select(at => at.i + 1);
        int[] cuts = [0, .. ends, value.Length];
        Array(cuts.Zip(cuts.Skip(1)).Where(cut => cut.First < cut.Second), cut => Quote(value[cut.First..cut.Second]));
    }

    public void Raw(string json) => text.Append(json);

    public void Number(int? value) => text.Append(value is int number ? number.ToString(CultureInfo.InvariantCulture) : "null");

    public void Quote(string value)
    {
        text.Append('"');
        foreach (var letter in value)
        {
            text.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => $"\\u{(int)letter:x4}",
                _ => null,
            } ?? letter.ToString());
        }

        text.Append('"');
    }

    private void Element(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Object([.. element.EnumerateObject().OrderBy(field => field.Name, StringComparer.Ordinal)
                    .Select(field => (field.Name, (Action)(() => Element(field.Value))))]);
                break;
            case JsonValueKind.Array:
                Array(element.EnumerateArray(), Element);
                break;
            case JsonValueKind.String:
                Quote(element.GetString()!);
                break;
            default:
                Raw(element.GetRawText());
                break;
        }
    }

    private void Open(char bracket)
    {
        text.Append(bracket);
        depth++;
        isFirst = true;
    }

    private void Next()
    {
        text.Append(isFirst ? "\n" : ",\n").Append(' ', depth);
        isFirst = false;
    }

    private void Close(char bracket)
    {
        depth--;
        text.Append(isFirst ? "" : "\n" + new string(' ', depth)).Append(bracket);
        isFirst = false;
    }
}
