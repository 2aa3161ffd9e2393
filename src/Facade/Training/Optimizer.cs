using System.Collections.Immutable;
using System.Text;

namespace AutoDiffCnn;

/// <summary>How parameters follow their gradients: a function from nodes to nodes, so it becomes part of the training
/// step's graph. Derive from it for another rule; use <see cref="With"/> for what goes around any rule.</summary>
/// <param name="Rate">The learning rate.</param>
/// <example><code>
/// var trained = lenet.Fit(digits.Train, SoftmaxCrossEntropy, new SignSgd(1e-3));
///
/// public sealed record SignSgd(double Rate) : Optimizer(Rate)
/// {
///     public override Update Step(Node w, Node dw, ImmutableArray&lt;Node> slots, Node rate, Node step) =>
///         new(w - rate * Sign(dw), []);
/// }
/// </code></example>
public abstract record Optimizer(double Rate)
{
    /// <summary>The name of a slot that stands for the parameter when the network is judged, returned and saved: its
    /// average over the steps, say. It starts as the parameter does.</summary>
    public const string AverageSlot = "average";

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

    /// <summary>The names of what is kept for each parameter beside itself; each starts as zeros.</summary>
    public virtual ImmutableArray<string> Slots => [];

    /// <summary>The shape of a slot of a parameter: the parameter's by default.</summary>
    public virtual Shape ShapeOf(string slot, Shape parameter) => parameter;

    /// <summary>One step for one parameter.</summary>
    /// <param name="w">The parameter.</param>
    /// <param name="dw">Its gradient.</param>
    /// <param name="slots">What is kept for it, in the order of <see cref="Slots"/>.</param>
    /// <param name="rate">The learning rate, a scalar.</param>
    /// <param name="step">The number of this step, a scalar, 1 for the first.</param>
    public abstract Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step);

    /// <summary>One step for all parameters, an update for each in the same order. One whose value and slots stay the
    /// same nodes is not computed at all.</summary>
    /// <param name="all">The parameters with their gradients.</param>
    /// <param name="step">The number of this step, a scalar, 1 for the first.</param>
    public virtual ImmutableArray<Update> Steps(ImmutableArray<Learner> all, Node step) =>
        [.. all.Select(p => Step(p.W, p.Dw, p.Slots, p.Rate, step))];

    /// <summary>What becomes of the average of a value that the network carries from batch to batch, as batch norm
    /// does; null if nothing is averaged.</summary>
    internal virtual Averaging? Averages => null;

    /// <summary>This optimiser with something around its steps: what changes gradients before them, or weights behind
    /// them. What is put around last acts first.</summary>
    /// <param name="call">How this is written in prints: <c>ClipNorm(1)</c>.</param>
    /// <param name="slots">The names of what this keeps for each parameter; they come before the
    /// optimiser's own.</param>
    /// <param name="around">From the steps of this optimiser to those of the new one; it hands them parameters without
    /// the slots of its own.</param>
    /// <exception cref="ArgumentException">The optimiser has a slot of that name already.</exception>
    public Optimizer With(string call, ImmutableArray<string> slots, Func<Steps, Steps> around) =>
        WithAverages(call, slots, around, Averages);

    internal Optimizer WithAverages(
        string call, ImmutableArray<string> slots, Func<Steps, Steps> around, Averaging? averages) =>
        slots.FirstOrDefault(Slots.Contains) is { } twice
            ? throw new ArgumentException($"{this} has a slot '{twice}' already.", nameof(slots))
            : new Surrounded(this, call, slots, around, averages);

    /// <summary>As it is written in C#.</summary>
    public sealed override string ToString() => Text;

    /// <summary>As it is written in C#.</summary>
    internal virtual string Text
    {
        get
        {
            var text = new StringBuilder();
            return PrintMembers(text) ? $"{Name}({text.Replace(" = ", ": ")})" : Name;
        }
    }

    /// <summary>Writes the rate; a record of further parameters adds its own.</summary>
    protected virtual bool PrintMembers(StringBuilder builder)
    {
        builder.Append(Tensor.Number(Rate));
        return true;
    }

    /// <summary>An argument for <see cref="Layer.PrintArguments"/>; empty if it is the standard.</summary>
    private protected static string Argument(string name, double value, double standard) =>
        value == standard ? "" : $"{name}: {Tensor.Number(value)}";
}

/// <summary>What a step makes of a parameter and of what is kept for it.</summary>
/// <param name="W">The parameter's next value.</param>
/// <param name="Slots">The slots' next values, in order.</param>
/// <example><code>
/// Node w = Tensor.Of([1, 2]), dw = Tensor.Of([10, 20]);
/// Sgd(0.1).Step(w, dw, slots: [], rate: 0.1, step: 1).W // [0, 0]
/// </code></example>
public sealed record Update(Node W, ImmutableArray<Node> Slots);

/// <summary>A parameter as an optimiser sees it.</summary>
/// <param name="Name">Its name: <c>conv1.weight</c>.</param>
/// <param name="W">Its value.</param>
/// <param name="Dw">Its gradient.</param>
/// <param name="Slots">What is kept for it, in the order of <see cref="Optimizer.Slots"/>.</param>
/// <param name="Rate">Its learning rate, a scalar.</param>
/// <example><code>
/// var p = new Learner("w", Tensor.Of([1, 2]), Dw: Tensor.Of([10, 20]), Slots: [], Rate: 0.1);
/// Sgd(0.1).Steps([p], step: 1)[0].W // [0, 0]
/// </code></example>
public sealed record Learner(string Name, Node W, Node Dw, ImmutableArray<Node> Slots, Node Rate);

/// <summary>One step for all parameters; see <see cref="Optimizer.Steps"/>.</summary>
/// <example><code>
/// Optimizer Reversed(Optimizer optimizer) => optimizer.With("Reversed()", slots: [], Ascending);
/// Steps Ascending(Steps inner) => (all, step) => inner([.. all.Select(p => p with { Dw = -p.Dw })], step);
/// Reversed(Sgd(0.1)) // Sgd(0.1).Reversed()
/// </code></example>
public delegate ImmutableArray<Update> Steps(ImmutableArray<Learner> all, Node step);

/// <summary>The next value of an average, of its last one, the new value and the number of the step.</summary>
internal delegate Node Averaging(Node average, Node value, Node step);

/// <summary>An optimiser with something around its steps.</summary>
internal sealed record Surrounded(
    Optimizer Inner, string Call, ImmutableArray<string> Own, Func<Steps, Steps> Around, Averaging? Carried)
    : Optimizer(Inner.Rate)
{
    internal override Averaging? Averages => Carried;

    public override string Name => Inner.Name;

    public override ImmutableArray<string> Slots => [.. Own, .. Inner.Slots];

    internal override string Text => $"{Inner}.{Call}";

    public override Shape ShapeOf(string slot, Shape parameter) =>
        Own.Contains(slot) ? parameter : Inner.ShapeOf(slot, parameter);

    public override Update Step(Node w, Node dw, ImmutableArray<Node> slots, Node rate, Node step) =>
        Steps([new("", w, dw, slots, rate)], step)[0];

    public override ImmutableArray<Update> Steps(ImmutableArray<Learner> all, Node step) =>
        Around(Inner.Steps)(all, step);
}
