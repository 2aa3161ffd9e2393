using AutoDiffCnn.Protocol;
using Google.Protobuf;
using static AutoDiffCnn.Protocol.TensorProto.Types;
using static OnnxTests.Files;

namespace OnnxTests;

/// <summary>Weights in files beside the file.</summary>
public sealed class BesideTests
{
    [Theory]
    [InlineData("w.bin", null, null)]
    [InlineData("deeper/w.bin", "8", "16")]
    public void Weights_may_be_beside_the_file(string location, string? offset, string? length) => Scratch.In(folder =>
    {
        var path = Path.Combine(folder, location);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] bytes = [.. new[] { 1f, 2f, 3f, 4f }.SelectMany(BitConverter.GetBytes)];
        File.WriteAllBytes(path, offset is null ? bytes : [.. new byte[8], .. bytes, 1, 2, 3]);
        Assert.Equal(Tensor.Of([11, 22, 33, 44]), Onnx.Read(Saved(folder, location, offset, length)).Run(Tensor.Of([10, 20, 30, 40]))[0]);
    });

    [Theory]
    [InlineData("../w.bin", "which must be a path without .. inside the file's folder")]
    [InlineData("/etc/passwd", "which must be a path without .. inside the file's folder")]
    [InlineData("a/../../w.bin", "which must be a path without .. inside the file's folder")]
    [InlineData("a\\..\\..\\w.bin", "which must be a path without .. inside the file's folder")]
    [InlineData("C:\\w.bin", "which must be a path without .. inside the file's folder")]
    [InlineData("", "which must be a path without .. inside the file's folder")]
    public void Other_places_are_refused(string location, string reason) => Scratch.In(folder =>
    {
        var file = Saved(folder, location, null, null);
        Assert.Equal($"{file}: initializer w: its elements are in '{location}', {reason}.", Assert.Throws<OnnxError>(() => Onnx.Read(file)).Message);
    });

    [Theory]
    [InlineData("0", "12", "12 at 0 of 16 in all")]
    [InlineData("8", "16", "16 at 8 of 16 in all")]
    [InlineData("99", null, "0 at 99 of 16 in all")]
    [InlineData("9223372036854775807", "9223372036854775807", "9223372036854775807 at 9223372036854775807 of 16 in all")]
    public void Ranges_that_do_not_fit_are_refused(string offset, string? length, string got) => Scratch.In(folder =>
    {
        File.WriteAllBytes(Path.Combine(folder, "w.bin"), new byte[16]);
        var error = Assert.Throws<FormatError>(() => Onnx.Read(Saved(folder, "w.bin", offset, length)));
        Assert.Equal(got, error.Got);
    });

    [Fact]
    public void What_is_missing_or_no_number_is_refused() => Scratch.In(folder =>
    {
        Assert.Contains("which cannot be read", Assert.Throws<OnnxError>(() => Onnx.Read(Saved(folder, "no.bin", null, null))).Message);
        File.WriteAllBytes(Path.Combine(folder, "w.bin"), new byte[16]);
        Assert.EndsWith("offset '-1' of its elements is no number.", Assert.Throws<OnnxError>(() => Onnx.Read(Saved(folder, "w.bin", "-1", null))).Message);
        using var stream = File.OpenRead(Saved(folder, "w.bin", null, null));
        Assert.EndsWith("but a stream has no folder.", Assert.Throws<OnnxError>(() => Onnx.Read(stream, "made.onnx")).Message);
    });

    private static string Saved(string folder, string location, string? offset, string? length)
    {
        var tensor = new TensorProto { Name = "w", DataType = 1, Dims = { 4 }, DataLocation = DataLocation.External };
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        tensor.ExternalData.AddRange(offset is null ? [] : [new StringStringEntryProto { Key = "offset", Value = offset }]);
        tensor.ExternalData.AddRange(length is null ? [] : [new StringStringEntryProto { Key = "length", Value = length }]);
        var file = Path.Combine(folder, "made.onnx");
        File.WriteAllBytes(file, Model(13, [("x", [4])], [tensor], Node("Add", "x w", "y")).ToByteArray());
        return file;
    }
}
