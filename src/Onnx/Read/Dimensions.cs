using System.Collections.Immutable;
using AutoDiffCnn.Protocol;
using Dimension = AutoDiffCnn.Protocol.TensorShapeProto.Types.Dimension;

namespace AutoDiffCnn;

/// <summary>The shapes of inputs: what the file says, and what is given where it leaves them open.</summary>
internal sealed class Dimensions
{
    private readonly string file;
    private readonly Dictionary<string, Shape> given = [];

    public Dimensions(string file, ReadOnlySpan<(string Name, Shape Shape)> shapes)
    {
        this.file = file;
        foreach (var (name, shape) in shapes)
        {
            given[name] = shape;
        }
    }

    /// <summary>Refuses shapes for what the file does not have.</summary>
    public void Check(IReadOnlyList<ValueInfoProto> inputs)
    {
        var known = inputs.SelectMany(input => input.Type?.TensorType?.Shape?.Dim.Select(dim => dim.DimParam) ?? [])
            .Where(name => name.Length > 0).Concat(inputs.Select(input => input.Name)).Distinct().ToArray();
        if (given.Keys.Except(known).FirstOrDefault() is { } unknown)
        {
            throw new OnnxError(file, $"a shape is given for '{unknown}'; the file has the inputs and dimensions {string.Join(", ", known)}");
        }
    }

    /// <summary>The shape of an input.</summary>
    public Shape Of(ValueInfoProto input)
    {
        var declared = input.Type.TensorType.Shape?.Dim;
        if (given.TryGetValue(input.Name, out var shape))
        {
            return declared is null || declared.Count == shape.Rank ? shape
                : throw new OnnxError(file, $"input {input.Name} has rank {declared.Count}, {shape} is given");
        }

        return declared is null
            ? throw new OnnxError(file, $"input {input.Name} has no shape in the file; give one: (\"{input.Name}\", […])")
            : Shape.From(declared.Select(dim => Size(input.Name, declared, dim)).ToImmutableArray());
    }

    private int Size(string input, IEnumerable<Dimension> declared, Dimension dim) => dim.ValueCase switch
    {
        Dimension.ValueOneofCase.DimValue => dim.DimValue is >= 0 and <= int.MaxValue ? (int)dim.DimValue
            : throw new OnnxError(file, $"input {input} has a size of {dim.DimValue}, it must lie in 0..{int.MaxValue}"),
        Dimension.ValueOneofCase.DimParam when given.TryGetValue(dim.DimParam, out var shape) => shape is [var size] ? size
            : throw new OnnxError(file, $"dimension {dim.DimParam} needs one size, {shape} is given"),
        _ => throw new OnnxError(file, $"input {input} [{string.Join(", ", declared.Select(Text))}] leaves a size open; give its shape: (\"{input}\", […])"
            + (dim.DimParam.Length > 0 ? $", or the dimension's size: (\"{dim.DimParam}\", [1])" : "")),
    };

    private static string Text(Dimension dim) => dim.ValueCase switch
    {
        Dimension.ValueOneofCase.DimValue => $"{dim.DimValue}",
        Dimension.ValueOneofCase.DimParam => dim.DimParam,
        _ => "?",
    };
}
