using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class SafetensorsTests
{
    private static readonly Dictionary<string, Tensor> Some = new()
    {
        ["conv1.weight"] = Tensor.From([2, 1, 3, 3], i => i - 7.5),
        ["bias"] = Tensor.Of([0.5, -2]),
        ["step"] = Tensor.Of(3),
        ["none"] = Tensor.Fill([0, 4], 0),
    };

    /// <summary>Written out by hand from the description of the format.</summary>
    [Fact]
    public void Writes_exactly_these_bytes()
    {
        const string header = """{"__metadata__":{"format":"pt"},"b":{"dtype":"F64","shape":[],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[8,16]}}    """;
        Assert.Equal(0, header.Length % 8);
        byte[] expected =
        [
            (byte)header.Length, 0, 0, 0, 0, 0, 0, 0, .. Encoding.ASCII.GetBytes(header),
            0, 0, 0, 0, 0, 0, 0xF8, 0x3F, // 1.5 in double: 0x3FF8 0000 0000 0000
            0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0, // 1 and −2.5 in single: 0x3F80 0000, 0xC020 0000
        ];
        var tensors = new Dictionary<string, Tensor> { ["a"] = Tensor.Of([2, 1], [1f, -2.5f]), ["b"] = Tensor.Of(1.5) };
        Assert.Equal(expected, SafetensorsFile.Write(tensors, new Dictionary<string, string> { ["format"] = "pt" }, keepDoubles: true));
        Assert.Equal(tensors, SafetensorsFile.Read(expected));
    }

    [Fact]
    public void A_folder_is_no_file()
    {
        var folder = Path.GetTempPath();
        Assert.StartsWith($"cannot read {folder}: ", Assert.Throws<IOException>(() => Safetensors.Read(folder)).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => Idx.Read(folder));
    }

    [Fact]
    public void The_order_of_insertion_does_not_matter() =>
        Assert.Equal(SafetensorsFile.Write(Some), SafetensorsFile.Write(Some.Reverse().ToDictionary()));

    [Fact]
    public void Names_are_ordered_by_code_point() // where UTF-16 would put 𝒙 (D835 DC99) before ￮ (FFEE)
    {
        // The reader gives tensors in the order of their elements.
        var file = SafetensorsFile.Write(new Dictionary<string, Tensor> { ["𝒙"] = Tensor.Of(1), ["￮"] = Tensor.Of(2), ["é"] = Tensor.Of(3) });
        Assert.Equal(["é", "￮", "𝒙"], SafetensorsFile.Read(file).Keys);
    }

    [Fact]
    public void Reads_back_what_was_written_in_single_precision()
    {
        var read = SafetensorsFile.Read(SafetensorsFile.Write(Some));
        Assert.Equal(Some.OrderBy(pair => pair.Key), read.OrderBy(pair => pair.Key));
        Assert.All(read.Values, tensor => Assert.True(tensor.IsSingle));
    }

    [Fact]
    public void Reads_back_anything() => Prop.ForAll(Tensors().ToArbitrary(), tensors =>
        SafetensorsFile.Read(SafetensorsFile.Write(tensors, keepDoubles: true)) is var read
        && read.Count == tensors.Count
        && tensors.All(pair => read[pair.Key].Equals(pair.Value) && read[pair.Key].IsSingle == pair.Value.IsSingle)).QuickCheckThrowOnFailure();

    [Fact]
    public void Reads_back_a_file_and_its_metadata() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "some.safetensors");
        var metadata = new Dictionary<string, string> { ["model"] = "LeNet5 \"é\"\n", [""] = "" };
        Safetensors.Write(path, Some, metadata);
        Assert.Equal(Some["bias"], Safetensors.Read(path)["bias"]);
        Assert.Equal(metadata.OrderBy(pair => pair.Key), Safetensors.ReadMetadata(path).OrderBy(pair => pair.Key));
    });

    [Theory]
    [InlineData("BOOL", "[2]", new byte[] { 0, 1 }, new double[] { 0, 1 })]
    [InlineData("U8", "[2]", new byte[] { 7, 255 }, new double[] { 7, 255 })]
    [InlineData("I8", "[2]", new byte[] { 7, 255 }, new double[] { 7, -1 })]
    [InlineData("U16", "[1]", new byte[] { 1, 255 }, new double[] { 65281 })]
    [InlineData("I16", "[1]", new byte[] { 1, 255 }, new double[] { -255 })]
    [InlineData("U32", "[1]", new byte[] { 254, 255, 255, 255 }, new double[] { 4294967294 })]
    [InlineData("I32", "[1]", new byte[] { 254, 255, 255, 255 }, new double[] { -2 })]
    [InlineData("U64", "[1]", new byte[] { 5, 0, 0, 0, 1, 0, 0, 0 }, new double[] { 4294967301 })]
    [InlineData("I64", "[1]", new byte[] { 254, 255, 255, 255, 255, 255, 255, 255 }, new double[] { -2 })]
    [InlineData("F16", "[3]", new byte[] { 0, 0x3C, 0, 0xC1, 0, 0x7C }, new[] { 1, -2.5, double.PositiveInfinity })]
    [InlineData("BF16", "[2]", new byte[] { 0x80, 0x3F, 0x20, 0xC0 }, new[] { 1, -2.5 })]
    [InlineData("F32", "[1]", new byte[] { 0, 0, 0x20, 0xC0 }, new[] { -2.5 })]
    [InlineData("F64", "[1]", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F }, new[] { 1.5 })]
    public void Reads_every_type(string dtype, string shape, byte[] data, double[] values) =>
        Assert.Equal(Tensor.Of(values), SafetensorsFile.Read(SafetensorsFile.One(dtype, shape, data))["t"]);

    [Fact]
    public void Reads_an_empty_file() => Assert.Empty(SafetensorsFile.Read(SafetensorsFile.Write(new Dictionary<string, Tensor>())));

    [Fact]
    public void Refuses_names_that_cannot_be_written()
    {
        Assert.StartsWith("'__metadata__' cannot name a tensor: the format uses it itself.", Refusal("__metadata__"));
        Assert.Contains("is no valid text: it contains half a surrogate pair.", Refusal("a\uD800"));
    }

    private static string Refusal(string name) => Assert.Throws<ArgumentException>(() =>
        SafetensorsFile.Write(new Dictionary<string, Tensor> { [name] = Tensor.Of(1) })).Message;

    private static Gen<Dictionary<string, Tensor>> Tensors()
    {
        var name = Gen.Elements("a", "conv1.weight", "é", "\"\\\n\0</", "𝒙", "").ListOf(3).Select(string.Concat);
        var number = Gen.Elements(0, -0.0, 1, -1.5, 1e-45, 3.4e38, double.PositiveInfinity, double.NaN, 0.1f);
        var tensor =
            from sizes in Gen.Choose(0, 3).ListOf(3)
            from rank in Gen.Choose(0, 3)
            from values in number.ListOf(27)
            from single in Gen.Elements(true, false)
            let shape = Shape.From(sizes.Take(rank))
            let count = (int)shape.Elements
            select single
                ? Tensor.Of(shape, [.. values.Take(count).Select(value => (float)value)])
                : Tensor.Of(shape, [.. values.Take(count).Select(value => value * Math.PI)]);
        return Gen.Zip(name, tensor).ListOf().Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2));
    }
}
