using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AutoDiffCnn.Tests.Explain;

/// <summary>Graphs as C#: compiled, run, and compared with Reference bit by bit.</summary>
public sealed class CSharpTests
{
    private static readonly MetadataReference[] References = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll").Select(path => MetadataReference.CreateFromFile(path))];

    [Fact]
    public void It_reads_like_this()
    {
        var (x, w) = (Variable("x", [1, 1, 3, 3]), Variable("w", [1, 1, 2, 2]));
        var derivation = Derivation.Of(Sum(Relu(Conv2D(x, w))), w);
        DerivationTests.AssertGolden("Small.cs.txt", derivation.ToCSharp());
    }

    [Theory]
    [InlineData(nameof(Networks.Dense))]
    [InlineData(nameof(Networks.Convolution))]
    [InlineData(nameof(Networks.Strided))]
    public void A_derivation_gives_reference_s_bits(string network)
    {
        var derivation = DerivationTests.Of(network, Notation.Differential);
        var graph = new Graph(derivation.Outputs);
        var values = Values(graph);
        var code = derivation.ToCSharp();
        Assert.All(derivation.Backward, line => Assert.Contains($"// {line.Formula.Text}", code));
        AssertSame(Reference.Run(graph.Outputs, values), Run(code, "LossAndGradients", graph, values));
        DerivationTests.AssertGolden($"{network}.cs.txt", code);
    }

    [Fact]
    public void Random_graphs_give_reference_s_bits() => Law.ForAll(RandomGraph.All, graph => AssertSame(graph.Graph, graph.Values), times: 60);

    [Fact]
    public void Gradients_of_random_graphs_give_reference_s_bits() => Law.ForAll(RandomGraph.All, graph =>
    {
        var loss = graph.Graph.Outputs.Where(output => output.Kind == Kind.Real).Select(Sum).Aggregate((Node)0, (sum, each) => sum + each);
        Node[] ws = [.. graph.Graph.Variables.Where(w => w.Kind == Kind.Real && DerivationTests.IsDifferentiable(loss, w)).Take(8)];
        AssertSame(new Graph([loss, .. Gradient.Of(loss, ws)]), graph.Values);
    }, times: 40);

    [Fact]
    public void Names_that_C_sharp_cannot_use_are_changed()
    {
        var (a, b, c) = (Variable("for", [2]), Variable("conv1.weight", [2]), Variable("i0", [2]));
        AssertSame(new Graph(a * b + c, a), new Dictionary<Node, Tensor> { [a] = Tensor.Of([1, -0.0]), [b] = Tensor.Of([3, 4]), [c] = Tensor.Of([5, double.NaN]) });
    }

    [Fact]
    public void What_has_no_C_sharp_becomes_a_parameter()
    {
        var key = Variable("key", [2], Kind.Index);
        Assert.StartsWith("public static double[,] Draw(long[] key, Func<long[], double[,]> randomuniform)", new Graph(new RandomUniform([2, 3]).Of(key)).ToCSharp("Draw"));
    }

    private static Dictionary<Node, Tensor> Values(Graph graph) => graph.Variables.ToDictionary(variable => variable, variable =>
        variable.Kind == Kind.Index ? Tensor.From(variable.Shape, i => i % 3) : Key.Of(3).FoldIn(variable.Op.Name).Normal(variable.Shape));

    private static void AssertSame(Graph graph, IReadOnlyDictionary<Node, Tensor> values) =>
        AssertSame(Reference.Run(graph.Outputs, values), Run(graph.ToCSharp(), "Run", graph, values));

    private static void AssertSame(IReadOnlyList<Tensor> expected, IReadOnlyList<object> given)
    {
        Assert.Equal(expected.Count, given.Count);
        foreach (var (tensor, value) in expected.Zip(given))
        {
            var numbers = value is Array array ? array.Cast<object>().Select(Convert.ToDouble) : [Convert.ToDouble(value)];
            Assert.Equal(tensor, Tensor.Of(tensor.Shape, numbers.ToArray()));
        }
    }

    /// <summary>Compiles the method and calls it.</summary>
    private static List<object> Run(string code, string name, Graph graph, IReadOnlyDictionary<Node, Tensor> values)
    {
        var source = $"using System;\npublic static class Emitted\n{{\n{code}\n}}\n";
        var compilation = CSharpCompilation.Create("Emitted", [CSharpSyntaxTree.ParseText(source)], References,
            new(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        Assert.True(result.Success, $"{string.Join("\n", result.Diagnostics)}\n\n{source}");
        stream.Position = 0;
        var context = new AssemblyLoadContext("Emitted", isCollectible: true);
        var method = context.LoadFromStream(stream).GetType("Emitted")!.GetMethod(name)!;
        var arguments = graph.Variables.Select(variable => Box(values[variable], variable.Kind)).ToList();
        var random = new Queue<Node>(graph.Nodes.Where(node => node.Op is RandomUniform or RandomNormal or RandomPermutation or FoldIn));
        foreach (var parameter in method.GetParameters().Skip(arguments.Count))
        {
            arguments.Add(Meaning(random.Dequeue(), parameter.ParameterType));
        }

        var returned = method.Invoke(null, [.. arguments])!;
        return returned is ITuple tuple ? [.. Enumerable.Range(0, tuple.Length).Select(i => tuple[i]!)] : [returned];
    }

    private static object Box(Tensor value, Kind kind)
    {
        if (value.Shape.Rank == 0)
        {
            return kind == Kind.Real ? (object)value.Scalar : (long)value.Scalar;
        }

        var array = Array.CreateInstance(kind == Kind.Real ? typeof(double) : typeof(long), [.. value.Shape]);
        var flat = kind == Kind.Real ? (Array)value.ToDoubles() : value.ToDoubles().Select(number => (long)number).ToArray();
        Buffer.BlockCopy(flat, 0, array, 0, value.Count * sizeof(double));
        return array;
    }

    /// <summary>An op's meaning as a function of arrays.</summary>
    private static Delegate Meaning(Node node, Type type)
    {
        var key = (Op1)node.Op;
        object Of(long[] argument) => Box(key.Reference(Tensor.From([argument.Length], i => argument[i])), node.Kind);
        return typeof(CSharpTests).GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type.GetGenericArguments()[^1]).Invoke(null, [(Func<long[], object>)Of]) as Delegate ?? throw new InvalidOperationException();
    }

    private static Func<long[], T> Typed<T>(Func<long[], object> function) => argument => (T)function(argument);
}
