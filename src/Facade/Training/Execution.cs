namespace AutoDiffCnn;

/// <summary>A compiled graph with its state. Variables are written, outputs and state read, in place.</summary>
internal interface IRun : IDisposable
{
    Span<float> Reals(Node node);

    Span<int> Indices(Node node);

    void Set(Node node, Tensor value);

    Tensor Get(Node node);

    void Run();
}

/// <summary>How a graph is made to run.</summary>
internal delegate IRun Compiler(IReadOnlyList<Node> outputs, IReadOnlyList<(Node Variable, Node Next)> state, int threads);

/// <summary>The executors.</summary>
internal static class Compilers
{
    /// <summary>Compiled for this machine's processor.</summary>
    public static Compiler Cpu { get; } = (outputs, state, threads) => new CpuRun(AutoDiffCnn.Cpu.Compile(outputs, state).Start(threads));

    /// <summary>The plain meaning of the ops, its results rounded to single precision.</summary>
    public static Compiler Reference { get; } = (outputs, state, _) => new ReferenceRun(outputs, state);

    private sealed class CpuRun(Session session) : IRun
    {
        public Span<float> Reals(Node node) => session.Reals(node);

        public Span<int> Indices(Node node) => session.Indices(node);

        public void Set(Node node, Tensor value) => session.Set(node, value);

        public Tensor Get(Node node) => session.Get(node);

        public void Run() => session.Run();

        public void Dispose() => session.Dispose();
    }

    private sealed class ReferenceRun : IRun
    {
        private readonly IReadOnlyList<Node> outputs;
        private readonly IReadOnlyList<(Node Variable, Node Next)> state;
        private readonly Dictionary<Node, float[]> reals = [];
        private readonly Dictionary<Node, int[]> indices = [];
        private readonly Graph graph;

        public ReferenceRun(IReadOnlyList<Node> outputs, IReadOnlyList<(Node Variable, Node Next)> state)
        {
            (this.outputs, this.state) = (outputs, state);
            graph = new Graph([.. outputs, .. state.Select(pair => pair.Next)]);
            foreach (var node in graph.Variables.Concat(outputs).Concat(state.Select(pair => pair.Variable)))
            {
                if (node.Kind == Kind.Real)
                {
                    reals[node] = new float[node.Shape.Elements];
                }
                else
                {
                    indices[node] = new int[node.Shape.Elements];
                }
            }
        }

        public Span<float> Reals(Node node) => reals[node];

        public Span<int> Indices(Node node) => indices[node];

        public void Set(Node node, Tensor value) => Store(node, AutoDiffCnn.Reference.CheckBinding(node, value));

        public Tensor Get(Node node) => node.Kind == Kind.Real
            ? Tensor.Of(node.Shape, reals[node])
            : Tensor.From(node.Shape, i => (uint)indices[node][i]);

        public void Run()
        {
            var values = graph.Variables.ToDictionary(variable => variable, Get);
            var results = AutoDiffCnn.Reference.Run(graph.Outputs, values);
            for (var i = 0; i < results.Length; i++)
            {
                Store(i < outputs.Count ? outputs[i] : state[i - outputs.Count].Variable, results[i]);
            }
        }

        public void Dispose()
        {
        }

        private void Store(Node node, Tensor value)
        {
            for (var i = 0; i < value.Count; i++)
            {
                if (node.Kind == Kind.Real)
                {
                    reals[node][i] = (float)value.At(i);
                }
                else
                {
                    indices[node][i] = (int)(uint)value.At(i);
                }
            }
        }
    }
}
