using System.Collections.Immutable;

namespace AutoDiffCnn;

public sealed partial record OnnxGraph
{
    /// <summary>The values of the outputs, compiled for this run; for many runs compile the outputs once and give a
    /// session what <see cref="Bind"/> says.</summary>
    /// <param name="inputs">A value for each input, in their order.</param>
    /// <exception cref="BindingError">There is not one value for each input, or one does not fit.</exception>
    public ImmutableArray<Tensor> Run(params ReadOnlySpan<Tensor> inputs) => Cpu.Run([.. Outputs.Select(output => output.Node)], Bind(inputs));

    /// <summary>Values for all variables, as executors take them: of the outputs, or of what else is made of them, such
    /// as gradients.</summary>
    /// <param name="inputs">A value for each input, in their order.</param>
    /// <exception cref="BindingError">There is not one value for each input.</exception>
    public IReadOnlyDictionary<Node, Tensor> Bind(params ReadOnlySpan<Tensor> inputs) => inputs.Length == Inputs.Length
        ? Initializers.Concat(Inputs.Zip(inputs.ToArray())).ToDictionary(pair => pair.Item1, pair => pair.Item2)
        : throw new BindingError($"the graph has the inputs {string.Join(", ", Inputs)}; {inputs.Length} values came.");
}
