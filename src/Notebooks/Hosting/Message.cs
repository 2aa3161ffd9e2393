using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AutoDiffCnn.Notebooks;

/// <summary>What the process of the cells says, a line of JSON each.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Stream), "stream")]
[JsonDerivedType(typeof(Display), "display")]
[JsonDerivedType(typeof(Update), "update")]
[JsonDerivedType(typeof(Result), "result")]
[JsonDerivedType(typeof(Error), "error")]
[JsonDerivedType(typeof(Time), "time")]
[JsonDerivedType(typeof(Completions), "completions")]
[JsonDerivedType(typeof(Done), "done")]
internal abstract record Message
{
    /// <summary>Text for the console, <c>stdout</c> or <c>stderr</c>.</summary>
    public sealed record Stream(string Name, string Text) : Message;

    /// <summary>Something shown, by MIME type, which may be changed later under its id.</summary>
    public sealed record Display(string Id, ImmutableSortedDictionary<string, string> Data) : Message;

    /// <summary>What has taken its place.</summary>
    public sealed record Update(string Id, ImmutableSortedDictionary<string, string> Data) : Message;

    /// <summary>The value of the last expression.</summary>
    public sealed record Result(ImmutableSortedDictionary<string, string> Data) : Message;

    /// <summary>The cell failed.</summary>
    public sealed record Error(string Name, string Text, ImmutableArray<string> Trace) : Message;

    /// <summary>How long a cell took that asked for it. It is shown and never kept, since it differs each time.</summary>
    public sealed record Time(string Text) : Message;

    /// <summary>What the text between two positions could become.</summary>
    public sealed record Completions(ImmutableArray<string> Matches, int Start, int End) : Message;

    /// <summary>The request is finished.</summary>
    public sealed record Done : Message;
}

/// <summary>What is asked of the process of the cells, a line of JSON each.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Execute), "execute")]
[JsonDerivedType(typeof(Complete), "complete")]
[JsonDerivedType(typeof(Interrupt), "interrupt")]
internal abstract record Request
{
    /// <summary>Run a cell; its number is what stack traces call it.</summary>
    public sealed record Execute(string Language, string Code, int Number) : Request;

    /// <summary>Say what could stand at a position.</summary>
    public sealed record Complete(string Language, string Code, int Position) : Request;

    /// <summary>Stop what runs, and keep the values of the cells before.</summary>
    public sealed record Interrupt : Request;
}

/// <summary>How both are written.</summary>
internal static class Line
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <exception cref="JsonException">The line is no such value.</exception>
    public static T Read<T>(string line) => JsonSerializer.Deserialize<T>(line, Options) ?? throw new JsonException("null");
}
