namespace AutoDiffCnn;

/// <summary>How a batch goes through some layers: a few images at a time, all of these layers in each round. So what a layer makes
/// is in the caches when the next one reads it, and takes the memory of a few images.</summary>
/// <param name="Images">The images of a round.</param>
/// <param name="Batch">All images.</param>
internal sealed record Rounds(int Images, int Batch)
{
    /// <summary>The number of rounds.</summary>
    public int Count => (Batch + Images - 1) / Images;

    /// <summary>Rounds of nearly equal size of at most so many images.</summary>
    public static Rounds Of(int batch, int most) => new(Step.Even(batch, most), batch);

    /// <summary>A round's first image. The last round may compute some images again, to the same results, since all
    /// have the same size.</summary>
    public int First(int round) => Math.Min(round * Images, Batch - Images);
}

/// <summary>Where rounds meet the rest of a graph: only a run knows which images they are. Made after gradients are derived.</summary>
/// <param name="Rounds">The rounds.</param>
internal abstract record RoundOp(Rounds Rounds) : Op1
{
    internal override bool IsDecidedByInputs => false;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor x) => throw new NotSupportedException("Only a run has rounds.");

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => NotDifferentiable("gradients are derived before there are rounds");
}

/// <summary>What a round reads of a tensor: its images.</summary>
/// <param name="Rounds">The rounds.</param>
internal sealed record RoundOf(Rounds Rounds) : RoundOp(Rounds)
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => [Rounds.Images, .. x[1..]];
}

/// <summary>What all rounds write, together.</summary>
/// <param name="Rounds">The rounds.</param>
internal sealed record AllRounds(Rounds Rounds) : RoundOp(Rounds)
{
    /// <inheritdoc/>
    public override Shape Infer(Shape x) => [Rounds.Batch, .. x[1..]];
}
