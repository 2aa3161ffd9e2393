using System.Xml.Linq;

namespace AutoDiffCnn.Site;

/// <content>What stands in rows and columns.</content>
internal sealed partial class Latex
{
    /// <summary>Columns that meet where the sign of equality is: the left ones end there, the right ones begin.</summary>
    private const string Aligned = "rl";

    private XElement Environment()
    {
        var start = at;
        var name = Words();
        var shown = name.TrimEnd('*') switch
        {
            "matrix" or "smallmatrix" => Table("c"),
            "pmatrix" => Fenced("(", Table("c"), ")"),
            "bmatrix" => Fenced("[", Table("c"), "]"),
            "Bmatrix" => Fenced("{", Table("c"), "}"),
            "vmatrix" => Fenced("|", Table("c"), "|"),
            "Vmatrix" => Fenced("‖", Table("c"), "‖"),
            "cases" => Fenced("{", Table("l"), ""),
            "aligned" or "align" or "split" or "eqnarray" => Table(Aligned),
            "gathered" or "gather" or "equation" => Table("c", isWide: true),
            "array" => Table(Columns()),
            _ => throw Outside(),
        };
        if (!IsCommand("end"))
        {
            throw Error($@"\end{{{name}}}", Next());
        }

        Name();
        return Words() == name ? shown : throw Error($@"\end{{{name}}}", "another end");

        MathError Outside()
        {
            at = start;
            return Error("a table that can be drawn", name, "matrix, pmatrix, bmatrix, vmatrix, cases, aligned, gathered or array");
        }
    }

    /// <param name="columns">How the columns are aligned, repeated from the first if there are more.</param>
    /// <param name="isWide">Whether its formulas are as large as those on a line of their own.</param>
    private XElement Table(string columns, bool isWide = false)
    {
        var rows = new List<XElement>();
        do
        {
            var cells = new List<XElement> { Cell(0, columns) };
            for (; at < text.Length && text[at] == '&'; cells.Add(Cell(cells.Count, columns)))
            {
                at++;
            }

            rows.Add(new("mtr", cells));
        }
        while (TakesRow());

        // A line's end behind the last row begins none.
        return new("mtable", Attributes("displaystyle", columns == Aligned || isWide ? "true" : "false"),
            rows is [.., var last] && rows.Count > 1 && last.Value.Length == 0 ? rows[..^1] : rows);
    }

    // Browsers align what is a block, as a formula is in its cell, by names of their own.
    private XElement Cell(int column, string columns)
    {
        var side = columns[column % columns.Length] switch { 'r' => "right", 'l' => "left", _ => "" };
        var padding = columns != Aligned ? "" : $"; padding: 0.3em 0 0.3em {(side == "right" && column > 0 ? 1 : 0)}em";
        return new("mtd", side.Length == 0 ? null : new XAttribute("style", $"text-align: {side}; text-align: -webkit-{side}{padding}"), Items());
    }

    private bool TakesRow()
    {
        if (!IsCommand("\\"))
        {
            return false;
        }

        Name();
        if (at < text.Length && text[at] == '[')
        {
            at = text.IndexOf(']', at) is > 0 and var end ? end + 1 : throw Error("']'", "the end");
        }

        return true;
    }

    private string Columns()
    {
        var columns = string.Concat(Words().Where(sign => sign is 'l' or 'c' or 'r'));
        return columns.Length > 0 ? columns : throw Error("columns", "none", "c, l or r for each");
    }

    private XElement Substack()
    {
        Expect('{');
        var table = Table("c");
        Expect('}');
        return table;
    }
}
