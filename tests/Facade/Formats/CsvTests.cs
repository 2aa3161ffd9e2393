using System.Text;
using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class CsvTests
{
    [Theory]
    [InlineData("1,2\n3,4\n", "")]
    [InlineData("1,2\r\n3,4", "")]
    [InlineData("\uFEFFa,b\n1,2\n3,4\n", "a|b")]
    [InlineData("\uFEFF1,2\n3,4\n", "")]
    [InlineData("\"a\",\"b \"\"c\"\"\n, d\"\n1,\"2\"\n 3 ,4e0\n", "a|b \"c\"\n, d")]
    [InlineData("é,1\n1,2\n3,4\n", "é|1")]
    public void Reads_what_the_rules_say(string text, string names)
    {
        var (read, values) = Read(text);
        Assert.Equal(names, string.Join('|', read));
        Assert.Equal(Tensor.Of([[1, 2], [3, 4]]), values);
    }

    [Fact]
    public void Reads_special_numbers_other_separators_and_nothing()
    {
        Assert.Equal(Tensor.Of([[double.NaN, double.PositiveInfinity, -1e300]]), Read("NaN;Infinity;-1e300", ';').Values);
        Assert.Equal("[0, 0]", Read("").Values.Shape.ToString());
        Assert.Equal("[0, 2]", Read("a,b\n").Values.Shape.ToString());
    }

    [Fact]
    public void Reads_back_the_same_bits() => Scratch.In(folder => Law.ForAll(
        from columns in Gen.Choose(1, 4)
        from rows in Gen.Choose(0, 4)
        from values in Gen.Elements(0, -0.0, 1, 0.1, 1.0 / 3, 5e-324, double.MaxValue, double.NaN, double.NegativeInfinity, 0.1f).ListOf(columns * rows)
        from names in Gen.Elements("a", "x,y", "\"", "é\n", " ", "€").ListOf(columns)
        select (names, Tensor.Of([rows, columns], [.. values])),
        table =>
        {
            var path = Path.Combine(folder, "t.csv");
            Csv.Write(path, [.. table.names], table.Item2);
            var (names, values) = Csv.Read(path);
            Assert.Equal(table.names, names);
            Assert.Equal(table.Item2, values);
        }));

    [Theory]
    [InlineData("1,2\n3\n", "file, byte 4: expected 2 fields in line 2, as in the first, got 1.")]
    [InlineData("1,2\n3,x\n", "file, byte 4: expected a number in line 2, field 2, got 'x'.")]
    [InlineData("1,2\n\n3,4\n", "file, byte 4: expected 2 fields in line 2, as in the first, got 1.")]
    [InlineData("1,2\n3,\n", "file, byte 4: expected a number in line 2, field 2, got ''.")]
    [InlineData("1,\"2\n3,4", "file, byte 8: expected the second quotation mark of field 2 of the line, got the end of the file.")]
    [InlineData("1,\"2\"x\n", "file, byte 5: expected the end of field 2 of the line, got 'x'.")]
    public void Says_where_it_is_wrong(string text, string error) => Assert.Equal(error, Assert.Throws<FormatError>(() => Read(text)).Message);

    [Fact]
    public void Refuses_names_that_are_not_UTF_8() =>
        Assert.StartsWith("file, byte 0: expected names in UTF-8, got ", Assert.Throws<FormatError>(() => Csv.Read(new MemoryStream([0xE9, (byte)'\n']), "file")).Message);

    [Fact]
    public void Refuses_to_write_what_is_no_table() => Scratch.In(folder =>
    {
        Assert.StartsWith("a table has the shape [rows, columns], not [2].", Refusal([], Tensor.Of([1, 2])));
        Assert.StartsWith("2 columns need 2 names that are not all numbers, not [1, 2].", Refusal(["1", "2"], Tensor.Of([[1, 2]])));
        Assert.StartsWith("2 columns need 2 names that are not all numbers, not [a].", Refusal(["a"], Tensor.Of([[1, 2]])));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        string Refusal(string[] names, Tensor values) => Assert.Throws<ArgumentException>(() => Csv.Write(Path.Combine(folder, "x"), names, values)).Message;
    });

    [Fact]
    public void Survives_random_damage() => Hostile.Attack(file => Csv.Read(new MemoryStream(file), "file"),
        [.. "a,b\n1,2\n3,4\n"u8], [.. "1;\"2\"\r\n"u8], [.. "\"x\"\"y\",\"z\n\"\n1e5,-3\n"u8]);

    private static (IReadOnlyList<string> Names, Tensor Values) Read(string text, char separator = ',')
    {
        var (names, values) = Csv.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "file", separator);
        return (names, values);
    }
}
