using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Compiles graphs to float32 SIMD code for this machine's processor.</summary>
/// <remarks>The stages: simplify, fuse, schedule, assign memory, steps; see <see cref="Plan.Print"/>.
/// Each is a pure function.</remarks>
/// <example><code>
/// var x = Variable("x", [3]);
/// var loss = Sum(x * x);
/// var dx = Gradient.Of(loss, x);
/// using var session = Cpu.Compile([loss, dx]).Start();
/// session.Set(x, Tensor.Of([1, 2, 3]));
/// session.Run();
/// session.Get(dx) // [2, 4, 6]
/// </code></example>
public static class Cpu
{
    /// <summary>A plan for computing some nodes.</summary>
    /// <param name="outputs">The nodes whose values are wanted.</param>
    /// <param name="state">Variables that after each run take the value of a node:
    /// parameters and what an optimiser keeps.</param>
    /// <param name="winograd">Whether convolutions may be done by Winograd's minimal filtering, 3 × 3 ones by tiles and those of longer
    /// rows along them: a half to two thirds of the time, but errors of some 10⁻⁵ of the largest value, and one infinity makes a tile of 4 × 4
    /// results NaN, or those beside it in its row.</param>
    /// <exception cref="GraphError">A state's next value differs from it in shape or kind, or two variables have one
    /// name.</exception>
    public static Plan Compile(
        IReadOnlyList<Node> outputs, IReadOnlyList<(Node Variable, Node Next)>? state = null, bool winograd = true) =>
        Compile(outputs, state ?? [], new Choices(Winograd: winograd));

    /// <summary>A plan, with choices that tests make.</summary>
    internal static Plan Compile(IReadOnlyList<Node> outputs, IReadOnlyList<(Node Variable, Node Next)> state, Choices choices)
    {
        foreach (var (variable, next) in state)
        {
            if (variable.Op is not Variable || variable.Shape != next.Shape || variable.Kind != next.Kind)
            {
                throw new GraphError(
                    $"state {variable.Op.Name} {variable.Shape} cannot become {next.Op.Name} {next.Shape}: "
                    + "it must be a variable of the same shape and kind.");
            }
        }

        // Parameters are updated in the order in which their gradients appear, last layer first:
        // so each is needed only briefly.
        var backwards = state.Reverse().ToImmutableArray();
        var given = Verify.Check(new Graph([.. outputs, .. backwards.Select(pair => pair.Next)])).Simplify();
        var simple = Rewrite.Apply(given, PickAlgebra.Rule, SumAlgebra.Rule, RealAlgebra.Rule, ProductAlgebra.Rule, MixAlgebra.Rule).Simplify();
        var arrangement = Arrangement.Of(simple, outputs, [.. backwards.Select(pair => pair.Variable)]);
        var arranged = choices.Layouts ? Layout.Assign(arrangement) : arrangement;
        return Planner.Plan(RoundSearch.Split(arranged, choices.RoundFloats), choices);
    }

    /// <summary>The values of some nodes, computed once; for repeated use compile and keep a session.</summary>
    /// <param name="outputs">The nodes whose values are wanted.</param>
    /// <param name="values">A value for each variable.</param>
    /// <exception cref="BindingError">A variable has no value, or one that does not fit.</exception>
    public static ImmutableArray<Tensor> Run(IReadOnlyList<Node> outputs, IReadOnlyDictionary<Node, Tensor> values)
    {
        using var session = Compile(outputs).Start();
        foreach (var (variable, value) in values)
        {
            // The gradient of a linear function, say, no longer depends on its input.
            if (session.Plan.Has(variable))
            {
                session.Set(variable, value);
            }
        }

        session.Run();
        return [.. outputs.Select(session.Get)];
    }
}
