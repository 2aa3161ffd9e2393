using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>What is attacked: cases of one kind, and what must hold for each.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Cases">A generator of cases.</param>
/// <example><code>
/// var subject = Subject.Of((x, w) => Conv2D(x, w, padding: 1), [1, 2, 4, 4], [3, 2, 3, 3]);
/// GradKit.Attack(subject, new Budget(Cases: 5)).Holds // True
/// </code></example>
public sealed record Subject(string Name, Gen<Case> Cases)
{
    private const int Attempts = 60;

    /// <summary>What must hold: all that holds for every graph, if nothing else is said.</summary>
    public ImmutableArray<Property> Properties { get; init; } = Property.All;

    /// <summary>A function of one node, on shapes that it accepts, or on one that is given.</summary>
    public static Subject Of(Func<Node, Node> f, Shape? shape = null) =>
        Of("function", xs => f(xs[0]), shape is { } given ? Gen.Constant<Shape[]>([given]) : Shapes.Any.Select(any => (Shape[])[any]));

    /// <summary>A function of two nodes of these shapes.</summary>
    public static Subject Of(Func<Node, Node, Node> f, Shape a, Shape b) =>
        Of("function", xs => f(xs[0], xs[1]), Gen.Constant<Shape[]>([a, b]));

    /// <summary>A function of any number of nodes, of shapes that are drawn. Those that it rejects, with a
    /// <see cref="MisfitError"/>, are drawn again.</summary>
    public static Subject Of(string name, Func<IReadOnlyList<Node>, Node> f, Gen<Shape[]> shapes) => new(name,
        from candidates in shapes.ArrayOf(Attempts)
        let accepted = FirstAccepted(f, candidates)
        from values in Gen.CollectToArray(accepted, AnyValues)
        select Case.Of(xs => f(xs), [.. values]));

    /// <summary>A node, as a model's output: its variables get random values.</summary>
    public static Subject Of(Node output)
    {
        var variables = new Graph(output).Variables;
        return new(output.Op.Name, Gen.CollectToArray(variables.Where(x => x.Kind == Kind.Real), x => AnyValues(x.Shape))
            .Select(values =>
            {
                var given = new Queue<Tensor>(values);
                return new Case(output, [.. variables.Select(x =>
                    (x, x.Kind == Kind.Real ? given.Dequeue() : Tensor.Fill(x.Shape, 0)))]);
            }));
    }

    /// <summary>An op, on the cases of its row, and on the same with ties, zeros, huge and tiny values planted.</summary>
    public static Subject Of(OpRow row) => new(row.Op.Name, Planted(row).Select(at => Case.Of(at, row)));

    /// <summary>Random graphs over these rows: <c>Subject.Graphs([.. OpTable.Rows, mine])</c>.</summary>
    public static Subject Graphs(ImmutableArray<OpRow> rows) => new("graphs",
        RandomGraph.Of([.. rows.Select(row => row with { Cases = Planted(row) })]).Select(Of));

    /// <summary>A law: two functions that must agree in values and gradients.</summary>
    public static Subject Law(string name, Func<IReadOnlyList<Node>, Node> left, Func<IReadOnlyList<Node>, Node> right, Gen<Shape[]> shapes) =>
        new(name, from candidates in shapes.ArrayOf(Attempts)
                  let accepted = FirstAccepted(left, candidates)
                  from values in Gen.CollectToArray(accepted, AnyValues)
                  select Twins(left, right, [.. values]))
        {
            Properties = [Property.Same],
        };

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Case Twins(Func<IReadOnlyList<Node>, Node> left, Func<IReadOnlyList<Node>, Node> right, ImmutableArray<Tensor> values)
    {
        var at = Case.Of(xs => left(xs), values);
        return at with
        {
            Twin = right([.. at.Inputs.Select(input => input.Variable)]),
            Remake = xs => new Case(left(xs), []) { Twin = right(xs) },
        };
    }

    private static Case Of(RandomGraph random)
    {
        // The index outputs have no gradients; the others become one row.
        Node[] real = [.. random.Graph.Outputs.Where(output => output.Kind == Kind.Real)];
        Node[] flat = [.. real.Select(output => Reshape(output, [(int)output.Shape.Elements]))];
        var all = real.Length switch
        {
            0 => random.Graph.Outputs[0],
            1 => real[0],
            _ => Concat(0, flat),
        };
        return new Case(all, [.. new Graph(all).Variables.Select(x => (x, random.Values[x]))]);
    }

    /// <summary>One case in three has values planted where that does not leave the op's domain: it is not smooth there,
    /// perhaps, but defined.</summary>
    private static Gen<OpCase> Planted(OpRow row) => Gen.Frequency((2, row.Cases), (1, row.Cases.SelectMany(at =>
        Gen.CollectToArray(Enumerable.Range(0, at.Inputs.Length), i =>
            at.Op.InputKind(i) == Kind.Real && row.DomainOf(i) is not (Domain.Mask or Domain.Positive)
                ? Values.Planted(at.Inputs[i].Shape).Select(x => row.Jumps ? x.Map(Near) : x) : Gen.Constant(at.Inputs[i]))
        .Select(inputs => at with { Inputs = [.. inputs] }))));

    // From far away stairs are a slope.
    private static double Near(double x) => Math.Clamp(x, -100, 100);

    /// <summary>A function's domain is not known: each of those that there are gets its turn.</summary>
    private static Gen<Tensor> AnyValues(Shape shape) => Gen.Frequency(
        (4, Values.Planted(shape)),
        (2, Values.In(Domain.Positive, shape)),
        (2, Values.In(Domain.Distinct, shape)),
        (2, Values.Real(shape)));

    private static Shape[] FirstAccepted(Func<IReadOnlyList<Node>, Node> f, Shape[][] candidates)
    {
        MisfitError? why = null;
        foreach (var shapes in candidates)
        {
            try
            {
                f([.. shapes.Select((shape, i) => Variable($"x{i}", shape))]);
                return shapes;
            }
            catch (MisfitError error)
            {
                why = error;
            }
        }

        throw new ArgumentException($"None of {candidates.Length} random shapes fits the function; give one that does. {why?.Message}", nameof(candidates), why);
    }
}
