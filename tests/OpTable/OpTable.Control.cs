using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

public static partial class OpTable
{
    private static IEnumerable<OpRow> Control =>
    [
        Map(new AllReduce()),
        Map(new After(), Domain.Any, Domain.Any),
        Made(CustomVjp(x => 2 * Tanh(x), (_, y, dy) => dy * (2 - y * y / 2))),
        Made(Checkpoint(Captures)),
        Made(x => Gradient.Vjp(Checkpoint(Captures)(x), Variable("dy", x.Shape), [x])[0]),
    ];

    private static Node Captures(Node x) => Tanh(x * Variable("w", x.Shape)) + Sin(x);

    /// <summary>An op that means a function. Two of them are equal only if they are the same, so each shape has
    /// one.</summary>
    private static OpRow Made(Func<Node, Node> function)
    {
        Node[] made = [.. ((Shape[])[[], [3], [2, 1], [2, 3]]).Select(shape => function(Variable("x", shape)))];
        return new(made[0].Op.GetType(), from y in Gen.Elements(made)
                                         from inputs in Gen.CollectToArray(y.Inputs, input => Values.Real(input.Shape))
                                         select new OpCase(y.Op, [.. inputs]));
    }
}
