using System.Collections.Immutable;
using System.IO.Compression;
using System.Text.Json;

namespace OracleTests;

/// <summary>What the oracle says about one op with certain attributes at certain inputs; see make.py.</summary>
/// <param name="Number">Its place in the file.</param>
/// <param name="Op">The name of the function.</param>
/// <param name="Attributes">Its other arguments.</param>
/// <param name="Inputs">Where.</param>
/// <param name="Y">The value.</param>
/// <param name="Derivatives">The derivatives, if there are any.</param>
internal sealed record Case(
    int Number, string Op, JsonElement Attributes, ImmutableArray<Input> Inputs, Tensor Y, Derivatives? Derivatives)
{
    /// <summary>All cases of the file.</summary>
    public static ImmutableArray<Case> All { get; } = Read();

    /// <summary>The number, the op, its attributes and shapes.</summary>
    public override string ToString() =>
        $"case {Number}: {Op} {Attributes} on {string.Join(" and ", Inputs.Select(input => input.Value.Shape))}";

    private static ImmutableArray<Case> Read()
    {
        using var packed = typeof(Case).Assembly.GetManifestResourceStream("cases.json.gz")!;
        using var text = new GZipStream(packed, CompressionMode.Decompress);
        var file = JsonDocument.Parse(text).RootElement;
        return [.. file.GetProperty("cases").EnumerateArray().Select((at, number) => new Case(number,
            at.GetProperty("op").GetString()!, at.GetProperty("attributes"),
            [.. at.GetProperty("inputs").EnumerateArray().Select(ReadInput)], ReadTensor(at.GetProperty("y")),
            at.TryGetProperty("dy", out var dy) ? ReadDerivatives(at, ReadTensor(dy)) : null))];
    }

    private static Input ReadInput(JsonElement at) => new(ReadTensor(at), at.GetProperty("kind").GetString()!);

    private static Derivatives ReadDerivatives(JsonElement at, Tensor dy) => new(dy, ReadTensors(at.GetProperty("v")),
        ReadTensors(at.GetProperty("dx")), ReadTensor(at.GetProperty("jvp")),
        at.TryGetProperty("second", out var second) ? ReadTensors(second) : null);

    private static ImmutableArray<Tensor> ReadTensors(JsonElement at) => [.. at.EnumerateArray().Select(ReadTensor)];

    private static Tensor ReadTensor(JsonElement at) => Tensor.Of(
        Shape.From(at.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())),
        [.. at.GetProperty("values").EnumerateArray().Select(value => value.GetDouble())]);
}

/// <summary>An input: its kind is real (it has a gradient), constant (it has none) or index.</summary>
internal sealed record Input(Tensor Value, string Kind);

/// <summary>Derivatives under a cotangent dy and along directions v, one for each real input.</summary>
/// <param name="Dy">The cotangent of y.</param>
/// <param name="V">The directions.</param>
/// <param name="Dx">(∂y/∂x)ᵀ dy.</param>
/// <param name="Jvp">(∂y/∂x) v.</param>
/// <param name="Second">∂⟨dx, v⟩/∂x; null where the oracle cannot tell.</param>
internal sealed record Derivatives(
    Tensor Dy, ImmutableArray<Tensor> V, ImmutableArray<Tensor> Dx, Tensor Jvp, ImmutableArray<Tensor>? Second);
