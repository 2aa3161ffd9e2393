using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>A function of nodes as a graph: it was called once, on variables of its own, in whose places arguments are
/// put. So what is derived with respect to an argument is not mixed up with what the function captures, even if that is
/// the argument itself. Two bodies are equal only if they are the same object.</summary>
internal sealed class Body
{
    // What depends on a parameter, each after its inputs. What does not stays the object that it is.
    private readonly ImmutableArray<Node> nodes;

    /// <summary>The function that gives these results of these variables.</summary>
    public Body(ImmutableArray<Node> parameters, params ImmutableArray<Node> results)
    {
        (Parameters, Results) = (parameters, results);
        var inside = parameters.ToHashSet();
        nodes = [.. new Graph(results).Nodes.Where(node => node.Inputs.Any(inside.Contains) && inside.Add(node))];
    }

    /// <summary>The variables for which arguments are put.</summary>
    public ImmutableArray<Node> Parameters { get; }

    /// <summary>What is computed.</summary>
    public ImmutableArray<Node> Results { get; }

    /// <summary>The result of a function that has one.</summary>
    public Node Result => Results[0];

    /// <summary>A variable for such a node, that nobody else has. Its name is never seen: arguments take its place.
    /// </summary>
    public static Node Parameter(Node x) => Functions.Variable("x", x.Shape, x.Kind);

    /// <summary>What a function derives from a variable of x's shape, and then x in its place.</summary>
    public static ImmutableArray<Node> At(Node x, Func<Node, ImmutableArray<Node>> function)
    {
        var parameter = Parameter(x);
        return new Body([parameter], function(parameter)).On(x);
    }

    /// <summary>The results for these arguments.</summary>
    public ImmutableArray<Node> On(params ImmutableArray<Node> arguments)
    {
        var made = Parameters.Zip(arguments).ToDictionary(pair => pair.First, pair => pair.Second);
        foreach (var node in nodes)
        {
            made[node] = node.With([.. node.Inputs.Select(input => made.GetValueOrDefault(input, input))]);
        }

        return [.. Results.Select(result => made.GetValueOrDefault(result, result))];
    }

    /// <summary>The same function with what it captures as further arguments: nodes outside that depend on a real
    /// variable, and index variables. Constants, and random numbers from a key, stay inside.</summary>
    public (Body Body, ImmutableArray<Node> Captured) Closed()
    {
        var inside = nodes.Concat(Parameters).ToHashSet();
        var (open, made) = (new HashSet<Node>(), new Dictionary<Node, Node>());
        var lifted = new List<(Node Captured, Node Parameter)>();
        foreach (var node in new Graph(Results).Nodes)
        {
            if (node.Inputs.Any(open.Contains) || node.Op is Variable { Kind: Kind.Real } && !inside.Contains(node))
            {
                open.Add(node);
            }

            if (inside.Contains(node) || node.Op is not Variable && !open.Contains(node))
            {
                made[node] = node.With([.. node.Inputs.Select(input => made[input])]);
            }
            else
            {
                made[node] = Parameter(node);
                lifted.Add((node, made[node]));
            }
        }

        // What leads only to captured nodes is captured with them.
        ImmutableArray<Node> results = [.. Results.Select(result => made[result])];
        var reached = new Graph(results).Variables.ToHashSet();
        lifted.RemoveAll(pair => !reached.Contains(pair.Parameter));
        return (new Body([.. Parameters, .. lifted.Select(pair => pair.Parameter)], results),
            [.. lifted.Select(pair => pair.Captured)]);
    }

    /// <summary>For each parameter its cotangent under a cotangent of the result; null for an index, and a stand-in
    /// with the reason where there is no derivative, which harms nobody who does not ask for it.</summary>
    public ImmutableArray<Node?> Vjp(Node dy)
    {
        ImmutableArray<Node> reals = [.. Parameters.Where(parameter => parameter.Kind == Kind.Real)];
        var cotangents = All(reals) ?? [.. reals.Select(Alone)];
        return [.. Parameters.Select(parameter => reals.IndexOf(parameter) is >= 0 and var i ? cotangents[i] : null)];

        ImmutableArray<Node>? All(ImmutableArray<Node> xs)
        {
            try
            {
                return Gradient.Vjp(Result, dy, xs);
            }
            catch (NotDifferentiableError)
            {
                return null;
            }
        }

        Node Alone(Node x)
        {
            try
            {
                return Gradient.Vjp(Result, dy, [x])[0];
            }
            catch (NotDifferentiableError error)
            {
                return new NoCotangent(error.Message.TrimEnd('.')).Of();
            }
        }
    }

    /// <summary>From which shapes to which, and how much lies between.</summary>
    public override string ToString() =>
        $"{string.Join(", ", Parameters.Select(parameter => parameter.Shape))} -> {Result.Shape}, {nodes.Length} nodes";
}
