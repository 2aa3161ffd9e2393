using System.Text;

namespace AutoDiffCnn;

/// <summary>y = x wᵀ + b: every output sees every input; parameters weight [units, in], bias [units].</summary>
/// <param name="Units">The number of outputs.</param>
/// <param name="Bias">Whether there is a bias.</param>
/// <param name="Init">How the weight is drawn.</param>
/// <example><code>
/// var net = MaxPool(2) >> Flatten >> Dense(120) >> Relu;
/// net.Build([1, 16, 10, 10]).Output.Shape // [1, 120]
/// </code></example>
public sealed record DenseLayer(int Units, bool Bias, Init Init) : ScopedLayer
{
    /// <inheritdoc/>
    protected override Node Forward(Scope scope, Node x)
    {
        if (x.Shape.Rank != 2)
        {
            throw new ShapeError($"{this} on {x.Shape}", $"the input needs rank 2: [n, in], not {x.Shape.Rank}",
                x.Shape.Rank > 2
                    ? [$"Flatten before it gives [{x.Shape[0]}, {x.Shape[1..].Elements}]"]
                    : [$"Reshape to [1, {x.Shape.Elements}]"]);
        }

        var w = scope.Parameter("weight", [Units, x.Shape[1]], Init);
        return Functions.Dense(x, w, Bias ? scope.Parameter("bias", [Units], Init.Zeros) : null);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) =>
        PrintArguments(builder, $"{Units}", ConvLayer.Text(Bias), ConvLayer.Text(Init));
}
