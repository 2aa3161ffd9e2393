using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A layer applied to an input of a certain shape: a graph with named parameters.</summary>
/// <example><code>
/// var model = lenet.Build([64, 1, 28, 28]);
/// model.Parameters.Select(p => $"{p.Name} {p.Shape}") // [conv1.weight [6, 1, 5, 5], …
/// (Residual(Dense(4) >> Relu) >> Dense(2)).Build([1, 4])
/// // model         [1, 4] to [1, 2]  30
/// // ├─ residual1  Residual          20
/// // │  ├─ dense1  Dense(4)          20
/// // │  └─ relu1   Relu               0
/// // └─ dense1     Dense(2)          10
/// </code></example>
[TypeFormatterSource]
public sealed class Model
{
    private Model(Layer layer, Node input, Node output, Scope scope)
    {
        (Layer, Input, Output, Mode, Key) = (layer, input, output, scope.Mode, scope.RootKey);
        (Parameters, Running, Layers) = ([.. scope.Parameters], [.. scope.Running], [.. scope.Layers]);
    }

    /// <summary>The layer.</summary>
    public Layer Layer { get; }

    /// <summary>For use or for training.</summary>
    public Mode Mode { get; }

    /// <summary>The variable of the input, called <c>input</c>.</summary>
    public Node Input { get; }

    /// <summary>The result.</summary>
    public Node Output { get; }

    /// <summary>The variable of the key that randomness comes from, an index [2]; null if nothing is random.</summary>
    public Node? Key { get; }

    /// <summary>The parameters in the order of the layers.</summary>
    public ImmutableArray<Parameter> Parameters { get; }

    /// <summary>The values carried from step to step, in the order of the layers.</summary>
    public ImmutableArray<Running> Running { get; }

    /// <summary>The number of values that training changes.</summary>
    public long ParameterCount => Parameters.Sum(parameter => parameter.Shape.Elements);

    internal ImmutableArray<Applied> Layers { get; }

    /// <summary>The layers as a tree, each with the number of its parameters.</summary>
    public override string ToString() => ModelTree.Of(this);

    internal static Model Of(Layer layer, Shape shape, Mode mode)
    {
        var input = Functions.Variable("input", shape);
        var scope = new Scope(mode);
        scope.Start(input);
        return new Model(layer, input, scope.Apply(layer, input), scope);
    }

    /// <summary>First values for all parameters and carried values, each from the key folded with its name.</summary>
    public Weights Init(Key key) => new(Parameters.Select(p => (p.Name, p.Shape, p.Init))
        .Concat(Running.Select(r => (r.Name, r.Shape, r.Init)))
        .Select(value => KeyValuePair.Create(value.Name, value.Init.Of(key.FoldIn(value.Name), value.Shape))));

    /// <summary>The variables of parameters and carried values with their weights, for an executor.</summary>
    /// <exception cref="WeightsError">A weight is missing or has another shape.</exception>
    public IEnumerable<(Node Variable, Tensor Value)> Bind(Weights weights) => Parameters.Select(p => p.Variable)
        .Concat(Running.Select(r => r.Variable))
        .Select(variable => (variable, weights.For(variable.Op.Name, variable.Shape)));

    /// <summary>The result for an input in double precision, by the plain meaning of the ops; slow.</summary>
    /// <exception cref="WeightsError">A weight is missing or has another shape.</exception>
    public Tensor Run(Weights weights, Tensor input, Key key = default)
    {
        var values = Bind(weights).Append((Input, input)).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        if (Key is not null)
        {
            values[Key] = key.ToTensor();
        }

        return Reference.Run([Output], values)[0];
    }
}
