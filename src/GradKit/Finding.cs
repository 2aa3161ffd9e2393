using System.Text;

namespace AutoDiffCnn;

/// <summary>A case in which a property does not hold: as small as it could be made, with the op to blame.</summary>
/// <param name="Property">The property.</param>
/// <param name="Seed">The seed of the case in which it was found.</param>
/// <param name="Case">The smallest case found.</param>
/// <param name="Op">The op to blame; null if no op does it alone.</param>
/// <param name="Mistake">The mistake's name, if it is a classic one.</param>
/// <param name="What">What was computed and what was expected.</param>
/// <example><code>
/// var twice = CustomVjp(x => x * x, (x, _, dy) => x * dy);
/// var finding = GradKit.Attack(x => Sin(twice(x))).Finding!;
/// finding.Op?.Name // CustomVjp
/// finding.Mistake // the gradient is 0.5 times what it should be
/// </code></example>
public sealed record Finding(Property Property, long Seed, Case Case, Op? Op, string? Mistake, string What)
{
    /// <summary>C# statements that show it again, in a test or anywhere.</summary>
    public string CSharp => CSharpText.Of(Case);

    /// <summary>Shrinks a case, blames an op and names the mistake.</summary>
    internal static Finding Of(Property property, Case at, Key key, long seed, Verdict verdict)
    {
        var (found, small, op, wide) = Shrink.Smallest(property, at, key);
        var last = found.Check(small, key);
        var mistake = Mistakes.Of(found, wide, op, key, last) ?? Mistakes.Of(found, small, op, key, last);
        return new(found, seed, small, op, mistake, last.IsFalse ? last.Text : verdict.Text);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder($"{Property.Name}: {What}\n");
        text.Append(Op is null ? "no op does it alone\n" : $"op {Op.Name}{(Mistake is null ? "" : $": {Mistake}")}\n");
        text.Append($"{Case}\n");
        text.Append($"again: new Budget(Cases: 1, Seed: {Seed})");
        return (HasFunctions ? text : text.Append($", or\n\n{CSharp}")).ToString();
    }

    /// <summary>Whether an op is made of functions, which no C# can be written for.</summary>
    private bool HasFunctions => Case.Graph.Nodes.Any(node => Parameters.Of(node.Op).Any(parameter => parameter.Value is Delegate));
}
