using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Pictures (PNG) in a folder with one folder for each class. Classes and files are taken in the order of their
/// names' code points, so that they are the same everywhere.</summary>
/// <example><code>
/// foreach (var (name, value) in new[] { ("cat", 0.2), ("dog", 1.0) })
/// {
///     Directory.CreateDirectory($"pets/{name}");
///     Png.Write($"pets/{name}/1.png", Tensor.Fill([3, 8, 8], value));
/// }
///
/// ImageFolder.Classes("pets") // [cat, dog]
/// ImageFolder.Read("pets") // Dataset(2 images [3, 8, 8], 2 classes)
/// </code></example>
public static class ImageFolder
{
    /// <summary>The names of the classes: those of the folders.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataError">There is no such folder, or no folder in it.</exception>
    public static ImmutableArray<string> Classes(string folder)
    {
        ImmutableArray<string> names = Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
            : throw new DataError($"{folder}: there is no such folder.");
        return names.Length > 0
            ? names
            : throw new DataError($"{folder}: there is no folder in it. Possible: a folder for each class, with its pictures.");
    }

    /// <summary>The pictures' files with the numbers of their classes. To read more of them than memory holds, make a
    /// <see cref="Loader{T}"/> of this list.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataError">There is no such folder, no folder in it, or one without pictures.</exception>
    public static ImmutableArray<(string Path, int Class)> Files(string folder) =>
        [.. Classes(folder).SelectMany((name, label) => FilesOf(Path.Combine(folder, name)).Select(path => (path, label)))];

    /// <summary>A picture in a number of channels: grey is repeated for colours, colours are weighed for grey
    /// (0.299 red + 0.587 green + 0.114 blue), opacity is left out.</summary>
    /// <param name="path">The file.</param>
    /// <param name="channels">1 for grey, 3 for colours.</param>
    /// <returns>The pixels [channels, height, width], from 0 to 1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Another number of channels.</exception>
    /// <exception cref="FormatError">The file is no PNG file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Tensor ReadImage(string path, int channels = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(channels is 1 or 3, true, nameof(channels));
        var image = Png.Read(path);
        return (image.Shape[0] > 2, channels) switch
        {
            (true, 3) => image.Slice(0, 3),
            (false, 1) => image.Slice(0, 1),
            (false, _) => Repeated(image.Slice(0, 1)),
            _ => Grey(image),
        };
    }

    /// <summary>All pictures, which must have one size.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="channels">1 for grey, 3 for colours; see <see cref="ReadImage"/>.</param>
    /// <exception cref="DataError">There is no such folder, a class without pictures, or pictures of different
    /// sizes.</exception>
    /// <exception cref="FormatError">A file is no PNG file.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Dataset Read(string folder, int channels = 3)
    {
        var files = Files(folder);
        var first = ReadImage(files[0].Path, channels);
        var images = new Tensor[files.Length];
        for (var i = 0; i < images.Length; i++)
        {
            images[i] = ReadImage(files[i].Path, channels);
            if (images[i].Shape != first.Shape)
            {
                throw new DataError($"{files[i].Path} is {images[i].Shape}, but {files[0].Path} is {first.Shape}. "
                    + "Possible: pictures of one size, or a Loader of Files that crops each.");
            }
        }

        return new(Joined.Of(images), Tensor.Of([files.Length], [.. files.Select(file => (float)file.Class)]), Classes(folder).Length);
    }

    private static IEnumerable<string> FilesOf(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Where(path => path.EndsWith(".png", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new DataError($"{folder}: there is no picture (.png) in it.");
    }

    private static Tensor Repeated(Tensor grey) => Joined.Of([grey.Part(0), grey.Part(0), grey.Part(0)]);

    private static Tensor Grey(Tensor image)
    {
        var size = image.Count / image.Shape[0];
        var grey = new float[size];
        for (var i = 0; i < size; i++)
        {
            grey[i] = (float)(0.299 * image.At(i) + 0.587 * image.At(size + i) + 0.114 * image.At(2 * size + i));
        }

        return Tensor.Wrap(image.Shape.With(0, 1), grey);
    }
}
