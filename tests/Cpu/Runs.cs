using System.Collections.Immutable;

namespace AutoDiffCnn.Tests;

/// <summary>A plan run with some values.</summary>
internal static class Runs
{
    /// <summary>All loops are emitted.</summary>
    public static readonly Choices Compiled = new(EmitFrom: 0);

    /// <summary>All loops are interpreted.</summary>
    public static readonly Choices Interpreted = new(EmitFrom: long.MaxValue);

    /// <summary>What some outputs or states hold after some runs.</summary>
    public static ImmutableArray<Tensor> Values(this Plan plan, IReadOnlyDictionary<Node, Tensor> values,
        IEnumerable<Node> wanted, int threads = 1, int runs = 1)
    {
        using var session = plan.Start(threads);
        foreach (var (variable, value) in values.Where(pair => plan.Has(pair.Key)))
        {
            session.Set(variable, value);
        }

        for (var run = 0; run < runs; run++)
        {
            session.Run();
        }

        return [.. wanted.Select(session.Get)];
    }

    /// <summary>Fails unless emitted loops on one thread and interpreted ones on three give the same bits.</summary>
    public static void SameBits(
        Node[] outputs, (Node, Node)[] state, IReadOnlyDictionary<Node, Tensor> values)
    {
        Node[] wanted = [.. outputs, .. state.Select(pair => pair.Item1)];
        var emitted = Cpu.Compile(outputs, state, Compiled).Values(values, wanted);
        var others = Cpu.Compile(outputs, state, Interpreted).Values(values, wanted, 3);
        foreach (var (one, other) in emitted.Zip(others))
        {
            Assert.Equal(one.ToSingles().Select(Bits), other.ToSingles().Select(Bits));
        }

        static int Bits(float value) => BitConverter.SingleToInt32Bits(float.IsNaN(value) ? float.NaN : value);
    }

    /// <summary>Fails unless emitted and interpreted loops agree to the bit, and with Reference.</summary>
    public static void Agree(Node[] outputs, IReadOnlyDictionary<Node, Tensor> values, double bound = Close.Bound)
    {
        SameBits(outputs, [], values);
        var emitted = Cpu.Compile(outputs, [], Compiled).Values(values, outputs);
        Close.All(Reference.Run([.. outputs], values), emitted, bound);
    }

    /// <summary>Values in [−1, 1) for some variables, as single precision has them.</summary>
    public static Dictionary<Node, Tensor> Uniform(params Node[] variables) =>
        variables.ToDictionary(node => node,
            node => Close.Rounded(Key.Of(3).FoldIn(node.Op.Name).Uniform(node.Shape, -1, 1)));
}
