using AutoDiffCnn.Tests;
using FsCheck.Fluent;
using static AutoDiffCnn.Optimizers;

namespace FacadeTests;

public sealed class CsvDatasetTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("autodiffcnn-").FullName;

    private string Table => Path.Combine(folder, "t.csv");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Columns_by_name_in_the_order_asked_for()
    {
        Write("a,species,b,c\n1,0,2,3\n4,2,5,6\n");
        var all = Datasets.Csv(Table, label: "species");
        Assert.Equal((Tensor.Of([[1, 2, 3], [4, 5, 6]]), Tensor.Of([0, 2]), 3), (all.Images, all.Labels, all.Classes));
        var some = Datasets.Csv(Table, "species", ["c", "a"], classes: 5);
        Assert.Equal((Tensor.Of([[3, 1], [6, 4]]), 5), (some.Images, some.Classes));
        Assert.Equal([2, 1, 1, 3], Datasets.Csv(Table, "species", shape: [1, 1, 3]).Images.Shape);
    }

    [Fact]
    public void What_a_data_set_is_written_as_is_what_is_read() => Law.ForAll(
        from rows in Gen.Choose(1, 6)
        from columns in Gen.Choose(1, 5)
        from seed in Gen.Choose(0, 999)
        select (rows, columns, seed),
        at =>
        {
            var (rows, columns, seed) = at;
            var features = Key.Of(seed).Uniform([rows, columns], -9, 9).Map(value => (float)value);
            var values = Tensor.From([rows, columns + 1], i => i % (columns + 1) == 0 ? i / (columns + 1) % 3 : features.At(i / (columns + 1) * columns + i % (columns + 1) - 1));
            Csv.Write(Table, ["label", .. Enumerable.Range(0, columns).Select(i => $"f{i}")], values);
            var data = Datasets.Csv(Table, "label", classes: 3).Check();
            Assert.Equal(features, data.Images);
            Assert.Equal(Tensor.From([rows], i => i % 3), data.Labels);
        });

    [Fact]
    public void A_dense_network_learns_a_table()
    {
        Csv.Write(Table, ["x", "y", "inside"], Tensor.From([200, 3], i => i % 3 < 2 ? At(i) : At(i - 2) * At(i - 2) + At(i - 1) * At(i - 1) < 0.5 ? 1 : 0));
        var data = Datasets.Csv(Table, "inside");
        Assert.True((Dense(16) >> Relu >> Dense(2)).Fit(data, SoftmaxCrossEntropy, Adam(0.02), epochs: 40, batch: 20).Evaluate(data).Accuracy > 0.9);

        static double At(int i) => 2 * Key.Of(1).Uniform((uint)i) - 1;
    }

    [Theory]
    [InlineData("a,b\n1,2\n", ", line 1: no column is called 'label'; there are a, b.")]
    [InlineData("1,2\n3,4\n", ", line 1: the columns have no names, so none is 'label'.")]
    [InlineData("label,label\n1,2\n", ", line 1: 2 columns are called 'label'.")]
    [InlineData("a,label\n1,0\n2,1.5\n", ", line 3, column label: 1.5 is no class, a whole number of at least 0.")]
    [InlineData("a,label\n1,0\n2,-1\n", ", line 3, column label: -1 is no class, a whole number of at least 0.")]
    [InlineData("a,label\n1,0\nNaN,1\n", ", line 3, column a: NaN is not finite.")]
    [InlineData("a,label\n", ": the data set is empty.")]
    public void Says_file_line_and_column(string text, string error)
    {
        Write(text);
        Assert.Equal($"{Table}{error}", Assert.Throws<DataError>(() => Datasets.Csv(Table, "label")).Message);
    }

    [Fact]
    public void Says_what_else_is_wrong()
    {
        Write("a,label\n1,0\n2,x\n");
        Assert.Equal($"{Table}, byte 12: expected a number in line 3, column label, got 'x'.", Assert.Throws<FormatError>(() => Datasets.Csv(Table, "label")).Message);
        Write("a,label\n1,0\n2,3\n");
        Assert.Equal($"{Table}, line 3, column label: 3 is no class, a whole number from 0 to 2.", Assert.Throws<DataError>(() => Datasets.Csv(Table, "label", classes: 3)).Message);
        Assert.Equal($"{Table}, line 1: no column is called 'b'; there are a, label.", Assert.Throws<DataError>(() => Datasets.Csv(Table, "label", ["b"])).Message);
        Assert.Equal($"{Table}: 1 columns of features do not make a sample of [1, 28, 28].", Assert.Throws<DataError>(() => Datasets.Csv(Table, "label", shape: [1, 28, 28])).Message);
    }

    private void Write(string text) => File.WriteAllText(Table, text);
}
