namespace AutoDiffCnn;

/// <summary>Values for a graph's variables, for whoever gives none: always the same.</summary>
internal static class Samples
{
    /// <summary>Normal numbers, or positive ones if the first, a loss, is not finite for those; indices 0 and 1.</summary>
    public static IReadOnlyDictionary<Node, Tensor> For(Node[] results)
    {
        var variables = new Graph([.. results]).Variables;
        var normal = Drawn((key, shape) => key.Normal(shape));
        return double.IsFinite(Reference.Run([results[0]], normal)[0].At(0)) ? normal : Drawn((key, shape) => key.Uniform(shape, 0.5, 1.5));

        Dictionary<Node, Tensor> Drawn(Func<Key, Shape, Tensor> draw) => variables.ToDictionary(variable => variable, variable =>
            variable.Kind == Kind.Index
                ? Tensor.From(variable.Shape, i => i % 2)
                : draw(Key.Of(5).FoldIn(variable.Op.Name), variable.Shape));
    }
}
