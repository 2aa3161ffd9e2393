using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AutoDiffCnn;

/// <summary>Where a run keeps what it needs to go on after it was stopped or killed: weights, the optimiser's state,
/// the key, the place in the data and the schedule, and the history. <see cref="Training"/> begins with the last
/// checkpoint if there is one, so a program that is started again goes on, and ends with the bits of a run that nothing
/// stopped. Each is one safetensors file, <c>step-00000120.safetensors</c>, written completely or not at all.</summary>
/// <param name="Folder">The folder, made if need be; for one run at a time.</param>
/// <param name="EverySteps">After how many steps one is written; besides, one is written after each epoch.</param>
/// <param name="Keep">How many are kept; older ones are deleted.</param>
/// <example><code>
/// Trained Run(int epochs) => lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), epochs,
///     checkpoints: new("run", Keep: 1));
/// var first = Run(2);
/// Run(2).Sha256() == first.Sha256() // True
/// Directory.GetFiles("run").Length // 1
/// </code></example>
public sealed record Checkpoints(string Folder, int EverySteps = int.MaxValue, int Keep = 2)
{
    private const string First = "step-";
    private const string Last = ".safetensors";

    /// <summary>After how many steps one is written, at least 1.</summary>
    public int EverySteps { get; init; } = AtLeast1(nameof(EverySteps), EverySteps);

    /// <summary>How many are kept, at least 1.</summary>
    public int Keep { get; init; } = AtLeast1(nameof(Keep), Keep);

    /// <summary>Writes a checkpoint, then deletes those that are too old.</summary>
    internal void Write(
        long steps, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> texts)
    {
        Directory.CreateDirectory(Folder);
        Safetensors.Write(
            Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{First}{steps:D8}{Last}")),
            tensors, texts, keepDoubles: true);
        foreach (var old in Files().SkipLast(Keep))
        {
            File.Delete(old);
        }
    }

    /// <summary>The path of the last checkpoint; null if there is none. What a killed process left half-written goes
    /// away.</summary>
    internal string? Latest()
    {
        if (!Directory.Exists(Folder))
        {
            return null;
        }

        foreach (var half in Directory.GetFiles(Folder, $"{First}*{Last}.*.tmp"))
        {
            File.Delete(half);
        }

        return Files().LastOrDefault();
    }

    /// <summary>The checkpoints, oldest first.</summary>
    private IEnumerable<string> Files() => Directory.GetFiles(Folder, $"{First}*{Last}")
        .Where(path => Steps(path) >= 0)
        .OrderBy(Steps);

    private static long Steps(string path) => long.TryParse(
        Path.GetFileName(path)[First.Length..^Last.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var steps)
        ? steps
        : -1;

    private static int AtLeast1(string name, int value) => value >= 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is at least 1.");
}

/// <summary>A checkpoint is none of this run.</summary>
/// <example><code>
/// Trained Run(Optimizer optimizer) =>
///     lenet.Fit(digits.Train, SoftmaxCrossEntropy, optimizer, checkpoints: new("run"));
/// var first = Run(Adam(1e-3));
/// Run(Sgd(0.1)) // CheckpointError: run/step-00000002.safetensors is of another run…
/// </code></example>
public sealed class CheckpointError : InvalidOperationException
{
    internal CheckpointError(string path, string problem) : base(
        $"{path} {problem}.\nPossible: another folder for this run, or its weights as a start.")
    {
        Path = path;
    }

    /// <summary>The file.</summary>
    public string Path { get; }
}

/// <summary>Where a run is: the epoch and the batch that come next, how many images there were in the epoch so far, their
/// losses added up and how many were recognised, and what the callbacks advised after the last.</summary>
internal readonly record struct Cursor(int Epoch, int Step, long Images, double Loss, int Correct, bool Stop, double Rate)
{
    public static Cursor Start { get; } = new(1, 0, 0, 0, 0, false, 1);

    /// <summary>After one more batch.</summary>
    /// <param name="images">How many images it has.</param>
    /// <param name="loss">Their mean loss.</param>
    /// <param name="correct">How many of them were recognised.</param>
    public Cursor After(int images, double loss, int correct) =>
        this with { Step = Step + 1, Images = Images + images, Loss = Loss + images * loss, Correct = Correct + correct };

    /// <summary>At the beginning of the next epoch.</summary>
    public Cursor Next(Advice advice) => new(Epoch + 1, 0, 0, 0, 0, advice.Stop, advice.Rate);

    /// <summary>Whether a run of so many epochs, of so many steps with so many images, can be there.</summary>
    public bool IsPossible(int epochs, int steps, int size) => Epoch >= 1 && Epoch <= epochs + 1 && Step >= 0 && Step <= steps
        && Images >= (Step < steps ? (long)Step * size : (steps - 1L) * size + 1) && Images <= (long)Step * size
        && Correct >= 0 && Correct <= Images && double.IsFinite(Loss) && double.IsFinite(Rate) && Rate >= 0;
}

/// <summary>What a checkpoint says beside its tensors.</summary>
internal sealed record Saved(string Run, Cursor Cursor, ImmutableArray<EpochResult> History)
{
    private const string Key = "autodiffcnn.training";
    private static readonly JsonSerializerOptions options = new()
    {
        IgnoreReadOnlyProperties = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public Dictionary<string, string> ToTexts() => new() { [Key] = JsonSerializer.Serialize(this, options) };

    /// <summary>What a file says, if it is one of a run that goes so far.</summary>
    /// <exception cref="CheckpointError">It says nothing, something else, or is of another run.</exception>
    public static Saved Read(string path, string run, int epochs, int steps, int size)
    {
        var texts = Safetensors.ReadMetadata(path);
        var saved = texts.TryGetValue(Key, out var text) ? Parse(path, text)
            : throw new CheckpointError(path, "is no checkpoint: it has weights only");
        if (saved.Run != run)
        {
            throw new CheckpointError(path, $"is of another run.\nThat was {saved.Run}.\nThis is {run}");
        }

        return saved.Cursor.IsPossible(epochs, steps, size) && saved.History.Length == saved.Cursor.Epoch - 1
            ? saved
            : throw new CheckpointError(path, $"contradicts itself: {text}");
    }

    private static Saved Parse(string path, string text)
    {
        try
        {
            var saved = JsonSerializer.Deserialize<Saved>(text, options);
            return saved is { Run: not null, History.IsDefault: false } && saved.History.All(IsWhole) ? saved
                : throw new JsonException("a part is missing");
        }
        catch (Exception bad) when (bad is JsonException or NotSupportedException)
        {
            throw new CheckpointError(path, $"is no checkpoint that can be read: {bad.Message}");
        }
    }

    private static bool IsWhole(EpochResult? result) => result is { Validation: null }
        || result is { Validation.Confusion: { Classes: >= 1, Counts.IsDefault: false } confusion }
            && (long)confusion.Classes * confusion.Classes == confusion.Counts.Length;
}
