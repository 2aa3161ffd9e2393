using System.Text;

namespace AutoDiffCnn;

/// <summary>y = f(arguments), with a derivative that is given and not derived.</summary>
/// <param name="Body">f; what it captures comes behind the arguments and has no derivative.</param>
/// <param name="Rule">From the arguments, y and dy to the cotangents of the arguments.</param>
internal sealed record CustomVjp(Body Body, Func<IReadOnlyList<Node>, Node, Node, Node?[]> Rule) : BodyOp(Body)
{
    /// <inheritdoc/>
    public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy)
    {
        var parts = Rule(inputs, y, dy);
        return [.. parts, .. inputs.Skip(parts.Length).Select(input => input.Kind == Kind.Index
            ? null
            : NotDifferentiable("its rule is for its arguments, and this is captured from outside; make it an argument"))];
    }

    /// <summary>The op on arguments, after its rule was tried on variables.</summary>
    /// <exception cref="GraphError">The rule gives an argument a cotangent of another shape.</exception>
    public static Node Of(Node[] arguments, Func<Node[], Node> f, Func<IReadOnlyList<Node>, Node, Node, Node?[]> rule)
    {
        Node[] parameters = [.. arguments.Select(Body.Parameter)];
        var result = f(parameters);
        var parts = rule(parameters, Body.Parameter(result), Functions.Variable("dy", result.Shape));
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] is { } part && (part.Shape != arguments[i].Shape || part.Kind != Kind.Real))
            {
                throw new GraphError($"the rule of CustomVjp gave {part.Op.Name} {part.Shape} for input {i}, "
                    + $"which has {arguments[i].Shape}.");
            }
        }

        var (body, captured) = new Body([.. parameters], result).Closed();
        return new CustomVjp(body, rule).Of([.. arguments, .. captured]);
    }

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"Body = {Body}");
        return true;
    }
}
