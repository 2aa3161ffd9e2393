using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Layers one after the other; what <c>>></c> makes. A chain of chains is one chain.</summary>
/// <param name="Parts">The layers in order, none of them a chain.</param>
/// <example><code>
/// var net = Conv2D(6, 5) >> Relu >> MaxPool(2);
/// net.Build([1, 1, 28, 28]).Output.Shape // [1, 6, 12, 12]
/// </code></example>
public sealed record Sequential(ImmutableArray<Layer> Parts) : Layer
{
    internal override bool NamesItself => true;

    /// <summary>The parts' texts, joined.</summary>
    public override string Name => Parts.IsEmpty ? "Identity" : string.Join(" >> ", Parts);

    /// <inheritdoc/>
    public override Node Apply(Scope scope, Node x) => Parts.Aggregate(x, (y, part) => scope.Apply(part, y));

    /// <summary>Whether both are the same layers in the same order.</summary>
    public bool Equals(Sequential? other) => other is not null && Parts.SequenceEqual(other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => Parts.Aggregate(17, HashCode.Combine);

    internal override Layer Edited(Edits edits, string path) => edits.Part(path, this);

    internal static ImmutableArray<Layer> PartsOf(Layer layer) => layer is Sequential chain ? chain.Parts : [layer];

    /// <inheritdoc/>
    protected override bool PrintMembers(System.Text.StringBuilder builder) => false;
}

/// <summary>A function without parameters as a layer.</summary>
/// <param name="Function">The function.</param>
/// <example><code>
/// var net = Layer.Of(Relu) >> Dense(10);
/// net // Relu >> Dense(10)
/// </code></example>
public sealed record FunctionLayer(Func<Node, Node> Function) : ScopedLayer
{
    /// <inheritdoc/>
    public override string Kind => Name is "x => …" ? "function" : char.ToLowerInvariant(Name[0]) + Name[1..];

    /// <summary>The method's name; a lambda has none.</summary>
    public override string Name => NameOf(Function) ?? "x => …";

    /// <summary>The name of a function's method; null for a lambda.</summary>
    internal static string? NameOf(Delegate function) => function.Method.Name switch
    {
        ['<', ..] local when local.Split("g__") is [_, var name] => name.Split('|')[0],
        ['<', ..] or "Invoke" => null,
        var name => name,
    };

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => Function(x);

    /// <inheritdoc/>
    protected override bool PrintMembers(System.Text.StringBuilder builder) => false;
}
