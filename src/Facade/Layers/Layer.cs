using System.Globalization;
using System.Text;

namespace AutoDiffCnn;

/// <summary>A function from node to node that may own parameters. It holds none itself: when it is applied, the scope
/// gives them names. So a layer is a value that can be printed, compared and applied as often as one likes.</summary>
/// <example><code>
/// var net = Conv2D(6, 5, Same) >> Relu >> new Scale() >> Flatten >> Dense(10);
/// net.Build([64, 1, 28, 28]).Output.Shape // [64, 10]
///
/// public sealed record Scale : Layer
/// {
///     public override Node Apply(Scope scope, Node x) => x * scope.Parameter("scale", [], Init.Ones);
/// }
/// </code></example>
[TypeFormatterSource]
public abstract record Layer
{
    /// <summary>What a name in a scope is made of, together with a number: <c>conv</c> for <c>conv1</c>. The type's
    /// name by default.</summary>
    public virtual string Kind => TypeName is [var first, .. var rest] ? char.ToLowerInvariant(first) + rest : "layer";

    /// <summary>What stands before the parentheses in print; the type's name by default.</summary>
    public virtual string Name => TypeName;

    /// <summary>The result for an input. Layers that it is made of are applied by their own <c>Apply</c> with
    /// the same scope.</summary>
    /// <param name="scope">Gives parameters their names, and tells whether this is for training or for use.</param>
    /// <param name="x">The input, with the batch as its first axis.</param>
    /// <exception cref="ShapeError">The input's shape does not fit.</exception>
    public abstract Node Apply(Scope scope, Node x);

    /// <summary>Whether <see cref="Apply"/> gives the layer a name in the scope;
    /// for others the chain does it.</summary>
    internal virtual bool NamesItself => false;

    /// <summary>What is computed inside the layer's own scope.</summary>
    internal virtual Node Compute(Scope scope, Node x) => Apply(scope, x);

    /// <summary>This layer with others in the place of some that it is made of.</summary>
    /// <param name="edits">What takes their place.</param>
    /// <param name="path">Where this layer is applied.</param>
    internal virtual Layer Edited(Edits edits, string path) => this;

    /// <summary>A function as a layer; it prints as the method's name.</summary>
    public static Layer Of(Func<Node, Node> function) => new FunctionLayer(function);

    /// <summary>A function as a layer; it prints as the method's name.</summary>
    public static implicit operator Layer(Func<Node, Node> function) => Of(function);

    /// <summary>First the one, then the other.</summary>
    public static Layer operator >>(Layer first, Layer second) => first.Then(second);

    /// <summary>First the layer, then the function.</summary>
    public static Layer operator >>(Layer first, Func<Node, Node> second) => first.Then(second);

    /// <summary>First this, then the next: <c>>></c> for F#, where that means composition of functions only.</summary>
    public Layer Then(Layer next) => new Sequential([.. Sequential.PartsOf(this), .. Sequential.PartsOf(next)]);

    /// <summary>First this, then the function.</summary>
    public Layer Then(Func<Node, Node> next) => Then(Of(next));

    /// <summary>This network with another layer in the place of one. The others count their names anew, those under
    /// names of their own (<see cref="Layers.Named"/>) keep them; so does what takes the place of such a one.</summary>
    /// <param name="name">The layer's name as in a summary: <c>conv2</c>, <c>residual1.conv1</c>.</param>
    /// <param name="layer">What takes its place; a chain becomes part of the chain around.</param>
    /// <exception cref="ArgumentException">There is no such layer, or it is inside one of a user's own.</exception>
    public Layer Replace(string name, Layer layer)
    {
        var paths = Edits.Paths(this);
        return paths.Contains(name)
            ? new Edits((path, _) => path == name ? layer : null).Part("", this)
            : throw NoLayer(name, paths);
    }

    /// <summary>This network without a layer: its input goes on to the next. The others count their names
    /// anew.</summary>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public Layer Without(string name) => Replace(name, Layers.Identity);

    /// <summary>The first layers of a chain; all if there are fewer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public Layer Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new Sequential([.. Edits.Links(this).Take(count).Select(link => link.Layer)]);
    }

    /// <summary>A chain up to a layer, with it: what makes a network's features.</summary>
    /// <exception cref="ArgumentException">The chain itself has no such layer.</exception>
    public Layer Take(string last)
    {
        var names = Edits.Links(this).Select(link => link.Name).ToList();
        return names.Contains(last) ? Take(names.IndexOf(last) + 1) : throw NoLayer(last, names);
    }

    /// <summary>The graph of this layer on an input, with its parameters.</summary>
    /// <param name="input">The shape of the input, with the batch: [64, 1, 28, 28].</param>
    /// <param name="mode">For use or for training.</param>
    /// <exception cref="ShapeError">A layer does not fit; the message names it, the formula,
    /// repairs and the layers before it.</exception>
    public Model Build(Shape input, Mode mode = Mode.Eval) => Model.Of(this, input, mode);

    /// <summary>A table of the layers: output shapes, parameters and multiply-adds.</summary>
    /// <param name="input">The shape of one input, without the batch: [1, 28, 28].</param>
    /// <exception cref="ShapeError">A layer does not fit.</exception>
    public Summary Summary(Shape input) => AutoDiffCnn.Summary.Of(this, input);

    /// <summary>What this and another network cost on the same input, side by side.</summary>
    /// <param name="other">The other.</param>
    /// <param name="input">The shape of one input, without the batch.</param>
    /// <exception cref="ShapeError">A layer does not fit.</exception>
    public Comparison Compare(Layer other, Shape input) => new(this, other, input);

    /// <summary>The layer as it is written in C#: <c>Conv2D(6, 5, Same)</c>.</summary>
    public sealed override string ToString()
    {
        var text = new StringBuilder();
        return PrintMembers(text) ? $"{Name}({text.Replace(" = ", ": ")})" : Name;
    }

    /// <summary>Overridden by the compiler in each record with its own parameters; there are none here.</summary>
    protected virtual bool PrintMembers(StringBuilder builder) => false;

    /// <summary>A number with all its digits, as C# reads it.</summary>
    internal static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Writes arguments, leaving out those that are empty.</summary>
    internal static bool PrintArguments(StringBuilder builder, params ReadOnlySpan<string> arguments)
    {
        builder.AppendJoin(", ", arguments.ToArray().Where(argument => argument.Length > 0));
        return true;
    }

    private static ArgumentException NoLayer(string name, IEnumerable<string> names) =>
        new($"there is no layer {name}; there are {string.Join(", ", names)}.", nameof(name));

    private string TypeName => GetType().Name switch
    {
        [_, .. var stem, 'L', 'a', 'y', 'e', 'r'] => GetType().Name[..(stem.Length + 1)],
        var name => name,
    };
}

/// <summary>A layer that has a name of its own wherever it is applied; what the library's layers are.</summary>
/// <example><code>
/// var scope = new Scope(Mode.Eval);
/// var y = Dense(10).Apply(scope, Variable("x", [1, 84]));
/// scope.Parameters[0].Name // dense1.weight
/// </code></example>
public abstract record ScopedLayer : Layer
{
    internal sealed override bool NamesItself => true;

    /// <inheritdoc/>
    public sealed override Node Apply(Scope scope, Node x) => scope.Enter(this, null, x);

    internal sealed override Node Compute(Scope scope, Node x) => Forward(scope, x);

    /// <summary>The result for an input, in the layer's own scope.</summary>
    /// <exception cref="ShapeError">The input's shape does not fit.</exception>
    protected abstract Node Forward(Scope scope, Node x);
}

/// <summary>Whether a layer is applied for training or for use.</summary>
/// <example><code>
/// Dropout(0.5).Build([64, 128], Mode.Train).Key is null // False
/// Dropout(0.5).Build([64, 128], Mode.Eval).Key is null // True
/// </code></example>
public enum Mode
{
    /// <summary>For use: dropout keeps everything, batch norm takes the running mean and variance.</summary>
    Eval,

    /// <summary>For training: dropout drops, batch norm takes the batch's own mean and variance.</summary>
    Train,
}
