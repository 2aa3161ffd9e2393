namespace AutoDiffCnn;

/// <summary>What a loss does with the losses of the single elements; PyTorch's names.</summary>
/// <example><code>
/// var (y, target) = (Tensor.Of([1, 2, 4]), Tensor.Of([1, 1, 1]));
/// L1Loss(y, target, Reduction.None) // [0, 1, 3]
/// L1Loss(y, target, Reduction.Sum) // 4
/// </code></example>
public enum Reduction
{
    /// <summary>They stay as they are.</summary>
    None,

    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,
}
