namespace AutoDiffCnn;

/// <summary>What can be chosen about a plan.</summary>
/// <param name="Layouts">Whether images may be kept in another order inside.</param>
/// <param name="Winograd">Whether 3 × 3 convolutions may be done by Winograd's tiles.</param>
/// <param name="EmitFrom">After how many elements a fused loop is compiled; until then it is interpreted. Larger ones are at once.</param>
internal sealed record Choices(bool Layouts = true, bool Winograd = true, long EmitFrom = LoopCode.WorthEmitting)
{
    /// <summary>From how many elements on a result that nobody reads is written past the caches; null if
    /// <see cref="Caches.StreamFrom"/> says it.</summary>
    public long? StreamFrom { get; init; }

    /// <summary>The floats that a layer should read and write in a round of a batch.</summary>
    public long RoundFloats { get; init; } = RoundSearch.Few;
}
