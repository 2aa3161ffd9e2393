namespace AutoDiffCnn;

/// <summary>Training stopped because a value is no longer finite. The message names the epoch, the step, the first node
/// that is not finite, and what to try.</summary>
/// <example><code>
/// try { lenet.Fit(digits.Train, SoftmaxCrossEntropy, Sgd(1e9)); }
/// catch (DivergedError e) { e.LastGood.Save("before.safetensors"); }
/// File.Exists("before.safetensors") // True
/// </code></example>
public sealed class DivergedError : InvalidOperationException
{
    internal DivergedError(string message, int epoch, int step, Node node, Trained lastGood) : base(message)
    {
        (Epoch, Step, Node, LastGood) = (epoch, step, node, lastGood);
    }

    /// <summary>The epoch, from 1.</summary>
    public int Epoch { get; }

    /// <summary>The step within the epoch, from 1.</summary>
    public int Step { get; }

    /// <summary>The first node that is not finite, in the order of computation.</summary>
    public Node Node { get; }

    /// <summary>The network after the last finished epoch; before training if that is the first. Weights from later in
    /// the epoch would be finite too, but already spoilt.</summary>
    public Trained LastGood { get; }
}

/// <summary>Training was cancelled. What was learnt so far is not lost.</summary>
/// <example><code>
/// using var source = new CancellationTokenSource();
/// source.Cancel();
/// try { lenet.Fit(digits.Train, SoftmaxCrossEntropy, Adam(1e-3), cancel: source.Token); }
/// catch (TrainingCanceledException e) { e.SoFar.Save("unfinished.safetensors"); }
/// File.Exists("unfinished.safetensors") // True
/// </code></example>
public sealed class TrainingCanceledException : OperationCanceledException
{
    internal TrainingCanceledException(string message, Trained soFar, CancellationToken token) : base(message, token)
    {
        SoFar = soFar;
    }

    /// <summary>The network as it was when training was cancelled, in the middle of an epoch if need be; its history
    /// has the finished epochs.</summary>
    public Trained SoFar { get; }
}
