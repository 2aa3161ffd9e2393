using System.Collections.Immutable;
using System.Globalization;
using Xunit.Abstractions;

namespace GradKitTests;

/// <summary>No false alarm on the right rules: 2,000 cases of ops, graphs and functions, or as many as
/// AUTODIFFCNN_GRADKIT_CASES says; AUTODIFFCNN_SEED says which.</summary>
public sealed class RightRulesTests(ITestOutputHelper output)
{
    private static readonly int Cases = Setting("AUTODIFFCNN_GRADKIT_CASES", 2000);

    private static readonly int Seed = Setting("AUTODIFFCNN_SEED", 1);

    /// <summary>Functions as users write them; each is tried on shapes that it accepts.</summary>
    private static readonly ImmutableArray<(string Name, Func<Node, Node> F)> Functions =
    [
        ("mish", x => x * Tanh(Softplus(x))),
        ("gelu", x => Gelu(2 * x)),
        ("difference of rectifiers", x => Relu(x) - Relu(-x)),
        ("softmax", x => Softmax(Reshape(x, [(int)x.Shape.Elements]))),
        ("norm", x => Sqrt(Sum(x * x))),
        ("variance", x => Mean(Square(x - Mean(x)))),
        ("clip", x => Minimum(Maximum(x, -1), 1)),
        ("log of exp", x => Log(1 + Exp(x))),
        ("stopped", x => x * StopGradient(x)),
        ("rounded", x => x + StopGradient(new Floor().Of(x) - x)),
        ("pool", x => MaxPool(x, 2) * 2),
        ("mean pool", x => AvgPool(x, 2)),
        ("checkpoint", x => Checkpoint(v => Tanh(v) * v)(x)),
    ];

    public static TheoryData<string> Rows => [.. OpTable.Rows.Select(row => row.Op.Name)];

    public static TheoryData<string> Named => [.. Functions.Select(pair => pair.Name)];

    [Theory, MemberData(nameof(Rows))]
    public void Every_op(string name) =>
        Holds(Subject.Of(OpTable.Rows.First(row => row.Op.Name == name)), Cases / 2 / OpTable.Rows.Length);

    [Theory, MemberData(nameof(Named))]
    public void Functions_of_nodes(string name) =>
        Holds(Subject.Of(Functions.First(pair => pair.Name == name).F), Cases / 5 / Functions.Length);

    [Fact]
    public void Random_graphs() => Holds(Subject.Graphs(OpTable.Rows), Cases * 3 / 10);

    private void Holds(Subject subject, int cases)
    {
        var report = GradKit.Attack(subject, new Budget(cases + 1, Seed: Seed));
        output.WriteLine($"{report}");
        Assert.True(report.Holds, $"{report}");
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : otherwise;
}
