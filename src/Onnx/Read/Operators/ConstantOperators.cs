using System.Collections.Immutable;
using AutoDiffCnn.Protocol;

namespace AutoDiffCnn;

/// <summary>What is known when the file is read, such as shapes; and what leaves values as they are.</summary>
internal static class ConstantOperators
{
    public static ImmutableArray<Reading> All { get; } =
    [
        Reading.One("Constant", 1, Constant),
        Reading.One("ConstantOfShape", 9, ConstantOfShape),
        Reading.One("Shape", 1, ShapeOf),
        Reading.One("Size", 1, call => Value.Whole(call.X.Shape.Elements)),
        Reading.One("Range", 11, Range),
        Reading.One("EyeLike", 9, EyeLike),
        Reading.One("Cast", 6, call => As(call, SortOf(call, call.Int("to", 0)))),
        Reading.One("CastLike", 15, call => As(call, call[1].Sort)),
        Reading.Alike("Identity", 1, call => call.X),
        new("Dropout", 6, Dropout),
        new("If", 1, Branch, IsFolded: false),
    ];

    private static Value Constant(Call call)
    {
        var name = call.Proto.Attribute is [var only] ? only.Name : throw call.Fail("it needs one attribute, the value");
        return name switch
        {
            "value" => Read(call, call.Tensor("value")!),
            "value_float" => new((Node)call.Float(name, 0)),
            "value_floats" => new((Node)Tensor.Of(call.Floats(name)!)),
            "value_int" => Value.Whole(call.Int(name, 0)),
            "value_ints" => Value.Numbers(call.Ints(name)!),
            _ => throw call.Fail($"its value is a {name}, which is not read"),
        };
    }

    private static Value Read(Call call, TensorProto proto)
    {
        var (value, sort) = new TensorReader(call.File, null).Read(proto, call.Place);
        return new(value, sort);
    }

    private static Value ConstantOfShape(Call call)
    {
        var one = call.Tensor("value") is { } proto ? Read(call, proto) : new((Node)0);
        return one.Known is { Count: 1 } value
            ? one.With(Fill(call.Sizes("size", call.Longs(0)), value.At(0)))
            : throw call.Fail($"its value must be one number, not {one.Shape}");
    }

    /// <summary>The sizes of the axes from start to end, negative ones counted from the end.</summary>
    private static Value ShapeOf(Call call)
    {
        var shape = call[0].Shape;
        var (start, end) = (Place("start", 0), Place("end", shape.Rank));
        return Value.Numbers(shape[start..Math.Max(start, end)].Select(size => (long)size));

        int Place(string name, int otherwise) => call.Int(name, otherwise) is var at && at < 0
            ? (int)Math.Max(0, at + shape.Rank) : (int)Math.Min(at, shape.Rank);
    }

    /// <summary>start, start + delta, … before limit.</summary>
    private static Value Range(Call call)
    {
        var (start, limit, delta) = (call.Number(0), call.Number(1), call.Number(2));
        var count = Math.Max(0, Math.Ceiling((limit - start) / delta));
        var shape = count <= int.MaxValue ? call.Computable([(int)count]) : throw call.Fail($"from {start} to {limit} by {delta} there is no end");
        return call[0].With(Tensor.From(shape, i => start + i * delta));
    }

    /// <summary>1 where the column is the row + k, else 0.</summary>
    private static Value EyeLike(Call call)
    {
        var (k, sort) = (call.Int("k", 0), call.Has("dtype") ? SortOf(call, call.Int("dtype", 0)) : call[0].Sort);
        return call.X.Shape is [_, var columns] shape
            ? new(Tensor.From(call.Computable(shape), i => i % columns == i / columns + k ? 1 : 0), sort)
            : throw call.Fail($"x needs rank 2, not {call.X.Shape}");
    }

    private static Sort SortOf(Call call, long type) => TensorReader.SortOf((int)type)
        ?? throw call.Fail($"its result would be {TensorReader.Name((int)type)}");

    /// <summary>Numbers as another sort: whole ones are cut towards 0, true is all but 0. The width of a number is no
    /// matter of the graph.</summary>
    private static Value As(Call call, Sort sort)
    {
        call.Ignore("saturate");
        return new((call[0].Sort, sort) switch
        {
            (Sort.Real, Sort.Whole) => ElementwiseOperators.Truncated(call.X),
            (not Sort.Truth, Sort.Truth) => 1 - Equal(call.X, 0),
            _ => call.X,
        }, sort);
    }

    /// <summary>Dropout as networks in use have it, which drops nothing.</summary>
    private static ImmutableArray<Value> Dropout(Call call)
    {
        call.Ignore("ratio", "seed", "consumed_inputs");
        var isTraining = call.Version < 7 ? !call.Flag("is_test") : call.Optional(2) is not null && call.Number(2) != 0 && (call.Optional(1) is null || call.Number(1) != 0);
        return isTraining
            ? throw call.Fail("it drops at random, in training; here randomness comes from a key (possible: export the network for use)")
            : [call[0], Value.Truth(Ones(call.X.Shape))];
    }

    /// <summary>The branch that a condition chooses, which must be known when the file is read; the other one is not
    /// looked at.</summary>
    private static ImmutableArray<Value> Branch(Call call)
    {
        var (isTrue, yes, no) = (call.Number(0) != 0, call.Graph("then_branch"), call.Graph("else_branch"));
        var results = call.Inside(isTrue ? yes : no);
        return results.Contains(null) ? [] : [.. results.Select(result => result!)];
    }
}
