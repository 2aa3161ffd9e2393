using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What an ONNX file says: outputs as nodes, over inputs and over variables whose values are in the file.</summary>
/// <param name="Inputs">The variables that whoever runs the file gives values to, by their names.</param>
/// <param name="Initializers">The variables whose values are in the file, such as a network's weights.</param>
/// <param name="Outputs">The results with their names.</param>
/// <example><code>
/// var model = lenet.Build([8, 1, 28, 28], Mode.Train);
/// var loss = SoftmaxCrossEntropy(model.Output, Variable("labels", [8], Kind.Index));
/// OnnxGraph.Of(("loss", loss)).Inputs.Length // 12
/// OnnxGraph.Of(model, model.Init(Key.Of(42))).Inputs // [input : [8, 1, 28, 28]]
/// OnnxGraph.Of(TrainingStep.Of(model, loss, Sgd(0.1))).Outputs[1].Name // conv1.weight.next
/// </code></example>
public sealed partial record OnnxGraph(
    ImmutableArray<Node> Inputs,
    ImmutableArray<(Node Variable, Tensor Value)> Initializers,
    ImmutableArray<(string Name, Node Node)> Outputs);
