using System.Collections.Immutable;
using System.Text.Json;

namespace AutoDiffCnn.Notebooks;

/// <summary>A value in a file, which knows where it stands.</summary>
internal sealed record Place(string File, string Path, JsonElement Value)
{
    public Place Expect(JsonValueKind kind) => Value.ValueKind == kind ? this : throw Error(kind.ToString().ToLowerInvariant());

    public Place Field(string name) => Optional(name)
        ?? throw new NotebookError(File, Path, $"the field '{name}'", "none");

    /// <summary>A field, or null where there is none or it is null.</summary>
    public Place? Optional(string name) =>
        Expect(JsonValueKind.Object).Value.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? new(File, $"{Path}.{name}", value)
            : null;

    public IEnumerable<(string Name, Place Value)> Fields() => Expect(JsonValueKind.Object).Value.EnumerateObject()
        .Select(field => (field.Name, new Place(File, $"{Path}.{field.Name}", field.Value)));

    public IEnumerable<Place> Items() => Expect(JsonValueKind.Array).Value.EnumerateArray()
        .Select((item, i) => new Place(File, $"{Path}[{i}]", item));

    public string Text() => Expect(JsonValueKind.String).Value.GetString()!;

    /// <summary>Text that may be a list of lines.</summary>
    public string Lines() => Value.ValueKind == JsonValueKind.Array ? string.Concat(Items().Select(line => line.Text())) : Text();

    public int Count() => Value.ValueKind == JsonValueKind.Number && Value.TryGetInt32(out var count) ? count : throw Error("a whole number");

    /// <summary>The JSON texts of the fields that are not known.</summary>
    public ImmutableSortedDictionary<string, string> Rest(string[] known) => Notebook.NoFields.SetItems(
        Fields().Where(field => !known.Contains(field.Name)).Select(field => KeyValuePair.Create(field.Name, field.Value.Value.GetRawText())));

    public NotebookError Error(string expected, string? possible = null)
    {
        var raw = Value.GetRawText();
        return new(File, Path, expected, raw.Length > 40 ? $"{raw[..40]}…" : raw, possible);
    }
}
