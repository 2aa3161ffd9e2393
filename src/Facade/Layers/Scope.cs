using System.Globalization;

namespace AutoDiffCnn;

/// <summary>Where layers are applied: it gives layers their names and parameters their paths, and collects what was
/// declared. Names count up within a scope: conv1, conv2, dense1.</summary>
/// <example><code>
/// var scope = new Scope(Mode.Train);
/// var y = Dense(10).Apply(scope, Variable("x", [64, 84]));
/// scope.Parameters.Select(p => $"{p.Name} {p.Shape}") // [dense1.weight [10, 84], dense1.bias [10]]
/// </code></example>
public sealed class Scope
{
    private readonly Book book;
    private readonly Counter counter = new();
    private readonly bool again;

    /// <summary>A scope without a name, the outermost.</summary>
    public Scope(Mode mode) : this(new Book(mode), "", again: false)
    {
    }

    private Scope(Book book, string path, bool again)
    {
        (this.book, Path, this.again) = (book, path, again);
    }

    /// <summary>The path, such as <c>block1.conv2</c>; empty for the outermost scope.</summary>
    public string Path { get; }

    /// <summary>For training or for use.</summary>
    public Mode Mode => book.Mode;

    /// <summary>The parameters declared so far, in this scope or any other of the same tree.</summary>
    public IReadOnlyList<Parameter> Parameters => book.Parameters;

    /// <summary>The running values declared so far, in this scope or any other of the same tree.</summary>
    public IReadOnlyList<Running> Running => book.Running;

    /// <summary>The layers applied so far, each after those inside it.</summary>
    internal IReadOnlyList<Applied> Layers => book.Layers;

    /// <summary>The key that randomness comes from, an index [2]; null if no layer has asked for it.</summary>
    internal Node? RootKey => book.RootKey;

    /// <summary>Declares a parameter and gives its variable.</summary>
    /// <param name="name">Its name within this scope: <c>weight</c>.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="init">How its first values are drawn.</param>
    /// <exception cref="ArgumentException">The scope has a parameter of that name.</exception>
    public Node Parameter(string name, Shape shape, Init init)
    {
        if (again && book.Parameters.Find(known => known.Name == Join(name)) is { } known)
        {
            return Fitting(known.Variable, shape);
        }

        var variable = Declare(name, shape);
        book.Parameters.Add(new Parameter(variable.Op.Name, variable, init));
        return variable;
    }

    /// <summary>Declares a value that is carried from step to step without a gradient,
    /// and gives its variable.</summary>
    /// <param name="name">Its name within this scope: <c>running_mean</c>.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="first">Its first value.</param>
    /// <param name="next">Its value after a training step, from its value before; not asked outside training.</param>
    /// <exception cref="ArgumentException">The scope has a parameter of that name.</exception>
    public Node Carry(string name, Shape shape, Init first, Func<Node, Node> next)
    {
        if (again && book.Running.FindIndex(known => known.Name == Join(name)) is >= 0 and var at)
        {
            var known = book.Running[at];
            book.Running[at] = Mode == Mode.Train ? known with { Next = next(known.Next) } : known;
            return Fitting(known.Variable, shape);
        }

        var variable = Declare(name, shape);
        book.Running.Add(new Running(variable.Op.Name, variable, first,
            Mode == Mode.Train ? next(variable) : variable));
        return variable;
    }

    /// <summary>A key of its own for each call, an index [2];
    /// what it is derived from changes with every training step.</summary>
    public Node Key()
    {
        book.RootKey ??= Functions.Variable("key", [2], Kind.Index);
        return Functions.FoldIn(book.RootKey, ++book.Keys);
    }

    /// <summary>Applies a layer that does not name itself under the next name of its kind,
    /// any other as it is.</summary>
    internal Node Apply(Layer layer, Node x) => layer.NamesItself ? layer.Apply(this, x) : Enter(layer, null, x);

    /// <summary>Applies a layer in a scope of its own. The nodes that it makes are marked with its path, and a shape
    /// error tells where it was.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="name">Its name; by default its kind and a number.</param>
    /// <param name="x">Its input.</param>
    internal Node Enter(Layer layer, string? name, Node x)
    {
        var inner = Inside(name ?? counter.Next(layer.Kind));
        return book.Names.Add(inner.Path) || again ? Run(inner, layer, x) : throw Twice(inner.Path);
    }

    /// <summary>Applies a layer under a name that is the whole path; a second time with the parameters of the
    /// first.</summary>
    internal Node Tie(string name, Layer layer, Node x)
    {
        var known = book.Tied.TryGetValue(name, out var first);
        if (known ? first != layer : !book.Names.Add(name))
        {
            throw Twice(name);
        }

        book.Tied[name] = layer;
        return Run(new Scope(book, name, again: known), layer, x);
    }

    private Node Run(Scope inner, Layer layer, Node x)
    {
        var (layers, running) = (book.Layers.Count, book.Running.Count);
        try
        {
            var y = layer.Compute(inner, x);
            foreach (var made in book.Running.Skip(running).Select(carried => carried.Next).Prepend(y))
            {
                Node.Mark(made, [x], new Origin(inner.Path));
            }

            book.Layers.Add(new Applied(inner.Path, layer, y, IsLeaf: book.Layers.Count == layers));
            return y;
        }
        catch (MisfitError error)
        {
            throw error.In($"{inner.Path}: {layer} on {x.Shape}", book.Trail(x));
        }
    }

    /// <summary>A scope inside this one, for a part of a layer.</summary>
    internal Scope Inside(string name) => new(book, Join(name), again);

    /// <summary>The path of a name in a scope.</summary>
    internal static string Join(string scope, string name) => scope.Length == 0 ? name : $"{scope}.{name}";

    internal void Start(Node input) => book.Input = input.Shape;

    private Node Declare(string name, Shape shape)
    {
        var path = Join(name);
        return book.Names.Add(path)
            ? Functions.Variable(path, shape)
            : throw new ArgumentException($"parameter {path} is declared twice.", nameof(name));
    }

    private string Join(string name) => Join(Path, name);

    private Node Fitting(Node shared, Shape shape) => shared.Shape == shape
        ? shared
        : throw new ShapeError(Path, $"the shared {shared.Op.Name} is {shared.Shape}, this input needs {shape}",
            ["an input like the first", "another name"]);

    private static ArgumentException Twice(string path) => new($"two layers are called {path}.", nameof(path));

    /// <summary>What all scopes of a tree write into.</summary>
    private sealed class Book(Mode mode)
    {
        private const int Shown = 8;

        public Mode Mode { get; } = mode;

        public Shape? Input { get; set; }

        public List<Parameter> Parameters { get; } = [];

        public List<Running> Running { get; } = [];

        public List<Applied> Layers { get; } = [];

        public HashSet<string> Names { get; } = [];

        /// <summary>The layers that share their parameters, by name.</summary>
        public Dictionary<string, Layer> Tied { get; } = [];

        public Node? RootKey { get; set; }

        public uint Keys { get; set; }

        /// <summary>The shapes on the way to a layer; in the middle of a long way the layers are left out.</summary>
        public string Trail(Node x)
        {
            var steps = Layers.Where(layer => layer.IsLeaf).Select(layer => $"{layer.Path} {layer.Y.Shape}")
                .Prepend($"input {Input ?? x.Shape}").ToList();
            var shown = steps.Count <= Shown ? steps : [.. steps[..2], "...", .. steps[^(Shown - 3)..]];
            return string.Join(" -> ", shown);
        }
    }
}

/// <summary>A parameter: what training changes.</summary>
/// <param name="Name">The path: <c>conv1.weight</c>.</param>
/// <param name="Variable">Its variable.</param>
/// <param name="Init">How its first values are drawn.</param>
/// <example><code>
/// Dense(10).Build([1, 84]).Parameters.Select(p => $"{p.Name} {p.Shape}") // [dense1.weight [10, 84], dense1.bias [10]]
/// </code></example>
public sealed record Parameter(string Name, Node Variable, Init Init)
{
    /// <summary>The shape.</summary>
    public Shape Shape => Variable.Shape;
}

/// <summary>A value carried from step to step without a gradient: a running mean.</summary>
/// <param name="Name">The path: <c>norm1.running_mean</c>.</param>
/// <param name="Variable">Its variable.</param>
/// <param name="Init">Its first value.</param>
/// <param name="Next">Its value after a training step; the variable itself outside training.</param>
/// <example><code>BatchNorm().Build([1, 6, 8, 8]).Running.Select(r => r.Name) // [norm1.running_mean, norm1.running_var]</code></example>
public sealed record Running(string Name, Node Variable, Init Init, Node Next)
{
    /// <summary>The shape.</summary>
    public Shape Shape => Variable.Shape;
}

/// <summary>Counts names up: conv1, conv2, dense1.</summary>
internal sealed class Counter
{
    private readonly Dictionary<string, int> counts = [];

    public string Next(string kind)
    {
        counts[kind] = counts.GetValueOrDefault(kind) + 1;
        return kind + counts[kind].ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>A layer that was applied.</summary>
internal sealed record Applied(string Path, Layer Layer, Node Y, bool IsLeaf);
