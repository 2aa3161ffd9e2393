using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace AutoDiffCnn;

/// <summary>What came of an attack.</summary>
/// <param name="Subject">What was attacked.</param>
/// <param name="Seed">The first case's seed.</param>
/// <param name="Cases">How many cases were tried.</param>
/// <param name="Counts">For each property, for how many cases it held, and for how many there was nothing to say: at a
/// kink, or where numbers are not finite.</param>
/// <param name="Notes">Why there was nothing to say, and how often.</param>
/// <param name="Finding">The counterexample, if there is one.</param>
/// <example><code>
/// var report = GradKit.Attack(x => Sin(x) * x, new Budget(Cases: 20));
/// report.ToString().Split('\n')[0] // function: holds in 20 cases, seed 1
/// </code></example>
public sealed record Report(string Subject, long Seed, int Cases,
    ImmutableArray<(Property Property, int Held, int Silent)> Counts, ImmutableSortedDictionary<string, int> Notes, Finding? Finding)
{
    /// <summary>Whether no property fell.</summary>
    public bool Holds => Finding is null;

    /// <summary>The first line.</summary>
    public string Title => Holds
        ? $"{Subject}: holds in {Cases} cases, seed {Seed}"
        : $"{Subject}: falsified in case {Cases}, seed {Finding!.Seed}";

    /// <summary>Raises the report as an error if a property fell.</summary>
    /// <exception cref="FalsifiedError">A property fell.</exception>
    public void ThrowIfFalsified()
    {
        if (!Holds)
        {
            throw new FalsifiedError(this);
        }
    }

    /// <summary>The title, the finding or the table of properties, and where there was nothing to say.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Title);
        if (Finding is not null)
        {
            return text.Append('\n').Append(Finding).ToString();
        }

        var width = Counts.Max(count => count.Property.Name.Length);
        foreach (var (property, held, silent) in Counts)
        {
            text.Append($"\n  {property.Name.PadRight(width)}  {held,6}{(silent > 0 ? $"  nothing to say in {silent}" : "")}");
        }

        foreach (var (note, count) in Notes)
        {
            text.Append($"\n  {count} times: {note}");
        }

        return text.ToString();
    }

    /// <summary>The report as an HTML table, for a notebook.</summary>
    public string ToHtml()
    {
        var rows = Counts.Select(count => $"<tr><td title=\"{Html(count.Property.Proves)}\">{Html(count.Property.Name)}</td>"
            + $"<td>{count.Held}</td><td>{count.Silent}</td></tr>");
        var finding = Finding is null ? "" : $"<pre>{Html(Finding.ToString())}</pre>";
        return $"<table><caption>{Html(Title)}</caption><thead><tr><th>property</th><th>held</th><th>nothing to say</th></tr></thead>"
            + $"<tbody>{string.Concat(rows)}</tbody></table>{finding}";
    }

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>A gradient, or what else was attacked, is wrong. The message is the whole report.</summary>
/// <param name="report">The report.</param>
/// <example><code>
/// GradKit.Check(x => CustomVjp(v => v * v, (v, _, dy) => v * dy)(x))
/// // FalsifiedError: function: falsified in case …
/// </code></example>
public sealed class FalsifiedError(Report report) : Exception(report.ToString())
{
    /// <summary>The report.</summary>
    public Report Report { get; } = report;
}
