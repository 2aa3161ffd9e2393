using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>What an ONNX file says: outputs as nodes, over inputs and over variables whose values are in the file.</summary>
/// <param name="Inputs">The variables that whoever runs the file gives values to, by their names.</param>
/// <param name="Initializers">The variables whose values are in the file, such as a network's weights.</param>
/// <param name="Outputs">The results with their names.</param>
public sealed partial record OnnxGraph(
    ImmutableArray<Node> Inputs,
    ImmutableArray<(Node Variable, Tensor Value)> Initializers,
    ImmutableArray<(string Name, Node Node)> Outputs);
