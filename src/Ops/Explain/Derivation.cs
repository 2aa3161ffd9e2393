using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A line of a derivation.</summary>
/// <param name="Node">What is computed.</param>
/// <param name="Left">Its name.</param>
/// <param name="Right">Its formula.</param>
/// <param name="Rule">For a derivative the rules of which it is made; for a forward line the op.</param>
/// <param name="Check">For a derivative what its numerical check said; empty otherwise.</param>
/// <example><code>
/// var (x, w) = (Variable("x", [2, 3]), Variable("w", [4, 3]));
/// var line = Derivation.Of(Sum(Sigmoid(Dense(x, w))), w).Backward[^1];
/// line.Formula.Unicode // dw = dZ₁ᵀ · x
/// line.Check // agrees with differences
/// </code></example>
public sealed record DerivationLine(Node Node, MathText Left, MathText Right, string Rule, string Check)
{
    /// <summary>The equation.</summary>
    public MathText Formula => MathText.Infix(Left, "=", "=", "=", Right, Binding.Sum);

    /// <summary>Whether the check was passed, or there was nothing to check.</summary>
    public bool IsChecked => Check.Length == 0 || Check.StartsWith(Differences.Checked, StringComparison.Ordinal);
}

/// <summary>The chain rule step by step: how a loss is computed, and then from the end the derivative with respect to
/// each value on the way, as a textbook writes it. Made from the graph alone.</summary>
/// <remarks>Each derivative is compared with differences of the loss at given or random values, and those that were asked
/// for with <see cref="Gradient.Of(Node, Node)"/>. Composites that a derivation knows by name (softmax, cross-entropy)
/// are one line with their textbook derivative, which is checked like any other.</remarks>
/// <example><code>
/// var (x, w) = (Variable("x", [1, 1, 4, 4]), Variable("w", [1, 1, 3, 3]));
/// var derivation = Derivation.Of(Sum(Relu(Conv2D(x, w))), w);
/// derivation.Forward.Select(line => line.Formula) // [Z₁ = x ⋆ w, A₁ = relu(Z₁), L = Σ A₁]
/// derivation.Backward.Select(line => line.Formula) // [dA₁ = 1, dZ₁ = dA₁ ⊙ [A₁ > 0], dw = x ⋆ dZ₁]
/// derivation.IsChecked // True
/// </code></example>
[TypeFormatterSource("AutoDiffCnn.DerivationFormatters, AutoDiffCnn", PreferredMimeTypes = ["text/latex"])]
public sealed partial class Derivation
{
    private Derivation(Notation notation, ImmutableArray<DerivationLine> forward, ImmutableArray<DerivationLine> backward,
        IReadOnlyDictionary<MathText, string> legend, ImmutableArray<Node> outputs)
    {
        (Notation, Forward, Backward, Legend, Outputs) = (notation, forward, backward, legend, outputs);
    }

    /// <summary>How derivatives are written.</summary>
    public Notation Notation { get; }

    /// <summary>How the loss is computed.</summary>
    public ImmutableArray<DerivationLine> Forward { get; }

    /// <summary>The derivatives, from the loss back.</summary>
    public ImmutableArray<DerivationLine> Backward { get; }

    /// <summary>Which parameter a short name stands for.</summary>
    public IReadOnlyDictionary<MathText, string> Legend { get; }

    /// <summary>The loss and the derivatives that were asked for, as the lines compute them.</summary>
    public ImmutableArray<Node> Outputs { get; }

    /// <summary>Whether each derivative passed its check.</summary>
    public bool IsChecked => Backward.All(line => line.IsChecked);

    /// <summary>The derivation of ∂loss/∂w.</summary>
    /// <inheritdoc cref="Of(Node, IReadOnlyList{Node}, Notation, IReadOnlyDictionary{Node, Tensor})"/>
    public static Derivation Of(Node loss, Node w, Notation notation = Notation.Differential,
        IReadOnlyDictionary<Node, Tensor>? values = null) => Of(loss, [w], notation, values);

    /// <summary>The derivation of ∂loss/∂w for each w, in one pass.</summary>
    /// <param name="loss">A real node with one element.</param>
    /// <param name="ws">With respect to what.</param>
    /// <param name="notation">How derivatives are written.</param>
    /// <param name="values">Where the derivatives are checked: a value for each variable; random ones by default.</param>
    /// <exception cref="ShapeError">The loss has more than one element.</exception>
    /// <exception cref="NotDifferentiableError">A w reaches the loss through an op without a derivative.</exception>
    /// <exception cref="BindingError">Values are given, but not for all variables.</exception>
    public static Derivation Of(Node loss, IReadOnlyList<Node> ws, Notation notation = Notation.Differential,
        IReadOnlyDictionary<Node, Tensor>? values = null)
    {
        var named = Rewrite.Apply(new Graph([loss, .. ws]), Idioms.Find).Outputs;
        var (l, wanted) = (named[0], named[1..]);
        var active = Active(l, wanted);
        var names = new Naming(l, active.Contains, wanted);
        ImmutableArray<Node> steps = [.. new Graph(named).Nodes.Where(node => active.Contains(node)
            && (wanted.Contains(node) || node != l && IsStep(node, names, notation))).Reverse()];
        var cotangents = Gradient.Of(l, steps);
        var checks = Checks(new Differences(l, values ?? Samples.For([l, .. ws])), steps, cotangents, loss, ws, wanted);
        var lines = new Lines(names, steps.ToHashSet(), notation, checks);

        // From here on only what is written matters: 1 · x is x.
        var forward = new Graph(named).Nodes.Where(names.Symbols.ContainsKey);
        var tidy = Rewrite.Apply(new Graph([.. forward, .. cotangents]), [.. Equations.Rules, Rules.Shapes]).Outputs;
        lines.Write([.. forward.Zip(tidy)], [.. steps.Zip(tidy.Skip(forward.Length))]);
        return new(notation, [.. lines.Forward], [.. lines.Backward], names.Legend,
            [tidy[forward.IndexOf(l)], .. wanted.Select(w => tidy[forward.Length + steps.IndexOf(w)])]);
    }

    /// <summary>Whether a value's derivative has a line of its own.</summary>
    private static bool IsStep(Node node, Naming names, Notation notation) =>
        node.Op is not Variable && names.Symbols.TryGetValue(node, out var symbol)
        && (notation == Notation.Differential || symbol.Text.StartsWith('Z') || names.Uses(node) > 1);

    private static HashSet<Node> Active(Node loss, ImmutableArray<Node> wanted)
    {
        var active = wanted.ToHashSet();
        foreach (var node in new Graph(loss).Nodes)
        {
            if (node.Inputs.Any(active.Contains))
            {
                active.Add(node);
            }
        }

        return active;
    }

    /// <summary>For each step what differences say; for what was asked also whether the gradient is the same.</summary>
    private static Dictionary<Node, string> Checks(Differences differences, ImmutableArray<Node> steps, ImmutableArray<Node> cotangents,
        Node loss, IReadOnlyList<Node> ws, ImmutableArray<Node> wanted)
    {
        var checks = new Dictionary<Node, string>();
        foreach (var (step, dx) in steps.Zip(differences.Values(cotangents)))
        {
            checks[step] = differences.Check(step, dx);
        }

        var shown = steps.Zip(differences.Values(cotangents)).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var (w, dw) in wanted.Zip(differences.Values(Gradient.Of(loss, ws))))
        {
            if (!Enumerable.Range(0, dw.Count).All(i => Math.Abs(dw.At(i) - shown[w].At(i)) <= 1e-9 * (1 + Math.Abs(dw.At(i)))))
            {
                checks[w] = $"differs from Gradient.Of, which gives {dw}";
            }
        }

        return checks;
    }
}
