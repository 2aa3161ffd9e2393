using System.Collections.Immutable;

namespace AutoDiffCnn;

public static partial class Datasets
{
    /// <summary>A table with named columns: a row for each sample, its class in one column, its features in others.</summary>
    /// <param name="path">The file; see <see cref="AutoDiffCnn.Csv"/>.</param>
    /// <param name="label">The name of the column of classes, whole numbers from 0.</param>
    /// <param name="features">The names of the other columns to take, in this order; all by default.</param>
    /// <param name="shape">The shape of a sample: [1, 28, 28] for 784 columns of pixels; [features] by default.</param>
    /// <param name="classes">The number of classes; one more than the largest label by default.</param>
    /// <param name="separator">What stands between fields.</param>
    /// <exception cref="DataError">A column is missing, a label is no class, a feature is not finite, or the shape does
    /// not fit; the message names file, line and column.</exception>
    /// <exception cref="FormatError">A field is no number, or the lines differ in their number of fields.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Dataset Csv(
        string path, string label, IReadOnlyList<string>? features = null, Shape? shape = null, int? classes = null,
        char separator = ',')
    {
        var (names, values) = AutoDiffCnn.Csv.Read(path, separator);
        var target = Column(path, names, label);
        int[] columns = features is null
            ? [.. Enumerable.Range(0, names.Length).Where(column => column != target)]
            : [.. features.Select(name => Column(path, names, name))];
        var (rows, sample) = (values.Shape[0], shape ?? [columns.Length]);
        if (sample.Elements != columns.Length)
        {
            throw new DataError($"{path}: {columns.Length} columns of features do not make a sample of {sample}.");
        }

        double At(int row, int column, Func<double, bool> isGood, string wanted) =>
            values.At(row * names.Length + column) is var value && isGood(value) ? value
                : throw new DataError($"{path}, line {row + 2}, column {names[column]}: {Tensor.Number(value)} is {wanted}.");

        var labels = Tensor.From([rows], row => At(row, target,
            value => value >= 0 && value < (classes ?? int.MaxValue) && Math.Floor(value) == value,
            $"no class, a whole number {(classes is null ? "of at least 0" : $"from 0 to {classes - 1}")}"));
        var images = new float[(long)rows * columns.Length];
        for (var i = 0; i < images.Length; i++)
        {
            images[i] = (float)At(i / columns.Length, columns[i % columns.Length], double.IsFinite, "not finite");
        }

        return rows == 0
            ? throw new DataError($"{path}: the data set is empty.")
            : new(Tensor.Wrap([rows, .. sample], images), labels, classes ?? 1 + (int)labels.ToDoubles().Max());
    }

    private static int Column(string path, ImmutableArray<string> names, string name) => names.Count(other => other == name) switch
    {
        1 => names.IndexOf(name),
        0 when names.IsEmpty => throw new DataError($"{path}, line 1: the columns have no names, so none is '{name}'."),
        0 => throw new DataError($"{path}, line 1: no column is called '{name}'; there are {string.Join(", ", names)}."),
        var many => throw new DataError($"{path}, line 1: {many} columns are called '{name}'."),
    };
}
