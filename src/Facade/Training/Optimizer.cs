using System.Collections.Immutable;
using System.Text;

namespace AutoDiffCnn;

/// <summary>How a parameter follows its gradient: a function from nodes to nodes, so it becomes part of the training
/// step's graph. Derive from it for another rule.</summary>
/// <param name="Rate">The learning rate.</param>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, new SignSgd(1e-3));
///
/// public sealed record SignSgd(double Rate) : Optimizer(Rate) {     public override Update Step(Node w, Node dw,
/// ImmutableArray&lt;Node> slots, Node rate, Node step) => new(w - rate * Sign(dw), []); } </code></example>
public abstract record Optimizer(double Rate)
{
    /// <summary>The learning rate.</summary>
    public double Rate { get; init; } = double.IsFinite(Rate) && Rate >= 0
        ? Rate
        : throw new ArgumentOutOfRangeException(nameof(Rate), Rate,
            "A learning rate is a finite number of at least 0.");

    /// <summary>The value, if it is a share in [0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    internal static double Share(string name, double value) => value is >= 0 and < 1
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} lies in [0, 1).");

    /// <summary>The value, if it is finite and at least 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    internal static double Amount(string name, double value) => value is >= 0 and < double.PositiveInfinity
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} is a finite number of at least 0.");

    /// <summary>The name in prints and in the names of slots; the type's name by default.</summary>
    public virtual string Name =>
        GetType().Name.Replace("Optimizer", "") is { Length: > 0 } name ? name : GetType().Name;

    /// <summary>The names of what is kept for each parameter beside itself;
    /// each starts as zeros of its shape.</summary>
    public virtual ImmutableArray<string> Slots => [];

    /// <summary>One step for one parameter.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="dw">Its gradient.</param>
    /// <param name="slots">What is kept for it, in the order of <see cref="Slots"/>.</param>
    /// <param name="rate">The learning rate, a scalar.</param>
    /// <param name="step">The number of this step, a scalar, 1 for the first.</param>
    public abstract Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step);

    /// <summary>As it is written in C#.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        return PrintMembers(text) ? $"{Name}({text.Replace(" = ", ": ")})" : Name;
    }

    /// <summary>Writes the rate; a record of further parameters adds its own.</summary>
    protected virtual bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Tensor.Number(Rate));
        return true;
    }
}

/// <summary>What a step makes of a parameter and of what is kept for it.</summary>
/// <param name="W">The parameter's next value.</param>
/// <param name="Slots">The slots' next values, in order.</param>
/// <example><code>
/// Node w = Tensor.Of([1, 2]), dw = Tensor.Of([10, 20]);
/// Sgd(0.1).Step(w, dw, slots: [], rate: 0.1, step: 1).W // [0, 0]
/// </code></example>
public readonly record struct Update(Node W, ImmutableArray<Node> Slots);
