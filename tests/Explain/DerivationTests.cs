using System.Runtime.CompilerServices;

namespace AutoDiffCnn.Tests.Explain;

/// <summary>Derivations of networks, from their graphs alone, are those of the textbooks.</summary>
public sealed class DerivationTests
{
    public static TheoryData<string, Notation> Networks => new()
    {
        { nameof(Explain.Networks.Dense), Notation.Differential },
        { nameof(Explain.Networks.Dense), Notation.Delta },
        { nameof(Explain.Networks.Convolution), Notation.Differential },
        { nameof(Explain.Networks.Convolution), Notation.Delta },
        { nameof(Explain.Networks.Strided), Notation.Differential },
        { nameof(Explain.Networks.Strided), Notation.Delta },
    };

    internal static Derivation Of(string network, Notation notation)
    {
        var (loss, parameters) = network switch
        {
            nameof(Explain.Networks.Dense) => Explain.Networks.Dense,
            nameof(Explain.Networks.Convolution) => Explain.Networks.Convolution,
            _ => Explain.Networks.Strided,
        };
        return Derivation.Of(loss, parameters, notation);
    }

    [Theory, MemberData(nameof(Networks))]
    public void D16_to_D28_a_network_s_derivation_is_the_golden_one(string network, Notation notation)
    {
        var derivation = Of(network, notation);
        Assert.True(derivation.IsChecked, derivation.ToString());
        AssertGolden($"{network}-{notation}.txt", $"{derivation}\n\n{derivation.ToText()}\n");
        AssertGolden($"{network}-{notation}.tex", derivation.ToLatex() + "\n");
    }

    [Theory]
    [InlineData(nameof(Explain.Networks.Dense), Notation.Differential, "D16", "dZ₂ = (softmax(Z₂) − Y) / 2")]
    [InlineData(nameof(Explain.Networks.Dense), Notation.Differential, "D18", "dZ₁ = dA₁ ⊙ (1 − A₁²)")]
    [InlineData(nameof(Explain.Networks.Dense), Notation.Delta, "D19 error", "δ₁ = (δ₂ · W₂) ⊙ (1 − A₁²)")]
    [InlineData(nameof(Explain.Networks.Dense), Notation.Delta, "D19 weight", "∇W₂ = δ₂ᵀ · A₁")]
    [InlineData(nameof(Explain.Networks.Dense), Notation.Delta, "D19 bias", "∇b₂ = Σ_n δ₂")]
    [InlineData(nameof(Explain.Networks.Strided), Notation.Differential, "D20, D21", "dA₁ = pad(dilate(dZ₂, 2), 1) ⋆ rot180(W₂)")]
    [InlineData(nameof(Explain.Networks.Strided), Notation.Delta, "D20, D21", "δ₁ = (pad(dilate(δ₂, 2), 1) ⋆ rot180(W₂)) ⊙ [A₁ > 0]")]
    [InlineData(nameof(Explain.Networks.Convolution), Notation.Differential, "D23, D25", "dW₁ = X ⋆ dZ₁")]
    [InlineData(nameof(Explain.Networks.Strided), Notation.Differential, "D23, a stride", "dW₂ = A₁ ⋆ dilate(dZ₂, 2)")]
    [InlineData(nameof(Explain.Networks.Convolution), Notation.Differential, "D24", "db₁ = Σ_n,i,j dZ₁")]
    [InlineData(nameof(Explain.Networks.Convolution), Notation.Differential, "D26", "dA₁ = upsample(dP₁, argmax(A₁))")]
    [InlineData(nameof(Explain.Networks.Strided), Notation.Differential, "D27", "dA₂ = upsample(dP₂ / 4)")]
    [InlineData(nameof(Explain.Networks.Convolution), Notation.Delta, "D28", "δ₁ = upsample(unflatten(δ₂ · W₂), argmax(A₁)) ⊙ [A₁ > 0]")]
    public void A_row_of_the_checklist_is_a_line(string network, Notation notation, string row, string line) =>
        Assert.True(Of(network, notation).Backward.Any(each => each.Formula.Unicode == line), row);

    [Fact]
    public void A_loss_that_does_not_depend_on_it_says_so()
    {
        var (x, w) = (Variable("x", [2]), Variable("w", [2]));
        var line = Assert.Single(Derivation.Of(Sum(x), w).Backward);
        Assert.Equal(("dw = 0", "the loss does not depend on it"), (line.Formula.Unicode, line.Rule));
    }

    [Fact]
    public void Several_uses_add_up()
    {
        var x = Variable("x", [3]);
        var line = Derivation.Of(Sum(Sin(x) + Exp(x)), x).Backward[^1];
        Assert.Equal("2 uses, whose errors add up: sin: times its derivative + exp: times its derivative", line.Rule);
        Assert.True(line.IsChecked);
    }

    [Theory]
    [InlineData(2, "dx = x − y")]
    [InlineData(0.5, "dx = 4 · (x − y)")]
    public void Numbers_in_front_are_multiplied(double divisor, string expected)
    {
        var (x, y) = (Variable("x", [3]), Variable("y", [3]));
        var line = Derivation.Of(Sum(Square(x - y)) / divisor, x).Backward[^1];
        Assert.Equal(expected, line.Formula.Unicode);
        Assert.True(line.IsChecked);
    }

    [Fact]
    public void A_wrong_rule_is_not_proved()
    {
        var x = Variable("x", [3]);
        var wrong = CustomVjp(v => v * v, (v, _, dy) => v * dy);
        var line = Derivation.Of(Sum(wrong(x)), x, values: new Dictionary<Node, Tensor> { [x] = Tensor.Of([1, 2, 3]) }).Backward[^1];
        Assert.Equal("differs from differences: element 0 is 1, differences say 2", line.Check);
    }

    [Fact]
    public void At_a_kink_the_subgradient_may_be_any_between_the_slopes()
    {
        var x = Variable("x", [2]);
        var line = Derivation.Of(Sum(Relu(x)), x, values: new Dictionary<Node, Tensor> { [x] = Tensor.Of([0, 1]) }).Backward[^1];
        Assert.Equal("agrees with differences, 1 at a kink, between its two slopes", line.Check);
    }

    [Fact]
    public void Where_the_loss_is_not_finite_nothing_is_proved()
    {
        var x = Variable("x", [2]);
        var line = Derivation.Of(Sum(Log(x)), x, values: new Dictionary<Node, Tensor> { [x] = Tensor.Of([-1, 1]) }).Backward[^1];
        Assert.Equal("cannot be compared: the loss is NaN at these values", line.Check);
    }

    [Fact]
    public void A_custom_op_prints_without_a_word_of_its_own()
    {
        var x = Variable("x", [3]);
        Assert.Contains("  A₁ = cube(x)", Derivation.Of(Sum(new Cube().Of(x)), x).ToString());
    }

    [Fact]
    public void Derivations_of_random_graphs_are_all_proved() => Law.ForAll(RandomGraph.All, graph =>
    {
        var reals = graph.Graph.Variables.Where(variable => variable.Kind == Kind.Real).ToArray();
        var loss = graph.Graph.Outputs.Where(output => output.Kind == Kind.Real).Select(Sum).Aggregate((Node)0, (sum, each) => sum + each);
        foreach (var w in reals.Where(w => IsDifferentiable(loss, w)).Take(3))
        {
            foreach (var notation in Enum.GetValues<Notation>())
            {
                var derivation = Derivation.Of(loss, w, notation, graph.Values);
                Assert.True(derivation.IsChecked, derivation.ToString());
                Assert.NotEmpty(derivation.ToLatex());
            }
        }
    }, times: 30);

    internal static bool IsDifferentiable(Node loss, Node w)
    {
        try
        {
            return Gradient.Of(loss, w) is not null;
        }
        catch (NotDifferentiableError)
        {
            return false;
        }
    }

    /// <summary>Compares with a golden file; AUTODIFFCNN_GOLDEN=write writes it instead, to be looked at.</summary>
    internal static void AssertGolden(string name, string text, [CallerFilePath] string here = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(here)!, "Golden", name);
        if (Environment.GetEnvironmentVariable("AUTODIFFCNN_GOLDEN") == "write")
        {
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text);
    }
}

/// <summary>An op of someone else's.</summary>
public sealed record Cube : Map1<Cube>, IFormula1
{
    static V IFormula1.Of<V>(V x) => x * x * x;

    /// <inheritdoc/>
    public override Node? Vjp(Node x, Node y, Node dy) => 3 * x * x * dy;
}
