namespace FacadeTests;

public sealed class SafetensorsViewTests
{
    [Fact]
    public void Reads_each_tensor_as_the_whole_file_does() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "w.safetensors");
        Safetensors.Write(path, new Dictionary<string, Tensor>
        {
            ["a"] = Tensor.From([100, 300], i => i / 7.0),
            ["b"] = Tensor.Of([0.5, -2]),
            ["none"] = Tensor.Fill([0, 4], 0),
            ["c"] = Tensor.From([3], i => i + 0.1),
        }, new Dictionary<string, string> { ["format"] = "pt" }, keepDoubles: true);
        using var view = Safetensors.Open(path);
        var all = Safetensors.Read(path);
        Assert.Equal(all.Keys, view.Names);
        Assert.Equal("pt", view.Metadata["format"]);
        Assert.All(view.Names, name => Assert.Equal((all[name], all[name].Shape, "F64"), (view[name], view.ShapeOf(name), view.DtypeOf(name))));
        Assert.Equal($"{path} has no tensor 'd'. It has 'a', 'b', 'c', 'none'.", Assert.Throws<KeyNotFoundException>(() => view["d"]).Message);
        Parallel.For(0, 20, i => Assert.Equal(all["a"], view["a"]));
    });

    [Fact]
    public void One_tensor_costs_no_more_than_itself() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "w.safetensors");
        Safetensors.Write(path, new Dictionary<string, Tensor> { ["large"] = Tensor.Fill([4 << 20], 1), ["small"] = Tensor.Of([1, 2]) });
        using var view = Safetensors.Open(path);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(Tensor.Of([1, 2]), view["small"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    });

    [Fact]
    public void A_bad_file_is_refused_and_closed() => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, "w.safetensors");
        File.WriteAllBytes(path, [1, 2, 3]);
        Assert.Throws<FormatError>(() => Safetensors.Open(path));
        using var again = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal(3, again.Length);
    });

    [Theory]
    [InlineData("F8_E5M2", new byte[] { 0x3C, 0xC1, 0x7C, 1 }, new[] { 1, -2.5, double.PositiveInfinity, 1.52587890625e-05 })]
    [InlineData("F8_E4M3", new byte[] { 0x38, 0xC2, 0x7E, 0x7F, 1 }, new[] { 1, -2.5, 448, double.NaN, 0.001953125 })]
    [InlineData("F8_E8M0", new byte[] { 127, 128, 126, 255 }, new[] { 1, 2, 0.5, double.NaN })]
    public void Reads_numbers_of_8_bits(string dtype, byte[] data, double[] values) =>
        Assert.Equal(Tensor.Of(values), SafetensorsFile.Read(SafetensorsFile.One(dtype, $"[{data.Length}]", data))["t"]);
}
