using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A random change of images: a pure function of a key and a batch. What happens to image i depends on the key,
/// on i and on the image, so the same key gives the same bits, and a part of a batch is changed as in the whole.</summary>
/// <remarks><see cref="Augment"/> makes them. One of your own: <c>new Augmentation("Negative", (key, images) =>
/// images.Map(p => 1 - p))</c>.</remarks>
/// <example><code>
/// var augmentation = Augment.PadCrop(4) >> Augment.Flip() >> Augment.Brightness(-0.2, 0.2);
/// augmentation // PadCrop(4) >> Flip(0.5) >> Brightness(-0.2, 0.2)
/// var images = ColouredShapes.Of(Key.Of(1), 16).Images;
/// augmentation.Apply(Key.Of(2), images).Shape // [16, 3, 32, 32]
/// augmentation.Apply(Key.Of(2), images).Equals(augmentation.Apply(Key.Of(2), images)) // True
/// </code></example>
public sealed class Augmentation
{
    private readonly ImmutableArray<(string Name, Func<Key, Tensor, Tensor> Function)> steps;

    /// <summary>A change of your own.</summary>
    /// <param name="name">How it prints.</param>
    /// <param name="function">Makes images [n, …] of a key and images [n, c, h, w].</param>
    public Augmentation(string name, Func<Key, Tensor, Tensor> function) : this([(name, function)])
    {
    }

    private Augmentation(ImmutableArray<(string, Func<Key, Tensor, Tensor>)> steps) => this.steps = steps;

    /// <summary>One after the other; each gets a key of its own.</summary>
    public static Augmentation operator >>(Augmentation first, Augmentation then) => new([.. first.steps, .. then.steps]);

    /// <summary>The changed images.</summary>
    /// <param name="key">What chance depends on.</param>
    /// <param name="images">The images [n, c, h, w].</param>
    /// <exception cref="ShapeError">The images have another shape, or one that a change does not allow.</exception>
    public Tensor Apply(Key key, Tensor images)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            images = images.Shape is [> 0, > 0, > 0, > 0]
                ? steps[i].Function(key.FoldIn((uint)i), images)
                : throw new ShapeError($"{steps[i].Name} on {images.Shape}", "images need the shape [n, c, h, w] with at least one pixel",
                    images.Shape.Rank == 3 ? [$"Reshape to {Shape.Of([1, .. images.Shape])}"] : []);
        }

        return images;
    }

    /// <summary>This change for a share of the images, each by a coin of its own; the others stay.</summary>
    /// <param name="share">The share, from 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside.</exception>
    public Augmentation Sometimes(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(share is >= 0 and <= 1, true, nameof(share));
        return new($"({this}).Sometimes({Tensor.Number(share)})", (key, images) =>
        {
            var (changed, coins) = (Apply(key.FoldIn("change"), images), key.FoldIn("coins"));
            return changed.Shape == images.Shape
                ? Joined.Of([.. Enumerable.Range(0, images.Shape[0]).Select(i => (coins.Uniform((uint)i) < share ? changed : images).Part(i))])
                : throw new ShapeError($"({this}).Sometimes on {images.Shape}", $"what is changed has another shape, {changed.Shape}", [$"{this} for all images"]);
        });
    }

    /// <summary>As it is written in C#.</summary>
    public override string ToString() => string.Join(" >> ", steps.Select(step => step.Name));
}
