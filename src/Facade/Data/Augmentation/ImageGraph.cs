using System.Collections.Concurrent;

namespace AutoDiffCnn;

/// <summary>A function of graphs as one of tensors: compiled once for the shapes that come, run on the calling thread, with
/// the same bits on every machine.</summary>
internal sealed class ImageGraph(Func<Node[], Node> function)
{
    // Batches have one or two shapes; whoever brings more pays for compiling again.
    private const int MostPlans = 16;

    private readonly ConcurrentDictionary<string, (Plan Plan, Node[] Inputs, Node Output)> plans = new();

    public Tensor Run(params Tensor[] inputs)
    {
        if (plans.Count > MostPlans)
        {
            plans.Clear();
        }

        var (plan, variables, output) = plans.GetOrAdd(string.Join(' ', inputs.Select(input => input.Shape)), _ => Compile(inputs));
        using var session = plan.Start(threads: 1);
        foreach (var (variable, value) in variables.Zip(inputs))
        {
            session.Set(variable, value);
        }

        session.Run();
        return session.Get(output);
    }

    private (Plan, Node[], Node) Compile(Tensor[] inputs)
    {
        Node[] variables = [.. inputs.Select((input, i) => Functions.Variable($"input{i}", input.Shape))];
        var output = function(variables);
        return (Cpu.Compile([output], winograd: false), variables, output);
    }
}
