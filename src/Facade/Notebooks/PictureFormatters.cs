namespace AutoDiffCnn;

/// <summary>Shows pictures in notebooks as what they are, an SVG or a PNG, which viewers without scripts show, too.</summary>
internal sealed class PictureFormatters
{
    /// <summary>By which types name it.</summary>
    public const string Name = "AutoDiffCnn.PictureFormatters, AutoDiffCnn";

    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new ValueFormatter<Picture>("image/svg+xml", picture => picture.Text),
        new ValueFormatter<Picture>("image/png", picture => Convert.ToBase64String(picture.Bytes)),
        new ValueFormatter<Picture>("text/html", picture => picture.ToHtml()),
        ValueFormatter.Plain,
    ];
}

/// <summary>Shows charts in notebooks as their pictures.</summary>
internal sealed class ChartFormatters
{
    /// <summary>Found by its name.</summary>
    public IEnumerable<object> CreateTypeFormatters() =>
    [
        new ValueFormatter<Chart>("image/svg+xml", chart => chart.ToPicture().Text),
        new ValueFormatter<Chart>("text/html", chart => chart.ToPicture().ToHtml()),
        ValueFormatter.Plain,
    ];
}
