using System.IO.Compression;
using System.Text;
using AutoDiffCnn.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public sealed class NpyTests
{
    private static readonly byte[] Good = File("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0);

    /// <summary>Written out by hand from the description of the format.</summary>
    [Fact]
    public void Writes_exactly_these_bytes()
    {
        var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }".PadRight(117) + "\n";
        byte[] expected = [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header), 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 4, 0xC0];
        Assert.Equal(expected, Written(Tensor.Of([[1.5, -2.5]])));
        Assert.Equal(Tensor.Of([[1.5, -2.5]]), Read(expected));
    }

    [Theory]
    [InlineData("|b1", new byte[] { 0, 1 }, new double[] { 0, 1 })]
    [InlineData("|u1", new byte[] { 7, 255 }, new double[] { 7, 255 })]
    [InlineData("|i1", new byte[] { 7, 255 }, new double[] { 7, -1 })]
    [InlineData("<u2", new byte[] { 1, 255 }, new double[] { 65281 })]
    [InlineData(">u2", new byte[] { 1, 255 }, new double[] { 511 })]
    [InlineData("<i2", new byte[] { 1, 255 }, new double[] { -255 })]
    [InlineData(">i4", new byte[] { 255, 255, 255, 254 }, new double[] { -2 })]
    [InlineData("<u4", new byte[] { 254, 255, 255, 255 }, new double[] { 4294967294 })]
    [InlineData(">i8", new byte[] { 255, 255, 255, 255, 255, 255, 255, 254 }, new double[] { -2 })]
    [InlineData("<u8", new byte[] { 5, 0, 0, 0, 1, 0, 0, 0 }, new double[] { 4294967301 })]
    [InlineData(">f2", new byte[] { 0xC1, 0 }, new double[] { -2.5 })]
    [InlineData(">f4", new byte[] { 0xC0, 0x20, 0, 0 }, new double[] { -2.5 })]
    [InlineData(">f8", new byte[] { 0x3F, 0xF8, 0, 0, 0, 0, 0, 0 }, new double[] { 1.5 })]
    public void Reads_and_writes_every_type(string type, byte[] data, double[] values)
    {
        var file = File($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({values.Length},), }}", data);
        Assert.Equal(Tensor.Of(values), Read(file));
        Assert.Equal(data, Written(Tensor.Of(values), type)[^data.Length..]);
        Assert.Equal(Tensor.Of(values), Read(Written(Tensor.Of(values), type)));
    }

    [Fact]
    public void Reads_back_anything() => Law.ForAll(
        from sizes in Gen.Choose(0, 4).ListOf(4)
        from rank in Gen.Choose(0, 4)
        from values in Gen.Elements(0, -0.0, 1, -1.5, 1e-45, 3.4e38, double.PositiveInfinity, double.NaN, 0.1f).ListOf(256)
        from single in Gen.Elements(true, false)
        let shape = Shape.From(sizes.Take(rank))
        let count = (int)shape.Elements
        select single ? Tensor.Of(shape, [.. values.Take(count).Select(v => (float)v)]) : Tensor.Of(shape, [.. values.Take(count)]),
        tensor =>
        {
            var read = Read(Written(tensor));
            Assert.Equal((tensor, tensor.IsSingle), (read, read.IsSingle));
        });

    [Fact]
    public void Fortran_counts_the_first_axis_first()
    {
        Assert.Equal(Tensor.Of([[1, 3, 5], [2, 4, 6]]), Read(File("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", 1, 2, 3, 4, 5, 6)));
        var x = Read(File("{'shape': (2, 3, 4), 'fortran_order': True, 'descr': '<f8'}", [.. Enumerable.Range(0, 24).SelectMany(i => BitConverter.GetBytes((double)i))]));
        Assert.Equal(Tensor.From([2, 3, 4], i => i / 12 + i / 4 % 3 * 2 + i % 4 * 6), x);
    }

    [Fact]
    public void Reads_all_versions_of_the_header()
    {
        var header = Encoding.ASCII.GetBytes("{'descr': '|u1', 'fortran_order': False, 'shape': ()}\n");
        foreach (var version in (byte[])[2, 3])
        {
            Assert.Equal(Tensor.Of(9), Read([0x93, .. "NUMPY"u8, version, 0, (byte)header.Length, 0, 0, 0, .. header, 9]));
        }
    }

    [Fact]
    public void Refuses_every_beginning_of_a_file() => Hostile.Truncate(file => Read(file), Good);

    [Fact]
    public void Survives_random_damage() => Hostile.Attack(file => Read(file), Good, Written(Tensor.Of([[1.5, 2], [3, 4]])),
        File("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2)}", 1, 2, 3, 4, 5, 6, 7, 8));

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': ()}", "a type among b1 u1 i1 u2 i2 u4 i4 u8 i8 f2 f4 f8, got '|O'.\nPossible: in Python x.astype('f4'); for complex numbers x.real and x.imag.")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}", "a dictionary of descr (a plain type), fortran_order and shape, got {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}.\nPossible: an array of numbers instead of records, saved by numpy.save.")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536)}", "a shape with at most 2147483591 elements, got (65536, 65536).")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 0)}", "a shape with at most 2147483591 elements, got (4294967296, 0).")]
    public void Refuses_what_it_cannot_be(string header, string error) => Assert.Equal($"file, byte 10: expected {error}", Error(File(header, 0, 0, 0, 0)));

    [Fact]
    public void Says_how_many_bytes_are_missing() =>
        Assert.Equal($"file, byte {Good.Length - 8}: expected 8 bytes of elements for [2], got 7.", Error(Good[..^1]));

    [Theory]
    [InlineData("u1", 256, "element 0 is 256, which 'u1' cannot hold.")]
    [InlineData("i8", 9223372036854775808.0, "element 0 is 9.22337E+18, which 'i8' cannot hold.")]
    [InlineData("b1", 2, "element 0 is 2, which 'b1' cannot hold.")]
    [InlineData("i4", double.NaN, "element 0 is NaN, which 'i4' cannot hold.")]
    [InlineData("c8", 1, "'c8' is no type of elements; there are b1 u1 i1 u2 i2 u4 i4 u8 i8 f2 f4 f8.")]
    public void Refuses_to_write_what_a_type_cannot_hold(string type, double value, string error) =>
        Assert.StartsWith(error, Assert.Throws<ArgumentException>(() => Written(Tensor.Of(value), type)).Message);

    [Fact]
    public void Npz_reads_back_what_was_written() => Scratch.In(folder =>
    {
        var (path, arrays) = (Path.Combine(folder, "a.npz"), new Dictionary<string, Tensor> { ["x"] = Tensor.Of([1, 2]), ["é/b"] = Tensor.Of(3) });
        Npz.Write(path, arrays);
        Assert.Equal(arrays.OrderBy(pair => pair.Key), Npz.Read(path).OrderBy(pair => pair.Key));
    });

    [Fact]
    public void Npz_reads_packed_arrays_and_refuses_everything_else()
    {
        Assert.Equal(Tensor.Of([1, -2.5]), ReadZip(Zip(("x.npy", Good)))["x"]);
        Assert.Equal("file, byte 0: expected entries with different names that end in .npy, got 'readme'.", ZipError(Zip(("readme", Good))));
        Assert.Equal("file, byte 0: expected entries with different names that end in .npy, got 'x.npy'.", ZipError(Zip(("x.npy", Good), ("x.npy", Good))));
        Assert.StartsWith("file/x.npy, byte 0: expected NumPy's magic number", ZipError(Zip(("x.npy", [1]))));
        var damaged = Zip(("x.npy", Good));
        damaged[damaged.AsSpan().IndexOf("PK\u0001\u0002"u8) + 16] ^= 1;
        Assert.Matches("^file(/x.npy)?, byte 0: expected ", ZipError(damaged));
    }

    [Fact]
    public void Npz_survives_random_damage() => Hostile.Attack(file => ReadZip(file), Zip(("x.npy", Good)), Zip(("x.npy", Good), ("y.npy", Good)), NpzFile());

    [Fact]
    public void An_npz_bomb_is_not_unpacked()
    {
        // The same packed bytes would have to be listed many times to pass 1,032 times the file.
        var bomb = Zip(("x.npy", [.. Good, .. new byte[100 << 20]]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.StartsWith("file/x.npy, byte ", ZipError(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600 << 20);
    }

    private static byte[] NpzFile()
    {
        using var stream = new MemoryStream();
        Npz.Write(stream, new Dictionary<string, Tensor> { ["a"] = Tensor.Of([1, 2, 3]) });
        return stream.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    private static byte[] File(string header, params byte[] data) =>
        [0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length + 1), 0, .. Encoding.ASCII.GetBytes(header + "\n"), .. data];

    private static Tensor Read(byte[] file) => Npy.Read(new MemoryStream(file), "file");

    private static IReadOnlyDictionary<string, Tensor> ReadZip(byte[] file) => Npz.Read(new MemoryStream(file), "file");

    private static string Error(byte[] file) => Assert.Throws<FormatError>(() => Read(file)).Message;

    private static string ZipError(byte[] file) => Assert.Throws<FormatError>(() => ReadZip(file)).Message;

    private static byte[] Written(Tensor tensor, string? type = null)
    {
        using var stream = new MemoryStream();
        Npy.Write(stream, tensor, type);
        return stream.ToArray();
    }
}
