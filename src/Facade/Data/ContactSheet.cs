namespace AutoDiffCnn;

/// <summary>Many pictures in one, to look at a data set or at what augmentation does to it.</summary>
/// <example><code>
/// var sheet = ContactSheet.Of(ColouredShapes.Of(Key.Of(1), 20).Images, columns: 10);
/// sheet.Shape // [3, 67, 331]
/// Png.Write("shapes.png", sheet);
/// </code></example>
public static class ContactSheet
{
    // Between the pictures and around them, in pixels.
    private const int Gap = 1;

    /// <summary>Pictures in rows, with white lines of one pixel between them and around them.</summary>
    /// <param name="images">The pictures [n, channels, height, width], values from 0 to 1.</param>
    /// <param name="columns">How many stand side by side.</param>
    /// <returns>One picture [channels, height, width].</returns>
    /// <exception cref="ShapeError">The images have another shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of columns is below 1.</exception>
    public static Tensor Of(Tensor images, int columns = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (images.Shape is not [> 0 and var n, var c, var h, var w])
        {
            throw new ShapeError($"ContactSheet on {images.Shape}", "images need the shape [n, c, h, w] with n at least 1", ["Reshape"]);
        }

        columns = Math.Min(columns, n);
        var (height, width) = ((n + columns - 1) / columns * (h + Gap) + Gap, columns * (w + Gap) + Gap);
        var pixels = new float[c * (long)height * width];
        Array.Fill(pixels, 1);
        for (var row = 0; row < n * c * h; row++)
        {
            var (image, channel, y) = (row / (c * h), row / h % c, row % h);
            var top = Gap + image / columns * (h + Gap) + y;
            var target = pixels.AsSpan((channel * height + top) * width + Gap + image % columns * (w + Gap), w);
            for (var x = 0; x < w; x++)
            {
                target[x] = (float)images.At(row * w + x);
            }
        }

        return Tensor.Wrap([c, height, width], pixels);
    }
}
