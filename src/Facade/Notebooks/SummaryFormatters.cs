namespace AutoDiffCnn;

/// <summary>Shows summaries in notebooks as tables.</summary>
internal sealed class SummaryFormatters
{
    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
        [new ValueFormatter<Summary>("text/html", summary => summary.ToHtml()), ValueFormatter.Plain];
}
