using System.Collections.Immutable;
using System.Globalization;
using AutoDiffCnn.Protocol;
using static AutoDiffCnn.Protocol.AttributeProto.Types;

namespace AutoDiffCnn;

/// <summary>One node of a file: its inputs, which are known by now, and its attributes, each checked as it is asked
/// for. What nobody has asked for is an error: it would change what the node means.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Proto">The node as it stands there.</param>
/// <param name="Version">The version of the operators.</param>
/// <param name="Inputs">The inputs; null for one that is left out.</param>
/// <param name="Inside">Reads a graph within the node; null for an output that cannot be read.</param>
internal sealed record Call(
    string File, NodeProto Proto, long Version, ImmutableArray<Value?> Inputs, Func<GraphProto, ImmutableArray<Value?>> Inside)
{
    // The most elements of a constant that is not in the file but computed from it.
    private const int MostComputed = 1 << 21;

    private readonly HashSet<string> asked = [];

    public string Place => Title(Proto, Version);

    public static string Title(NodeProto node, long version) =>
        $"node {(node.Name.Length > 0 ? node.Name : node.Output.FirstOrDefault(""))} ({node.OpType}, opset {version})";

    /// <summary>An input that must be there.</summary>
    public Value this[int index] => Optional(index)
        ?? throw Fail($"input {index} is missing");

    public Value? Optional(int index) => index < Inputs.Length ? Inputs[index] : null;

    public Node Node(int index) => this[index].Node;

    public Node X => Node(0);

    /// <summary>The inputs that are there.</summary>
    public ImmutableArray<Value> All => [.. Inputs.OfType<Value>()];

    /// <summary>How many of the outputs that somebody may use.</summary>
    public int Outputs => Proto.Output.Count;

    public bool Wants(int output) => output < Outputs && Proto.Output[output].Length > 0;

    /// <summary>A value that must be known before anything runs.</summary>
    public Tensor Known(int index) => this[index].Known
        ?? throw Fail($"input {index}, {Proto.Input[index]}, decides shapes, so it must be known when the file is read; it depends on what is given later");

    /// <summary>Whole numbers that must be known.</summary>
    public long[] Longs(int index)
    {
        var known = Known(index);
        return known.Shape.Rank <= 1
            ? [.. known.ToDoubles().Select(number => (long)number)]
            : throw Fail($"input {index} must be a list of numbers, not {known.Shape}");
    }

    /// <summary>One whole number that must be known.</summary>
    public long Long(int index) => Longs(index) is [var one] ? one : throw Fail($"input {index} must be one number, not {this[index].Shape}");

    /// <summary>One number that must be known.</summary>
    public double Number(int index) => Known(index) is { Count: 1 } known ? known.At(0)
        : throw Fail($"input {index} must be one number, not {this[index].Shape}");

    public long Int(string name, long otherwise) => Attribute(name, AttributeType.Int)?.I ?? otherwise;

    public bool Flag(string name, bool otherwise = false) => Int(name, otherwise ? 1 : 0) switch
    {
        0 => false,
        1 => true,
        var other => throw Fail($"{name} must be 0 or 1, not {other}"),
    };

    public double Float(string name, double otherwise) =>
        Attribute(name, AttributeType.Float) is { } attribute ? Exact(attribute.F) : otherwise;

    public string Text(string name, string otherwise) => Attribute(name, AttributeType.String)?.S.ToStringUtf8() ?? otherwise;

    public long[]? Ints(string name) => Attribute(name, AttributeType.Ints) is { } attribute ? [.. attribute.Ints] : null;

    public double[]? Floats(string name) =>
        Attribute(name, AttributeType.Floats) is { } attribute ? [.. attribute.Floats.Select(Exact)] : null;

    public TensorProto? Tensor(string name) => Attribute(name, AttributeType.Tensor)?.T;

    public GraphProto Graph(string name) => Attribute(name, AttributeType.Graph)?.G ?? throw Fail($"{name} is missing");

    public bool Has(string name) => Proto.Attribute.Any(attribute => attribute.Name == name);

    /// <summary>Attributes that change nothing here.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            asked.Add(name);
        }
    }

    /// <summary>Raises an error if an attribute has not been asked for.</summary>
    public void CheckAttributes()
    {
        if (Proto.Attribute.FirstOrDefault(attribute => !asked.Contains(attribute.Name)) is { } unknown)
        {
            throw Fail($"it has an attribute {unknown.Name}, which no {Proto.OpType} of this opset has, or which is not read");
        }
    }

    /// <summary>Numbers as sizes, steps or amounts: neither negative nor beyond what an axis can have.</summary>
    public Shape Sizes(string what, IEnumerable<long> numbers) => Shape.From(numbers.Select(number => Size(what, number)));

    public int Size(string what, long number) => number is >= 0 and <= int.MaxValue
        ? (int)number
        : throw Fail($"{what} {number} must lie in 0..{int.MaxValue}");

    /// <summary>An axis counted from the end when negative.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Fail($"axis {axis} must lie in {-rank}..{rank - 1}");

    /// <summary>Different axes, in order.</summary>
    public int[] Axes(IEnumerable<long> axes, int rank)
    {
        int[] sorted = [.. axes.Select(axis => Axis(axis, rank)).Order()];
        return sorted.Distinct().Count() == sorted.Length ? sorted : throw Fail("an axis is named twice");
    }

    /// <summary>The shape of a constant that is computed now, if it is not too large for that.</summary>
    public Shape Computable(Shape shape) => shape.Elements <= MostComputed
        ? shape
        : throw Fail($"a constant of {shape} would have to be computed, more than {MostComputed} elements");

    public OnnxError Fail(string reason, string? possible = null) =>
        new(File, $"{Place}: {reason}" + (possible is null ? "" : $" (possible: {possible})"));

    /// <summary>A decimal fraction as it was written: 1e-5 and not the double nearest to the float nearest to
    /// it.</summary>
    private static double Exact(float value) => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private AttributeProto? Attribute(string name, AttributeType type)
    {
        asked.Add(name);
        var found = Proto.Attribute.Where(attribute => attribute.Name == name).ToArray();
        return found switch
        {
            [] => null,
            [var one] when one.Type == type || one.Type == AttributeType.Undefined => type == AttributeType.Tensor && one.T is null
                ? throw Fail($"attribute {name} has no tensor") : one,
            [var one] => throw Fail($"attribute {name} must be {type}, it is {one.Type}"),
            _ => throw Fail($"attribute {name} is there twice"),
        };
    }
}
