using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AutoDiffCnn;

/// <summary>Weights do not fit a model: one is missing, superfluous or has another shape.</summary>
/// <example><code>
/// var weights = lenet.Build([1, 1, 28, 28]).Init(Key.Of(42)).With("conv1.weight", Tensor.Of([1, 2]));
/// Safetensors.Write("other.safetensors", weights);
/// lenet.Load("other.safetensors", [1, 28, 28]) // WeightsError: conv1.weight has [2] in the weights, the model needs [6, 1, 5, 5].
/// </code></example>
public sealed class WeightsError(string message) : ArgumentException(message);

/// <summary>The values of a model's parameters and carried values by name, in single precision; immutable.</summary>
/// <example><code>
/// var weights = lenet.Build([1, 1, 28, 28]).Init(Key.Of(42));
/// weights["conv1.weight"].Shape // [6, 1, 5, 5]
/// </code></example>
[TypeFormatterSource]
public sealed class Weights : IReadOnlyDictionary<string, Tensor>
{
    private readonly ImmutableSortedDictionary<string, Tensor> values;

    /// <summary>The weights with these names; values are rounded to single precision.</summary>
    public Weights(IEnumerable<KeyValuePair<string, Tensor>> values)
    {
        this.values = values.Select(pair => KeyValuePair.Create(pair.Key, Evaluator.InSingle(pair.Value)))
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>The names, sorted by code point.</summary>
    public IEnumerable<string> Keys => values.Keys;

    /// <summary>The values in the order of their names.</summary>
    public IEnumerable<Tensor> Values => values.Values;

    /// <summary>How many there are.</summary>
    public int Count => values.Count;

    /// <summary>The value of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Tensor this[string key] => values[key];

    /// <summary>These weights with one changed or added.</summary>
    public Weights With(string name, Tensor value) => new(values.SetItem(name, value));

    /// <summary>SHA-256, in hexadecimal, of all values' single-precision bits, little endian, in the order of the
    /// sorted names: equal for equal weights, on every machine.</summary>
    public string Sha256()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var value in values.Values)
        {
            hash.AppendData(LittleEndian(value.Singles));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) => values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The names with their shapes.</summary>
    public override string ToString() => string.Join("\n", values.Select(pair => $"{pair.Key} {pair.Value.Shape}"));

    /// <summary>The value of a variable of this name and shape.</summary>
    internal Tensor For(string name, Shape shape) =>
        !values.TryGetValue(name, out var value)
            ? throw new WeightsError(
                $"the model has {name} {shape}, the weights have no such name; they have {Names()}.")
        : value.Shape != shape
            ? throw new WeightsError($"{name} has {value.Shape} in the weights, the model needs {shape}.")
        : value;

    private string Names() => values.Count switch
    {
        0 => "none",
        <= 4 => string.Join(", ", values.Keys),
        _ => $"{string.Join(", ", values.Keys.Take(3))} and {values.Count - 3} more",
    };

    private static ReadOnlySpan<byte> LittleEndian(ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            return MemoryMarshal.AsBytes(values);
        }

        var bits = MemoryMarshal.Cast<float, uint>(values).ToArray();
        System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(bits, bits);
        return MemoryMarshal.AsBytes(bits.AsSpan());
    }
}
