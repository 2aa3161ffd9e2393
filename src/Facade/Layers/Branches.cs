using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace AutoDiffCnn;

/// <summary>y = body(x) + shortcut(x), with the same x for both: the body learns what is to be added.</summary>
/// <param name="Body">The layers that are skipped.</param>
/// <param name="Shortcut">The way around; null for x itself.</param>
/// <remarks>K. He et al., Deep Residual Learning for Image Recognition, CVPR 2016.</remarks>
/// <example><code>
/// var block = Residual(Conv2D(64, 3, Same) >> Relu >> Conv2D(64, 3, Same)) >> Relu;
/// block.Build([1, 64, 8, 8]).Output.Shape // [1, 64, 8, 8]
/// </code></example>
public sealed record ResidualLayer(Layer Body, Layer? Shortcut) : ScopedLayer
{
    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        var y = scope.Apply(Body, x);
        var around = Shortcut is null ? x : scope.Inside("shortcut").Apply(Shortcut, x);
        return y.Shape == around.Shape
            ? y + around
            : throw new ShapeError($"{this} on {x.Shape}",
                $"the body gives {y.Shape}, the shortcut {around.Shape}; to be added they must be equal",
                Repairs(x.Shape, y.Shape, around.Shape));
    }

    internal override Layer Edited(Edits edits, string path) => this with
    {
        Body = edits.Part(path, Body),
        Shortcut = Shortcut is null ? null : edits.Part($"{path}.shortcut", Shortcut),
    };

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"{Body}", Shortcut is null ? "" : $"{Shortcut}");

    /// <summary>A pointwise convolution brings channels, and with a stride sizes, to those of the body.</summary>
    private static List<string> Repairs(Shape x, Shape y, Shape around) => (x, y) switch
    {
        ([_, _, var size, ..], [_, var c, var smaller, ..]) when x.Rank == y.Rank && smaller > 0
            && (size + smaller - 1) / smaller is > 0 and var stride
            && y[2..] == x[2..].Select((s, _) => (s - 1) / stride + 1) =>
            [$"a shortcut Conv{x.Rank - 2}D({c}, 1{(stride == 1 ? "" : $", stride: {stride}")})"],
        ([_, ..], [_, var c]) when x.Rank == 2 => [$"a shortcut Dense({c})"],
        _ => [x == y ? $"a shortcut that keeps {x}" : $"a body that gives {around}"],
    };
}

/// <summary>The results of several layers on the same x, side by side along the channels (axis 1).</summary>
/// <param name="Branches">The layers.</param>
/// <remarks>C. Szegedy et al., Going Deeper with Convolutions, CVPR 2015.</remarks>
/// <example><code>
/// var block = Concat(Conv2D(64, 1), Conv2D(96, 1) >> Relu >> Conv2D(128, 3, Same));
/// block.Build([1, 32, 8, 8]).Output.Shape // [1, 192, 8, 8]
/// </code></example>
public sealed record ConcatLayer(ImmutableArray<Layer> Branches) : ScopedLayer
{
    /// <summary>Whether both have the same branches in the same order.</summary>
    public bool Equals(ConcatLayer? other) => other is not null && Branches.SequenceEqual(other.Branches);

    /// <inheritdoc/>
    public override int GetHashCode() => Branches.Aggregate(23, HashCode.Combine);

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        Node[] parts = [.. Results(scope, Branches, x)];
        return parts is [{ Shape.Rank: < 2 } first, ..]
            ? throw new ShapeError($"{this} on {x.Shape}", $"the first branch gives {first.Shape}, which has no channels: [n, c, …]",
                [$"Reshape to {Shape.From([.. Enumerable.Repeat(1, 2 - first.Shape.Rank), .. first.Shape])} behind it"])
            : Functions.Concat(1, parts);
    }

    internal override Layer Edited(Edits edits, string path) => this with { Branches = Edited(edits, path, Branches) };

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, [.. Branches.Select(branch => $"{branch}")]);

    /// <summary>The results of branches, each in a scope of its own.</summary>
    internal static IEnumerable<Node> Results(Scope scope, ImmutableArray<Layer> branches, Node x) =>
        branches.Select((branch, i) => scope.Inside(BranchName(i)).Apply(branch, x));

    /// <summary>The branches edited, each in a scope of its own.</summary>
    internal static ImmutableArray<Layer> Edited(Edits edits, string path, ImmutableArray<Layer> branches) =>
        [.. branches.Select((branch, i) => edits.Part($"{path}.{BranchName(i)}", branch))];

    private static string BranchName(int i) => "branch" + (i + 1).ToString(CultureInfo.InvariantCulture);
}

/// <summary>The results of several layers on the same x, joined from the left by a function of two nodes.</summary>
/// <param name="Join">The function.</param>
/// <param name="Branches">The layers, at least one.</param>
/// <remarks>With <see cref="Functions.Maximum"/> and dense layers: I. Goodfellow et al., Maxout Networks, ICML 2013.
/// </remarks>
/// <example><code>
/// var maxout = Branch(Maximum, Dense(8), Dense(8));
/// maxout.Build([1, 4]).Output.Shape // [1, 8]
/// </code></example>
public sealed record BranchLayer(Func<Node, Node, Node> Join, ImmutableArray<Layer> Branches) : ScopedLayer
{
    /// <summary>The layers.</summary>
    public ImmutableArray<Layer> Branches { get; init; } = Branches.IsEmpty
        ? throw new ArgumentException("Branch needs at least one layer.", nameof(Branches))
        : Branches;

    /// <summary>Whether both join the same branches in the same order by the same function.</summary>
    public bool Equals(BranchLayer? other) =>
        other is not null && Join == other.Join && Branches.SequenceEqual(other.Branches);

    /// <inheritdoc/>
    public override int GetHashCode() => Branches.Aggregate(Join.GetHashCode(), HashCode.Combine);

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x) => ConcatLayer.Results(scope, Branches, x).Aggregate(Join);

    internal override Layer Edited(Edits edits, string path) =>
        this with { Branches = ConcatLayer.Edited(edits, path, Branches) };

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder,
        [FunctionLayer.NameOf(Join) ?? "(a, b) => …", .. Branches.Select(branch => $"{branch}")]);
}
