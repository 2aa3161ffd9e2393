using System.Text;

namespace AutoDiffCnn;

/// <summary>A layer under a name of the user's choice instead of one with a number.</summary>
/// <param name="Label">The name.</param>
/// <param name="Inner">The layer.</param>
/// <example><code>
/// var stem = Named("stem", Conv2D(64, 7, stride: 2));
/// stem.Build([1, 3, 32, 32]).Parameters[0].Name // stem.weight
/// </code></example>
public sealed record NamedLayer(string Label, Layer Inner) : Layer
{
    /// <summary>The name.</summary>
    public string Label { get; } = Checked(Label);

    internal override bool NamesItself => true;

    /// <inheritdoc/>
    public override string Name => "Named";

    /// <inheritdoc/>
    public override Node Apply(Scope scope, Node x) => scope.Enter(Inner, Label, x);

    internal override Node Compute(Scope scope, Node x) => Inner.Compute(scope, x);

    internal override Layer Edited(Edits edits, string path) => this with { Inner = Inner.Edited(edits, path) };

    internal static string Checked(string label) =>
        label.Length > 0 && label.All(c => !char.IsWhiteSpace(c) && c is not ('%' or '.' or '/'))
        ? label
        : throw new ArgumentException(
            $"'{label}' cannot name a layer: it must not be empty and have neither spaces nor any of % . /",
            nameof(label));

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"\"{Label}\"", $"{Inner}");
}

/// <summary>A layer so often in a row, each time with parameters of its own, as if it were written so often.</summary>
/// <param name="Times">How often.</param>
/// <param name="Body">The layer.</param>
/// <example><code>
/// var net = Repeat(2, Conv2D(8, 3) >> Relu);
/// net.Build([1, 1, 28, 28]).Parameters.Select(p => p.Name) // [conv1.weight, conv1.bias, conv2.weight, conv2.bias]
/// </code></example>
public sealed record RepeatLayer(int Times, Layer Body) : Layer
{
    /// <summary>How often.</summary>
    public int Times { get; } = Times >= 0
        ? Times
        : throw new ArgumentOutOfRangeException(nameof(Times), Times, "A layer is repeated 0 times or more.");

    internal override bool NamesItself => true;

    /// <inheritdoc/>
    public override Node Apply(Scope scope, Node x) => Copies.Aggregate(x, (y, body) => scope.Apply(body, y));

    internal IEnumerable<Layer> Copies => Enumerable.Repeat(Body, Times);

    internal override Layer Edited(Edits edits, string path) => edits.Part(path, this);

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"{Times}", $"{Body}");
}

/// <summary>A layer that has the same parameters wherever it stands under its name, in a model as a whole.</summary>
/// <param name="Label">The name; the same for all models' parts that share.</param>
/// <param name="Inner">The layer.</param>
/// <remarks>J. Bromley et al., Signature Verification using a Siamese Time Delay Neural Network, NIPS 1993.</remarks>
/// <example><code>
/// var turn = Layer.Of(x => -x);
/// var net = Concat(Tied("tower", Dense(3)), turn >> Tied("tower", Dense(3)));
/// net.Build([1, 4]).Parameters.Select(p => p.Name) // [tower.weight, tower.bias]
/// </code></example>
public sealed record TiedLayer(string Label, Layer Inner) : Layer
{
    /// <summary>The name.</summary>
    public string Label { get; } = NamedLayer.Checked(Label);

    internal override bool NamesItself => true;

    /// <inheritdoc/>
    public override Node Apply(Scope scope, Node x) => scope.Tie(Label, Inner, x);

    internal override Layer Edited(Edits edits, string path) => this with { Inner = Inner.Edited(edits, Label) };

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"\"{Label}\"", $"{Inner}");
}
