namespace AutoDiffCnn;

/// <summary>Pictures inside the package, to look at what a network or a filter does: [channels, height, width], values from
/// 0 to 1. Their photographers and licences are in Data/Pictures/LICENSE.md.</summary>
/// <example><code>
/// SamplePictures.Chelsea().Shape // [3, 170, 256]
/// Png.Write("cat.png", SamplePictures.Chelsea());
/// </code></example>
public static class SamplePictures
{
    /// <summary>Eileen Collins in a space suit, 256 × 256. NASA, public domain.</summary>
    public static Tensor Astronaut() => Read("astronaut");

    /// <summary>Chelsea the cat, 256 wide, 170 high. Stefan van der Walt, CC0.</summary>
    public static Tensor Chelsea() => Read("chelsea");

    /// <summary>A cup of coffee, 256 wide, 171 high. Rachel Michetti, CC0.</summary>
    public static Tensor Coffee() => Read("coffee");

    /// <summary>A man with a camera, 256 × 256, grey. Lav Varshney, CC0.</summary>
    public static Tensor Camera() => Read("camera");

    private static Tensor Read(string name)
    {
        using var file = typeof(SamplePictures).Assembly.GetManifestResourceStream($"Pictures/{name}.png")!;
        return Png.Read(file, $"{name}.png");
    }
}
