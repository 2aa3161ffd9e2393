using System.Text.Json.Nodes;

/// <summary>Whether two programs computed the same: a time is worth nothing otherwise.</summary>
internal static class Agreement
{
    private const double LossTolerance = 2e-3;
    private const double SumTolerance = 1e-5;

    /// <summary>What differs, in words; null if nothing does or nothing can be compared.</summary>
    public static string? Broken(string name, JsonObject own, JsonObject peer)
    {
        if (Losses(own) is { } ours && Losses(peer) is { } theirs)
        {
            // After the first step mobilenetv1's losses differ by percents even between PyTorch's thread counts;
            // after three steps resnet18's differ by what Winograd's tiles round.
            var compared = Math.Min(Math.Min(ours.Length, theirs.Length), name switch { "mobilenetv1" => 1, "resnet18" => 3, _ => 5 });
            for (var i = 0; i < compared; i++)
            {
                if (!(Math.Abs(ours[i] / theirs[i] - 1) <= LossTolerance))
                {
                    return $"loss {i + 1} is {ours[i]:G6}, the peer's is {theirs[i]:G6}";
                }
            }
        }

        return Value(own["checksum"]) is { } sum && Value(peer["checksum"]) is { } expected
            && !(Math.Abs(sum - expected) <= SumTolerance * Value(own["checksum_abs"]))
            ? $"the outputs add up to {sum:G6}, the peer's to {expected:G6}"
            : null;
    }

    private static double[]? Losses(JsonObject line) => line["losses"] is JsonArray losses
        ? [.. losses.Select(loss => Value(loss) ?? double.NaN)]
        : null;

    /// <summary>A number; what is not finite is text.</summary>
    private static double? Value(JsonNode? node) => node is null ? null
        : node is JsonValue value && value.TryGetValue<double>(out var number) ? number : double.NaN;
}
