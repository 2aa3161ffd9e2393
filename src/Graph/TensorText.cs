using System.Globalization;
using System.Text;

namespace AutoDiffCnn;

public sealed partial class Tensor
{
    private const int Edge = 3;
    private const int Whole = 1000;
    private const int LineLength = 100;

    /// <summary>The values as nested brackets with six significant digits;
    /// beyond 1,000 elements only the edges.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text, 0, 0, Count > Whole);
        return text.ToString() is { Length: <= LineLength } line ? line : Lines();
    }

    /// <summary>A number with six significant digits, independent of the machine's language.</summary>
    internal static string Number(double value) => value.ToString("G6", CultureInfo.InvariantCulture);

    private string Lines()
    {
        var text = new StringBuilder();
        Write(text, 0, 0, Count > Whole, lines: true);
        return text.ToString();
    }

    private void Write(StringBuilder text, int axis, long flat, bool edges, bool lines = false)
    {
        if (axis == Shape.Rank)
        {
            text.Append(Number(At((int)flat)));
            return;
        }

        var size = Shape[axis];
        var step = Shape[(axis + 1)..].Elements;
        var separator = lines && axis < Shape.Rank - 1 ? ",\n" + new string(' ', axis + 1) : ", ";
        text.Append('[');
        for (var i = 0; i < size; i++)
        {
            if (edges && size > 2 * Edge && i == Edge)
            {
                text.Append(i > 0 ? separator : "").Append("...");
                i = size - Edge - 1;
                continue;
            }

            text.Append(i > 0 ? separator : "");
            Write(text, axis + 1, flat + i * step, edges, lines);
        }

        text.Append(']');
    }
}
