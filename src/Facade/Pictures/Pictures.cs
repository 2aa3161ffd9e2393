using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Values as pictures: tensors as numbers or pixels, filters and feature maps, and whatever else has a
/// <c>Draw</c>.</summary>
/// <example><code>
/// Tensor.Of([[1, 2], [3, 4]]).Draw().Save("numbers.svg");
/// digits.Train.Take(20).Images.ToPng().Width // 233
/// var weights = lenet.Build([1, 1, 28, 28]).Init(Key.Of(0));
/// weights["conv1.weight"].DrawFilters().Save("filters.svg");
/// </code></example>
public static partial class Pictures
{
    // Smaller images are hard to see.
    private const int Seen = 160;

    /// <summary>A tensor as what it looks like: as pixels if it is an image [1 or 3, h, w] or a batch of them with at least eight
    /// pixels either way, otherwise as a table of numbers.</summary>
    /// <exception cref="ArgumentException">It has no elements.</exception>
    public static Picture Draw(this Tensor tensor) =>
        IsImage(tensor) ? tensor.ToPng(Math.Max(1, Seen / Math.Max(tensor.Shape[^2], tensor.Shape[^1]))) : tensor.DrawNumbers();

    /// <summary>Whether a tensor looks like an image or a batch of them.</summary>
    internal static bool IsImage(Tensor tensor) =>
        tensor is { Shape: [.., 1 or 3, >= 8, >= 8] and { Rank: 3 or 4 }, Count: > 0 };

    /// <summary>An image [h, w] or [1 to 4, h, w] as a PNG, a batch [n, 1 to 4, h, w] as a <see cref="ContactSheet"/>. 0 is black,
    /// 1 is white; below and above is the same, and what is not a number is grey.</summary>
    /// <param name="image">The image or images.</param>
    /// <param name="scale">How many pixels wide and high each pixel becomes.</param>
    /// <param name="columns">How many images of a batch stand side by side.</param>
    /// <exception cref="ArgumentException">It has another shape, or no pixel.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not from 1 to 64, or the number of columns is below 1.</exception>
    public static Picture ToPng(this Tensor image, int scale = 1, int columns = 8)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scale, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scale, 64);
        if (image.Count == 0)
        {
            throw Empty("ToPng", image, nameof(image));
        }

        var pixels = image.Map(value => double.IsNaN(value) ? 0.5 : value);
        var shown = Enlarged(pixels.Shape.Rank == 2 ? pixels.Reshape([1, .. pixels.Shape]) : pixels, scale);
        return Picture.Png(shown.Shape.Rank == 4 ? ContactSheet.Of(shown, columns) : shown, $"pixels of {image.Shape}");
    }

    /// <summary>A tensor as a table of numbers with their positions; of a large one the edges.</summary>
    /// <exception cref="ArgumentException">It has no elements.</exception>
    public static Picture DrawNumbers(this Tensor tensor) => tensor.Count > 0
        ? NumberTable.Of(tensor)
        : throw Empty("DrawNumbers", tensor, nameof(tensor));

    /// <summary>The kernels of a convolution, a tile for each: in colour if they have three channels, otherwise channel by channel,
    /// blue below 0 and red above.</summary>
    /// <param name="weight">The kernels [o, c, h, w].</param>
    /// <param name="each">Whether each tile has colours of its own; otherwise all have the same, so that they can be compared.</param>
    /// <param name="columns">How many tiles stand side by side.</param>
    /// <exception cref="ArgumentException">It has another shape or no element.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of columns is below 1.</exception>
    public static Picture DrawFilters(this Tensor weight, bool each = false, int columns = 8) => weight.Shape switch
    {
        [> 0, 3, > 0, > 0] => Tiles.Of($"filters {weight.Shape}", Rgb(weight, each), columns, null),
        [> 0 and var o, > 0 and var c, > 0 and var h, > 0 and var w] => Maps($"filters {weight.Shape}", weight.Reshape([o * c, h, w]),
            i => c == 1 ? $"{i}" : $"{i / c}, {i % c}", each, columns),
        _ => throw new ArgumentException($"Pictures.DrawFilters: kernels have the shape [o, c, h, w] with at least one element, not {weight.Shape}.", nameof(weight)),
    };

    /// <summary>The channels of a layer's result for one image, a tile for each.</summary>
    /// <param name="maps">The result [c, h, w] or [1, c, h, w].</param>
    /// <param name="each">Whether each tile has colours of its own; otherwise all have the same, so that they can be compared.</param>
    /// <param name="columns">How many tiles stand side by side.</param>
    /// <exception cref="ArgumentException">It has another shape or no element.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of columns is below 1.</exception>
    public static Picture DrawMaps(this Tensor maps, bool each = false, int columns = 8) => maps.Shape switch
    {
        [> 0, > 0, > 0] => Maps($"feature maps {maps.Shape}", maps, i => $"{i}", each, columns),
        [1, > 0, > 0, > 0] => maps.Part(0).DrawMaps(each, columns),
        _ => throw new ArgumentException($"Pictures.DrawMaps: maps have the shape [c, h, w] or [1, c, h, w] with at least one element, not {maps.Shape}.", nameof(maps)),
    };

    /// <summary>What <see cref="Attribution"/> found, over the image: the image, the map, and both over each other. Of several
    /// channels the map shows the largest size.</summary>
    /// <param name="map">A map [h', w'] or one for each channel [c, h', w'].</param>
    /// <param name="image">The image [1 or 3, h, w], values from 0 to 1.</param>
    /// <exception cref="ArgumentException">One of them has another shape or no element.</exception>
    public static Picture DrawOver(this Tensor map, Tensor image)
    {
        if (image.Shape is not [1 or 3, > 0 and var h, > 0 and var w])
        {
            throw new ArgumentException($"Pictures.DrawOver: an image has the shape [1 or 3, h, w], not {image.Shape}.", nameof(image));
        }

        var flat = map.Shape switch
        {
            [> 0, > 0] => map,
            [> 0 and var c, > 0 and var mh, > 0 and var mw] => Tensor.From([mh, mw], i => Enumerable.Range(0, c).Max(channel => Math.Abs(map.At(channel * mh * mw + i)))),
            _ => throw new ArgumentException($"Pictures.DrawOver: a map has the shape [h, w] or [c, h, w], not {map.Shape}.", nameof(map)),
        };
        var finite = flat.Map(value => Axis.Has(value, log: false) ? value : 0);
        var fine = Functions.Resize(finite.Reshape([1, 1, .. finite.Shape]), [h, w], ResizeMode.Linear).Value.Reshape([h, w]);
        var heat = Cells.Coloured(fine, ColourMap.Of(fine.ToDoubles()));
        var rgb = Tensor.From([3, h, w], i => image.At(i % image.Count) is var value && double.IsNaN(value) ? 0.5 : Math.Clamp(image.At(i % image.Count), 0, 1));
        return Tiles.Of($"what {image.Shape} is judged by", [("image", rgb), ("map", heat), ("both", Tensor.From([3, h, w], i => (rgb.At(i) + heat.At(i)) / 2))], 3,
            ColourMap.Of(flat.ToDoubles()), Seen);
    }

    /// <summary>A derivation as a table: formulas, rules and what their numerical checks said.</summary>
    public static Picture Draw(this Derivation derivation) => DrawnTable.Of("derivation", 3,
    [
        ["formula", "rule", "check"],
        .. derivation.Forward.Concat(derivation.Backward).Select(line => (string[])[line.Formula.Unicode, line.Rule, line.Check]),
        .. derivation.Legend.Select(pair => (string[])[pair.Key.Unicode, pair.Value, ""]),
        ["", "", derivation.IsChecked ? "each is checked" : "not all are checked"],
    ]);

    /// <summary>A graph as boxes in rows, each above what reads it: what is given, values and derivatives in different colours, the
    /// formulas under the pointer, results with a strong border. Nodes of one layer can be one box.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="depth">How many parts of the layers' names are told apart: 1 puts together what is in the same outermost layer,
    /// 0 nothing; null is the finest that has no more than sixty boxes, or 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The depth is negative.</exception>
    public static Picture Draw(this Graph graph, int? depth = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(depth ?? 0, nameof(depth));
        return GraphDrawing.Of(graph, depth);
    }

    /// <summary>All that a node depends on, as <see cref="Draw(Graph, int?)"/>.</summary>
    /// <inheritdoc cref="Draw(Graph, int?)"/>
    public static Picture Draw(this Node node, int? depth = null) => new Graph(node).Draw(depth);

    /// <summary>The last two axes enlarged, each element to a square.</summary>
    internal static Tensor Enlarged(Tensor image, int scale)
    {
        var (h, w) = (image.Shape[^2], image.Shape[^1]);
        return scale == 1 ? image : Tensor.From([.. image.Shape[..^2], h * scale, w * scale], i =>
        {
            var (rows, x) = Math.DivRem(i, w * scale);
            var (plane, y) = Math.DivRem(rows, h * scale);
            return image.At((plane * h + y / scale) * w + x / scale);
        });
    }

    private static Picture Maps(string title, Tensor maps, Func<int, string> name, bool each, int columns)
    {
        var colours = ColourMap.Of(maps.ToDoubles());
        return Tiles.Of(title, [.. Enumerable.Range(0, maps.Shape[0]).Select(i =>
            (name(i), Cells.Coloured(maps.Part(i), each ? ColourMap.Of(maps.Part(i).ToDoubles()) : colours)))], columns, each ? null : colours);
    }

    private static ImmutableArray<(string, Tensor)> Rgb(Tensor weight, bool each)
    {
        var all = ColourMap.Of(weight.ToDoubles());
        return [.. Enumerable.Range(0, weight.Shape[0]).Select(i =>
        {
            var map = each ? ColourMap.Of(weight.Part(i).ToDoubles()) : all;
            return ($"{i}", weight.Part(i).Map(value => double.IsNaN(value) ? 0.5 : Math.Clamp((value - map.Low) / (map.High - map.Low), 0, 1)));
        })];
    }

    private static ArgumentException Empty(string function, Tensor tensor, string argument) =>
        new($"Pictures.{function}: {tensor.Shape} has no element to draw.", argument);
}
