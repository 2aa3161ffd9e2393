using AutoDiffCnn.Protocol;
using FacadeTests;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using static OnnxTests.Files;

namespace OnnxTests;

/// <summary>A file may be anything: it is read, or refused with one of the errors that Onnx.Read declares.</summary>
public sealed class HostileTests
{
    private static readonly byte[] small = Small().ToByteArray();

    private static byte[][] Good => [small, .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests/Onnx/Read/exported"), "*.onnx")
        .Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    [Fact]
    public void Damage_is_read_or_refused() => Hostile.Attack(ReadOrRefuse, Good);

    [Fact]
    public void Damage_of_a_small_file_is_read_or_refused() => Hostile.Attack(ReadOrRefuse, small);

    [Fact]
    public void Every_beginning_of_a_file_is_read_or_refused()
    {
        for (var length = 0; length < small.Length; length++)
        {
            ReadOrRefuse(small[..length]);
        }
    }

    [Fact]
    public void Absurd_numbers_in_good_files_are_read_or_refused() => Absurd(Good);

    [SuiteFact]
    public void Absurd_numbers_in_all_operators_are_read_or_refused() => Absurd([.. TestData.Models]);

    private static void Absurd(byte[][] files)
    {
        var models = files.Select(ModelProto.Parser.ParseFrom).ToArray();
        var change =
            from kind in Gen.Choose(0, 6)
            from places in Gen.Choose(0, int.MaxValue).Three()
            from number in Gen.Elements(0, 1, -1, 2, 3, 7, 255, 65_536, 1 << 20, int.MaxValue, int.MaxValue + 1L, int.MinValue, long.MaxValue, long.MinValue)
            from text in Gen.Elements("", "x", "SAME_UPPER", "cubic", "edge", "none", "ij,jk->ik", "\uFFFF")
            select (kind, places, number, text);
        var changed =
            from model in Gen.Elements(models)
            from times in Gen.Choose(1, 3)
            from changes in Gen.ArrayOf(change, times)
            select changes.Aggregate(model.Clone(), (all, one) => Change(all, one.kind, one.places, one.number, one.text)).ToByteArray();
        Hostile.Attack(ReadOrRefuse, changed);
    }

    /// <summary>One number, name or text of a file replaced.</summary>
    private static ModelProto Change(ModelProto model, int kind, (int, int, int) places, long number, string text)
    {
        var (first, second, third) = places;
        var graph = model.Graph;
        if (graph.Node.Count == 0)
        {
            return model;
        }

        var node = graph.Node[first % graph.Node.Count];
        var attribute = node.Attribute.Count == 0 ? new() : node.Attribute[second % node.Attribute.Count];
        var numbers = graph.Initializer.Where(tensor => tensor.DataType == 7).Concat(node.Attribute.Select(each => each.T).OfType<TensorProto>()).ToArray();
        switch (kind)
        {
            case 0 when attribute.Ints.Count > 0:
                attribute.Ints[third % attribute.Ints.Count] = number;
                break;
            case 0 or 1 when attribute.HasI:
                attribute.I = number;
                break;
            case 1 when attribute.HasF:
                attribute.F = number;
                break;
            case 1 when attribute.HasS:
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case 2 when graph.Input.Count > 0 && graph.Input[second % graph.Input.Count].Type?.TensorType?.Shape?.Dim is { Count: > 0 } dims:
                dims[third % dims.Count].DimValue = number;
                break;
            case 3 when node.Input.Count > 0:
                node.Input[second % node.Input.Count] = graph.Node[third % graph.Node.Count].Output.FirstOrDefault(text);
                break;
            case 4 when numbers.Length > 0 && numbers[second % numbers.Length] is { DataType: 7 } tensor:
                var values = new TensorReader("made", null).Read(tensor, "").Value.ToDoubles();
                tensor.RawData = ByteString.Empty;
                tensor.Int64Data.Clear();
                tensor.Int64Data.AddRange(values.Select((value, i) => i == third % values.Length ? number : (long)value));
                break;
            case 5 when node.Attribute.Count > 0:
                node.Attribute.Remove(attribute);
                break;
            default:
                graph.Node.RemoveAt(first % graph.Node.Count);
                break;
        }

        return model;
    }

    private static void ReadOrRefuse(byte[] file)
    {
        try
        {
            Read(file);
        }
        catch (Exception error) when (error is FormatError or OnnxError or ShapeError)
        {
            // As it should be.
        }
    }

    /// <summary>A file in which each byte matters.</summary>
    private static ModelProto Small() => Model(13, [("x", [1, 2, "h", 5])],
        [Real("w", Key.Of(1).Normal([3, 2, 3, 3])), Real("b", Key.Of(2).Normal([3])), Whole("shape", 0, -1)],
        Node("Conv", "x w b", "c", Attribute("pads", new long[] { 1, 1, 0, 1 }), Attribute("strides", new long[] { 2, 1 })),
        Node("MaxPool", "c", "m", Attribute("kernel_shape", new long[] { 1, 2 }), Attribute("ceil_mode", 1)),
        Node("Reshape", "m shape", "r"),
        Node("Softmax", "r", "y", Attribute("axis", -1)));
}
