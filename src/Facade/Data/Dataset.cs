namespace AutoDiffCnn;

/// <summary>Labelled images, or samples of any other shape.</summary>
/// <param name="Images">Pixels [n, c, h, w], or features [n, …].</param>
/// <param name="Labels">The class of each image [n], whole numbers from 0 to <paramref name="Classes"/> − 1.</param>
/// <param name="Classes">The number of classes.</param>
/// <example><code>Datasets.Digits().Train.Take(100) // Dataset(100 images [1, 28, 28], 10 classes)</code></example>
[TypeFormatterSource]
public sealed record Dataset(Tensor Images, Tensor Labels, int Classes)
{
    /// <summary>The number of images.</summary>
    public int Count => Images.Shape.Rank > 0 ? Images.Shape[0] : 0;

    /// <summary>The first <paramref name="count"/> images, or all if there are fewer. Nothing is copied.</summary>
    /// <exception cref="ShapeError">The count is negative.</exception>
    public Dataset Take(int count) => Slice(0, Math.Min(count, Count));

    /// <summary><paramref name="count"/> images from number <paramref name="first"/> on. Nothing is copied.</summary>
    /// <exception cref="ShapeError">The range lies outside.</exception>
    public Dataset Slice(int first, int count) =>
        this with { Images = Images.Slice(first, count), Labels = Labels.Slice(first, count) };

    /// <summary>The images with these numbers, in this order; a number may come more than once.</summary>
    /// <exception cref="ShapeError">A number lies outside.</exception>
    public Dataset Pick(params IReadOnlyList<int> numbers) => numbers.Count == 0
        ? Take(0)
        : this with { Images = Joined.Of([.. numbers.Select(Images.Part)]), Labels = Joined.Of([.. numbers.Select(Labels.Part)]) };

    /// <summary>The images of several data sets, one set after the other.</summary>
    /// <exception cref="DataError">There is none, or they differ in the shape of an image or in their classes.</exception>
    public static Dataset Concat(IReadOnlyList<Dataset> parts)
    {
        Refuse(parts.Count == 0, "nothing to put together: at least one data set is needed");
        if (parts.FirstOrDefault(part => part.Images.Shape[1..] != parts[0].Images.Shape[1..] || part.Labels.Shape[1..] != parts[0].Labels.Shape[1..] || part.Classes != parts[0].Classes) is { } odd)
        {
            throw new DataError($"{parts[0]} and {odd} cannot be put together: images and classes must be the same.");
        }

        return parts.All(part => part.Count == 0) ? parts[0] : parts[0] with
        {
            Images = Joined.Of([.. parts.SelectMany(part => Enumerable.Range(0, part.Count).Select(part.Images.Part))]),
            Labels = Joined.Of([.. parts.SelectMany(part => Enumerable.Range(0, part.Count).Select(part.Labels.Part))]),
        };
    }

    /// <summary>Two parts with the same share of each class: of n images of a class round(n·<paramref name="test"/>) are
    /// chosen at random for the test. In both parts the images keep their order.</summary>
    /// <param name="test">The share of images for the test, from 0 to 1.</param>
    /// <param name="key">What the choice depends on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside.</exception>
    public Split Split(double test, Key key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(test is >= 0 and <= 1, true, nameof(test));
        var chosen = Enumerable.Range(0, Count).GroupBy(Labels.At).SelectMany(group =>
        {
            var members = group.ToArray();
            return key.FoldIn((uint)group.Key).Permutation(members.Length).Take((int)(members.Length * test + 0.5)).Select(i => members[i]);
        }).ToHashSet();
        return new(Pick([.. Enumerable.Range(0, Count).Where(i => !chosen.Contains(i))]), Pick([.. chosen.Order()]));
    }

    /// <summary>The data set itself, if it can be trained on.</summary>
    /// <exception cref="DataError">It is empty, its shapes do not fit, a pixel is not finite,
    /// or a label is no class.</exception>
    public Dataset Check()
    {
        CheckShapes();
        CheckLabels();
        CheckPixels();
        return this;
    }

    /// <summary>The size of the data: <c>Dataset(5000 images [1, 28, 28], 10 classes)</c>.</summary>
    public override string ToString() =>
        $"Dataset({Count} images {(Images.Shape.Rank > 0 ? Images.Shape[1..] : [])}, {Classes} classes)";

    private void CheckShapes()
    {
        Refuse(Images.Shape.Rank < 2, $"images need the shape [n, c, h, w], or [n, …], they have {Images.Shape}");
        Refuse(Labels.Shape.Rank != 1, $"labels need the shape [n], they have {Labels.Shape}");
        Refuse(Classes < 1, $"the number of classes is {Classes}, it must be at least 1");
        Refuse(Images.Shape[0] != Labels.Shape[0], $"{Images.Shape[0]} images but {Labels.Shape[0]} labels");
        Refuse(Images.Count == 0, $"the data set is empty: images {Images.Shape}");
    }

    private void CheckLabels()
    {
        var sample = 0;
        foreach (var label in Labels.Doubles)
        {
            if (!(label >= 0 && label < Classes && Math.Floor(label) == label))
            {
                throw new DataError(
                    $"sample {sample} has label {Tensor.Number(label)}; the {Classes} classes are 0 to {Classes - 1}.");
            }

            sample++;
        }
    }

    private void CheckPixels()
    {
        if ((Images.IsSingle ? Finite.FirstNot(Images.Singles) : Finite.FirstNot(Images.Doubles)) is >= 0 and var at)
        {
            var (sample, pixel) = Math.DivRem(at, Images.Count / Count);
            throw new DataError(
                $"sample {sample} has {Tensor.Number(Images.At(at))} at pixel {Position(Images.Shape[1..], pixel)}.");
        }
    }

    private static Shape Position(Shape shape, int flat)
    {
        var strides = shape.Strides();
        return shape.Select((size, axis) => (int)(flat / strides[axis] % size));
    }

    private static void Refuse(bool bad, string reason)
    {
        if (bad)
        {
            throw new DataError($"{reason}.");
        }
    }
}

/// <summary>What a network learns from, and what it is judged by and never sees before.</summary>
/// <param name="Train">The data to learn from.</param>
/// <param name="Test">The data to judge by.</param>
/// <example><code>
/// var (train, test) = Datasets.Digits();
/// test // Dataset(1000 images [1, 28, 28], 10 classes)
/// </code></example>
public sealed record Split(Dataset Train, Dataset Test);
