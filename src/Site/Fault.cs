namespace AutoDiffCnn.Site;

/// <summary>What is wrong in a source of the pages.</summary>
/// <param name="File">The file, as seen from the repository.</param>
/// <param name="Place">Where in it.</param>
/// <param name="Text">What was expected and what is there.</param>
/// <param name="Possible">What would work.</param>
internal sealed record Fault(string File, string Place, string Text, string Possible)
{
    public override string ToString() => $"{File}, {Place}: {Text}\nPossible: {Possible}.";
}

/// <summary>Pages that cannot be made; all that is wrong with them.</summary>
internal sealed class SiteError(IEnumerable<Fault> faults) : FormatException(string.Join('\n', faults));
