using System.Text.Json;

namespace OracleTests;

/// <summary>The arguments of a case that are not tensors, and which of them have been asked for.</summary>
internal sealed class Attributes(JsonElement values)
{
    private readonly HashSet<string> known = [];

    /// <summary>The names of attributes that the table does not use.</summary>
    public IEnumerable<string> Unknown => values.EnumerateObject().Select(attribute => attribute.Name).Except(known);

    public bool Has(string name) => Find(name) is not null;

    public int Int(string name) => Get(name).GetInt32();

    public int Int(string name, int otherwise) => Find(name)?.GetInt32() ?? otherwise;

    public int? IntOrNull(string name) => Find(name)?.GetInt32();

    public double Number(string name) => Get(name).GetDouble();

    public double Number(string name, double otherwise) => Find(name)?.GetDouble() ?? otherwise;

    public bool Flag(string name) => Find(name)?.GetBoolean() ?? false;

    public int[] Ints(string name) => [.. Get(name).EnumerateArray().Select(number => number.GetInt32())];

    public Shape Shape(string name) => AutoDiffCnn.Shape.From(Ints(name));

    public string Text(string name) => Get(name).GetString()!;

    public E Name<E>(string name)
        where E : struct, Enum => Enum.Parse<E>(Text(name));

    /// <summary>A number for all sides, numbers for each, or the name of an aim.</summary>
    public Padding Padding(string name) => Find(name) switch
    {
        null => AutoDiffCnn.Padding.Valid,
        { ValueKind: JsonValueKind.Number } amount => amount.GetInt32(),
        { ValueKind: JsonValueKind.String } aim => aim.GetString() == "Same" ? AutoDiffCnn.Padding.Same : AutoDiffCnn.Padding.Full,
        { } sides => new Attributes(sides) is var each ? AutoDiffCnn.Padding.Of(each.Shape("before"), each.Shape("after")) : null!,
    };

    private JsonElement Get(string name) => Find(name) ?? throw new KeyNotFoundException($"the case has no {name}.");

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return values.TryGetProperty(name, out var value) ? value : null;
    }
}
