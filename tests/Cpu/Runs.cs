using System.Collections.Immutable;

namespace AutoDiffCnn.Tests;

/// <summary>A plan run once.</summary>
internal static class Runs
{
    /// <summary>What some outputs or states hold after one run.</summary>
    public static ImmutableArray<Tensor> Values(this Plan plan, IReadOnlyDictionary<Node, Tensor> values,
        IEnumerable<Node> wanted, int threads = 1)
    {
        using var session = plan.Start(threads);
        foreach (var (variable, value) in values.Where(pair => plan.Has(pair.Key)))
        {
            session.Set(variable, value);
        }

        session.Run();
        return [.. wanted.Select(session.Get)];
    }
}
