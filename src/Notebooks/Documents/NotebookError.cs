namespace AutoDiffCnn.Notebooks;

/// <summary>A file that is not the notebook it should be.</summary>
internal sealed class NotebookError(string file, string place, string expected, string got, string? possible = null)
    : FormatException($"{file}, {place}: expected {expected}, got {got}." + (possible is null ? "" : $"\nPossible: {possible}."));
