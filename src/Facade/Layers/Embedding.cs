using System.Text;

namespace AutoDiffCnn;

/// <summary>y[…, :] = weight[x[…], :]: a row of a table for each whole number; parameter weight [count, size]. A number
/// outside the table gives zeros.</summary>
/// <param name="Count">How many rows.</param>
/// <param name="Size">The size of a row.</param>
/// <param name="Init">How the table is drawn.</param>
/// <remarks>x may be real, which is rounded down as <see cref="ToIndex"/> says, or an index of rank 1.</remarks>
/// <example><code>
/// var net = Embedding(100, 16) >> Flatten >> Dense(2);
/// net.Build([1, 8]).Output.Shape // [1, 2]
/// </code></example>
public sealed record EmbeddingLayer(int Count, int Size, Init Init) : ScopedLayer
{
    internal static Init Normal { get; } = Init.Normal(0, 1);

    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        var index = x.Kind == AutoDiffCnn.Kind.Index
            ? x
            : new ToIndex().Of(Functions.Reshape(x, [Shape.Fit(x.Shape.Elements, $"{this} on {x.Shape}")]));
        var rows = Functions.Gather(scope.Parameter("weight", [Count, Size], Init), index, 0);
        return Functions.Reshape(rows, [.. x.Shape, Size]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"{Count}", $"{Size}", Init == Normal ? "" : $"init: {Init}");
}
