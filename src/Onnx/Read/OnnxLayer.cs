using System.Text;

namespace AutoDiffCnn;

/// <summary>The network of a file as a layer. Its nodes are made anew for each input.</summary>
/// <param name="File">The file, with one input and one output.</param>
internal sealed record OnnxLayer(OnnxFile File) : Layer
{
    /// <inheritdoc/>
    public override string Kind => "onnx";

    /// <inheritdoc/>
    public override string Name => "Onnx.ReadLayer";

    /// <inheritdoc/>
    public override Node Apply(Scope scope, Node x)
    {
        var dimensions = new Dimensions(File.Name, [(File.Inputs[0].Name, x.Shape)]);
        return new Importer(File, new Leaves(scope, x, Statistics())).Import(dimensions)[0].Node;
    }

    /// <summary>The means and variances of batch normalisations, which no gradient changes.</summary>
    private HashSet<string> Statistics() => [.. File.Graph.Node
        .Where(node => node.OpType == "BatchNormalization").SelectMany(node => node.Input.Skip(3))];

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => PrintArguments(builder, $"\"{File.Name}\"");

    /// <summary>The layer's input, and parameters of its scope.</summary>
    private sealed class Leaves(Scope scope, Node x, HashSet<string> statistics) : ILeaves
    {
        private readonly VariableNames names = new();

        public Node Input(string name, Shape shape) => x;

        public Node Initializer(string name, Tensor value)
        {
            var (plain, init) = (names.Of(name), new FromFile(value));
            return statistics.Contains(name)
                ? scope.Carry(plain, value.Shape, init, carried => carried)
                : scope.Parameter(plain, value.Shape, init);
        }
    }

    /// <summary>The values that are in the file, whatever the key.</summary>
    private sealed record FromFile(Tensor Value) : Init
    {
        public override Tensor Of(Key key, Shape shape) => Value;
    }
}
