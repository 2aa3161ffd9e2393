using System.Text;

namespace FacadeTests;

public sealed class SafetensorsHostileTests
{
    private static readonly byte[] Good = SafetensorsFile.Write(
        new Dictionary<string, Tensor> { ["a"] = Tensor.Of([1, 2]), ["b"] = Tensor.Of([[3], [4]]) },
        new Dictionary<string, string> { ["format"] = "pt" });

    [Fact]
    public void Refuses_every_beginning_of_a_file() => Hostile.Truncate(file => SafetensorsFile.Read(file), Good);

    [Fact]
    public void Survives_random_damage() => Hostile.Attack(file => SafetensorsFile.Read(file),
        Good, SafetensorsFile.One("F16", "[1,2]", 1, 2, 3, 4), SafetensorsFile.Of("{}"));

    [Fact]
    public void Says_that_the_file_is_too_short()
    {
        Assert.Equal("file, byte 3: expected the length of the header (8 bytes), got the end of the file.", SafetensorsFile.Error([1, 0, 0]));
        Assert.Equal("file, byte 0: expected a header of at most 2 bytes, got 3.", SafetensorsFile.Error([3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}']));
        Assert.Equal("file, byte 0: expected a header of at most 0 bytes, got 18446744073709551615.", SafetensorsFile.Error([.. Enumerable.Repeat((byte)255, 8)]));
        Assert.Equal("file, byte 8: expected 16 bytes after the header, as its offsets say, got 15.", SafetensorsFile.Error(Good[..^1]));
        Assert.Equal("file, byte 8: expected 16 bytes after the header, as its offsets say, got 17.", SafetensorsFile.Error([.. Good, 0]));
    }

    [Fact]
    public void Refuses_a_header_of_more_than_100_MB()
    {
        using var stream = new MemoryStream();
        stream.SetLength(8 + 100_000_001);
        stream.Write(BitConverter.GetBytes(100_000_001L));
        stream.Position = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("file, byte 0: expected a header of at most 100000000 bytes, got 100000001.",
            Assert.Throws<FormatError>(() => Safetensors.Read(stream, "file")).Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Refuses_a_header_that_is_no_json()
    {
        Assert.Equal("file, byte 8: expected a JSON object in UTF-8, got something else.", SafetensorsFile.Error(SafetensorsFile.Of("[]")));
        Assert.Equal("file, byte 8: expected a JSON object in UTF-8, got bytes that are not UTF-8.", SafetensorsFile.Error(SafetensorsFile.Of([(byte)'{', 0xFF, (byte)'}'], [])));
        Assert.StartsWith("file, byte 9: expected valid JSON without duplicate names, got ", SafetensorsFile.Error(SafetensorsFile.Of("{]")));
        Assert.StartsWith("file, byte ", SafetensorsFile.Error(SafetensorsFile.Of(string.Concat(Enumerable.Repeat("{\"a\":", 100)))));
    }

    [Theory]
    [InlineData("""{"a":ENTRY,"a":ENTRY}""")]
    [InlineData("""{"a":ENTRY,"\u0061":ENTRY}""")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F64","shape":[0],"data_offsets":[0,0]}}""")]
    public void Refuses_duplicate_names(string header) => Assert.Contains("expected valid JSON without duplicate names, got",
        SafetensorsFile.Error(SafetensorsFile.Of(header.Replace("ENTRY", """{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"""))));

    [Theory]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"a":{"dtype":"\udfff","shape":[0],"data_offsets":[0,0]}}""")]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""")]
    public void Refuses_half_a_surrogate_pair(string header) =>
        Assert.Throws<FormatError>(() => SafetensorsFile.Read(SafetensorsFile.Of(header)));

    [Theory]
    [InlineData("""{"__metadata__":{"a":1}}""", "texts in __metadata__, got {\"a\":1}")]
    [InlineData("""{"__metadata__":[]}""", "texts in __metadata__, got []")]
    [InlineData("""{"t":7}""", "dtype, shape and data_offsets of tensor 't', got 7")]
    [InlineData("""{"t":{"shape":[],"data_offsets":[0,4]}}""", """dtype, shape and data_offsets of tensor 't', got {"shape":[],"data_offsets":[0,4]}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":"","data_offsets":[0,4]}}""", """dtype, shape and data_offsets of tensor 't', got {"dtype":"F32","shape":"","data_offsets":[0,4]}""")]
    [InlineData("""{"t":{"dtype":"F31","shape":[],"data_offsets":[0,4]}}""",
        "the dtype of tensor 't' to be one of BOOL, U8, I8, U16, I16, U32, I32, U64, I64, F16, BF16, F32, F64, F8_E5M2, F8_E4M3, F8_E8M0, got F31")]
    [InlineData("""{"t":{"dtype":"F32","shape":[],"data_offsets":[0]}}""", "two offsets of tensor 't', got [0]")]
    [InlineData("""{"t":{"dtype":"F32","shape":[],"data_offsets":[-4,0]}}""", "two offsets of tensor 't', got [-4,0]")]
    [InlineData("""{"t":{"dtype":"F32","shape":[],"data_offsets":[0,1e999]}}""", "two offsets of tensor 't', got [0,1e999]")]
    [InlineData("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "8 bytes for tensor 't', F32 [2], got offsets 0 to 4")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "4 bytes for tensor 't', F32 [1], got offsets 4 to 0")]
    [InlineData("""{"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "a shape of tensor 't' with at most 2147483591 elements, got [-1]")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "a shape of tensor 't' with at most 2147483591 elements, got [1.5]")]
    [InlineData("""{"t":{"dtype":"U8","shape":[65536,65536],"data_offsets":[0,4]}}""", "a shape of tensor 't' with at most 2147483591 elements, got [65536,65536]")]
    [InlineData("""{"t":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}""",
        "a shape of tensor 't' with at most 2147483591 elements, got [4294967296,4294967296,0]")]
    [InlineData("""{"t":{"dtype":"U8","shape":[2000000000],"data_offsets":[0,2000000000]}}""", "2000000000 bytes after the header, as its offsets say, got 4")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "tensor 't' to begin at offset 0, got offset 4")]
    public void Refuses_what_contradicts_itself(string header, string error) =>
        Assert.Equal($"file, byte 8: expected {error}.", SafetensorsFile.Error(SafetensorsFile.Of(header, 0, 0, 0, 0)));

    [Theory]
    [InlineData(0, 4, 2, 6, "tensor 'b' to begin at offset 4, got offset 2")] // overlap
    [InlineData(0, 4, 0, 4, "tensor 'b' to begin at offset 4, got offset 0")] // the same twice
    [InlineData(0, 4, 5, 9, "tensor 'b' to begin at offset 4, got offset 5")] // a hole
    public void Refuses_overlaps_and_holes(int begin1, int end1, int begin2, int end2, string error)
    {
        var header = $$$"""{"a":{"dtype":"F32","shape":[1],"data_offsets":[{{{begin1}}},{{{end1}}}]},"b":{"dtype":"F32","shape":[1],"data_offsets":[{{{begin2}}},{{{end2}}}]}}""";
        Assert.Matches($"^file, byte 8: expected {error.Replace("'b'", "'[ab]'")}.$", SafetensorsFile.Error(SafetensorsFile.Of(header, new byte[9])));
    }

    [Fact]
    public void Shortens_what_it_quotes()
    {
        var error = SafetensorsFile.Error(SafetensorsFile.Of($$"""{"t":[{{string.Join(',', Enumerable.Repeat(0, 1000))}}]}"""));
        Assert.Equal($"file, byte 8: expected dtype, shape and data_offsets of tensor 't', got [{string.Concat(Enumerable.Repeat("0,", 39))}0….", error);
    }

    [Fact]
    public void Ignores_unknown_members() => Assert.Equal(Tensor.Of([1]),
        SafetensorsFile.Read(SafetensorsFile.Of("""{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"by":"me"}}""", 1))["t"]);

    [Fact]
    public void A_text_may_be_escaped() => Assert.Equal(["\"é"],
        SafetensorsFile.Read(SafetensorsFile.Of(Encoding.UTF8.GetBytes("""{"\"\u00e9":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"""), [1])).Keys);
}
