namespace AutoDiffCnn;

/// <summary>Images with what they should be: the class of each [n], or its shares of the classes [n, classes].</summary>
internal sealed record Batch(Tensor Images, Tensor Targets, int Classes)
{
    /// <exception cref="DataError">The data cannot be trained on.</exception>
    public static Batch Of(Dataset data) => new(data.Check().Images, data.Labels, data.Classes);

    /// <exception cref="DataError">The images or the shares cannot be trained on.</exception>
    public static Batch Of(Blend blend) => new(blend.Check().Images, blend.Targets, blend.Targets.Shape[1]);

    public int Count => Images.Shape[0];
}

/// <summary>The batches of a loader, one at a time. What is not the next batch is reached by going through the epoch
/// again, so a run that is resumed has the same ones.</summary>
internal sealed class Streamed : IBatches, IDisposable
{
    private readonly Loader<Batch> loader;
    private readonly Batch first;
    private IEnumerator<Batch>? batches;
    private (int Epoch, int Step) at;

    /// <summary>Finds the first batch, and how many there are.</summary>
    /// <exception cref="DataError">There is none, or the loader throws.</exception>
    public Streamed(Loader<Batch> loader, int? steps)
    {
        this.loader = loader;
        Steps = steps ?? loader.Count ?? Counted();
        first = Steps > 0 ? At(1, 0) : throw new DataError("the loader is empty: its first epoch has no batch.");
    }

    public Shape Image => first.Images.Shape[1..];

    public int Classes => first.Classes;

    public bool IsSoft => first.Targets.Shape.Rank == 2;

    public int Size => first.Count;

    public int Steps { get; }

    private string Place => $"epoch {at.Epoch}, batch {Math.Max(0, at.Step) + 1}{(Steps > 0 ? $" of {Steps}" : "")}";

    public int CountOf(int epoch, int step) => Checked(At(epoch, step)).Count;

    public void Fill(int epoch, int step, Span<float> images, Span<float> targets)
    {
        var batch = At(epoch, step);
        batch.Images.CopyTo(images);
        batch.Targets.CopyTo(targets);
    }

    public void Dispose() => batches?.Dispose();

    public override string ToString() => $"{Steps} batches of {Size} images {Image}, {Classes} classes";

    private int Counted()
    {
        Begin(1);
        while (Next())
        {
            // Only to know how often.
        }

        return at.Step;
    }

    private Batch At(int epoch, int step)
    {
        if (batches is null || at.Epoch != epoch || at.Step > step)
        {
            Begin(epoch);
        }

        while (at.Step < step)
        {
            if (!Next())
            {
                throw new DataError($"{Place}: the loader has ended; its first epoch has {Steps} batches.");
            }
        }

        return batches!.Current;
    }

    private void Begin(int epoch)
    {
        Dispose();
        (batches, at) = (null, (epoch, -1));
        batches = Guarded(() => loader.Epoch(epoch - 1).GetEnumerator());
    }

    private bool Next()
    {
        at.Step++;
        return Guarded(batches!.MoveNext);
    }

    /// <summary>What goes wrong in the loader gets the batch's name.</summary>
    private T Guarded<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new DataError($"{Place}: {error.Message}", error);
        }
    }

    private Batch Checked(Batch batch)
    {
        Refuse(batch.Images.Shape[1..] != Image, $"images {batch.Images.Shape[1..]}, but {Image} in the first batch");
        Refuse(batch.Classes != Classes, $"{batch.Classes} classes, but {Classes} in the first batch");
        Refuse(batch.Count > Size || batch.Count < Size && at.Step < Steps - 1,
            $"{batch.Count} images, but {Size} in the first batch, and only an epoch's last may have fewer");
        return batch;
    }

    private void Refuse(bool bad, string reason)
    {
        if (bad)
        {
            throw new DataError($"{Place}: {reason}.");
        }
    }
}
