using System.Buffers.Binary;
using AutoDiffCnn.Protocol;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace AutoDiffCnn;

/// <summary>One file for all sizes of the batch: what the files for two sizes have in common, if they differ in nothing but
/// the sizes of inputs and outputs and, where something is reshaped, in one size that follows from the others.</summary>
internal static class AnyBatch
{
    private const string Name = "batch";

    // Primes that no other size is likely to be, so that no constant of the batch is one of something else as well.
    private const int One = 1009;
    private const int Other = 1013;

    /// <summary>The file for any size.</summary>
    /// <exception cref="OnnxExportError">The files for two sizes differ in more than that.</exception>
    public static ModelProto Of(Func<int, OnnxGraph> ofBatch)
    {
        var (file, other) = (OnnxWriter.Write(ofBatch(One)), OnnxWriter.Write(ofBatch(Other)));
        var shapes = Shapes(file.Graph).Intersect(Shapes(other.Graph)).ToHashSet();
        foreach (var (node, same) in file.Graph.Node.Zip(other.Graph.Node))
        {
            if (shapes.Contains(node.Output[0]) && same.OpType == node.OpType)
            {
                LeaveOpen(node.Attribute[0].T, same.Attribute[0].T);
            }

            // Says a shape.
            node.DocString = same.DocString = "";
            Require(node.Equals(same), $"{node.Name}, {node.OpType}, depends on it");
        }

        Require(file.Graph.Node.Count == other.Graph.Node.Count, "there are more operators for one size than for another");
        Require(file.Graph.Initializer.Equals(other.Graph.Initializer), "so do the weights");
        LeaveOpen(file.Graph.Input, other.Graph.Input);
        LeaveOpen(file.Graph.Output, other.Graph.Output);
        file.Graph.ValueInfo.Clear();
        return file;
    }

    private static void Require(bool holds, string difference)
    {
        if (!holds)
        {
            throw new OnnxExportError($"the file cannot be for any size of the batch: {difference}. Possible: a file for one size.");
        }
    }

    /// <summary>The constants that are shapes to which something is reshaped, and nothing else.</summary>
    private static IEnumerable<string> Shapes(GraphProto graph) => graph.Node
        .Where(node => node.OpType == "Reshape").Select(node => node.Input[1])
        .Except(graph.Node.SelectMany(node => node.OpType == "Reshape" ? node.Input.Take(1) : node.Input));

    /// <summary>A size of a shape that differs is left to be computed.</summary>
    private static void LeaveOpen(TensorProto shape, TensorProto other)
    {
        var (sizes, others) = (Longs(shape), Longs(other));
        int[] open = [.. Enumerable.Range(0, Math.Min(sizes.Length, others.Length)).Where(axis => sizes[axis] != others[axis])];
        if (open is [var axis])
        {
            var bytes = shape.RawData.ToByteArray();
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(sizeof(long) * axis), -1);
            shape.RawData = other.RawData = ByteString.CopyFrom(bytes);
        }
    }

    private static long[] Longs(TensorProto shape) =>
        [.. Enumerable.Range(0, shape.RawData.Length / sizeof(long))
            .Select(i => BinaryPrimitives.ReadInt64LittleEndian(shape.RawData.Span[(i * sizeof(long))..]))];

    private static void LeaveOpen(RepeatedField<ValueInfoProto> values, RepeatedField<ValueInfoProto> others)
    {
        foreach (var (value, other) in values.Zip(others))
        {
            foreach (var (size, same) in value.Type.TensorType.Shape.Dim.Zip(other.Type.TensorType.Shape.Dim))
            {
                if (size.DimValue == One && same.DimValue == Other)
                {
                    size.DimParam = same.DimParam = Name;
                }
            }

            Require(value.Equals(other), $"{value.Name} has sizes of which it is a part");
        }
    }
}
