using System.Collections.Frozen;
using System.Text;

namespace AutoDiffCnn.Site;

/// <summary>What LaTeX's names of single signs mean.</summary>
internal static class Symbols
{
    /// <summary>Signs that are written like letters, slanted.</summary>
    public static readonly FrozenDictionary<string, string> Letters = Table(
        "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ "
        + "varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω ell ℓ imath ı jmath ȷ");

    /// <summary>Signs that are written upright.</summary>
    public static readonly FrozenDictionary<string, string> Upright = Table(
        "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω partial ∂ nabla ∇ infty ∞ emptyset ∅ varnothing ∅ top ⊤ "
        + "bot ⊥ Re ℜ Im ℑ hbar ℏ dots … ldots … cdots ⋯ vdots ⋮ ddots ⋱ dotsc … dotsb ⋯ prime ′ angle ∠ triangle △ checkmark ✓ % % # # & & _ _ $ $");

    /// <summary>Signs between what they join.</summary>
    public static readonly FrozenDictionary<string, string> Operators = Table(
        "cdot ⋅ times × div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ odot ⊙ oplus ⊕ otimes ⊗ ominus ⊖ cup ∪ cap ∩ setminus ∖ wedge ∧ vee ∨ land ∧ lor ∨ "
        + "lnot ¬ neg ¬ le ≤ leq ≤ ge ≥ geq ≥ lt < gt > ne ≠ neq ≠ ll ≪ gg ≫ equiv ≡ approx ≈ sim ∼ simeq ≃ cong ≅ propto ∝ in ∈ notin ∉ ni ∋ subset ⊂ "
        + "subseteq ⊆ supset ⊃ supseteq ⊇ mid ∣ parallel ∥ perp ⊥ to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ "
        + "Leftrightarrow ⇔ iff ⟺ implies ⟹ mapsto ↦ longrightarrow ⟶ longmapsto ⟼ hookrightarrow ↪ uparrow ↑ downarrow ↓ nearrow ↗ searrow ↘ "
        + "forall ∀ exists ∃ colon : coloneqq ≔ triangleq ≜ doteq ≐ prec ≺ succ ≻ vdash ⊢ models ⊨ lhd ⊲ rhd ⊳ ltimes ⋉ rtimes ⋊ circledast ⊛");

    /// <summary>Signs over a range, which take limits.</summary>
    public static readonly FrozenDictionary<string, string> Large = Table(
        "sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ bigvee ⋁ bigwedge ⋀");

    /// <summary>Integrals, whose limits stand beside them.</summary>
    public static readonly FrozenDictionary<string, string> Integrals = Table("int ∫ iint ∬ iiint ∭ oint ∮");

    /// <summary>Signs around something.</summary>
    public static readonly FrozenDictionary<string, string> Fences = Table(
        "( ( ) ) [ [ ] ] { { } } | | / / lbrace { rbrace } lbrack [ rbrack ] langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lvert | rvert | vert | "
        + "lVert ‖ rVert ‖ Vert ‖");

    /// <summary>Signs over something.</summary>
    public static readonly FrozenDictionary<string, string> Accents = Table(
        "hat ^ widehat ^ bar ¯ overline ‾ tilde ~ widetilde ~ vec → dot ˙ ddot ¨ check ˇ breve ˘ overbrace ⏞ overrightarrow →");

    /// <summary>Signs under something.</summary>
    public static readonly FrozenDictionary<string, string> Underneath = Table("underline _ underbrace ⏟");

    /// <summary>Spaces and their widths.</summary>
    public static readonly FrozenDictionary<string, string> Spaces = Table(
        ", 0.1667em : 0.2222em > 0.2222em ; 0.2778em ! -0.1667em quad 1em qquad 2em enspace 0.5em thinspace 0.1667em enskip 0.5em");

    /// <summary>Functions that are written as their names.</summary>
    public static readonly FrozenSet<string> Functions = FrozenSet.Create("arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc",
        "deg", "dim", "exp", "ker", "lg", "ln", "log", "sec", "sin", "sinh", "tan", "tanh");

    /// <summary>Functions that take limits.</summary>
    public static readonly FrozenSet<string> Limits = FrozenSet.Create("lim", "max", "min", "sup", "inf", "argmax", "argmin", "det", "gcd", "Pr");

    /// <summary>Letters and digits in another alphabet, which Unicode has as signs of their own.</summary>
    /// <param name="text">The letters; what the alphabet lacks stays as it is.</param>
    /// <param name="upper">Its A.</param>
    /// <param name="lower">Its a.</param>
    /// <param name="digit">Its 0; 0 if it has no digits.</param>
    public static string In(string text, int upper, int lower, int digit) => string.Concat(text.EnumerateRunes().Select(rune => rune.Value switch
    {
        >= 'A' and <= 'Z' => Known(upper + rune.Value - 'A'),
        >= 'a' and <= 'z' => Known(lower + rune.Value - 'a'),
        >= '0' and <= '9' when digit > 0 => Known(digit + rune.Value - '0'),
        _ => rune.ToString(),
    }));

    /// <summary>A few letters were in Unicode before their alphabets, which leave their places empty.</summary>
    private static string Known(int place) => place switch
    {
        0x1D49D => "ℬ",
        0x1D4A0 => "ℰ",
        0x1D4A1 => "ℱ",
        0x1D4A3 => "ℋ",
        0x1D4A4 => "ℐ",
        0x1D4A7 => "ℒ",
        0x1D4A8 => "ℳ",
        0x1D4AD => "ℛ",
        0x1D4BA => "ℯ",
        0x1D4BC => "ℊ",
        0x1D4C4 => "ℴ",
        0x1D53A => "ℂ",
        0x1D53F => "ℍ",
        0x1D545 => "ℕ",
        0x1D547 => "ℙ",
        0x1D548 => "ℚ",
        0x1D549 => "ℝ",
        0x1D551 => "ℤ",
        _ => new Rune(place).ToString(),
    };

    private static FrozenDictionary<string, string> Table(string pairs) =>
        pairs.Split(' ').Chunk(2).ToFrozenDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}
