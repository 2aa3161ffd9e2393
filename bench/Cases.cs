using System.Collections.Immutable;

/// <summary>What a case does; called so because <see cref="Mode"/> tells how a layer is applied.</summary>
internal enum BenchMode
{
    /// <summary>The forward pass only.</summary>
    Infer,

    /// <summary>Forward and backward pass; for a network the whole step with its update.</summary>
    Train,
}

/// <summary>Something that is measured.</summary>
internal abstract record Case
{
    protected Case(string name, params ReadOnlySpan<BenchMode> modes)
    {
        (Name, Modes) = (name, [.. modes]);
    }

    /// <summary>The name on the command line and in results.</summary>
    public string Name { get; }

    /// <summary>In which modes it exists.</summary>
    public ImmutableArray<BenchMode> Modes { get; }

    /// <summary>What is computed.</summary>
    public abstract Workload Build(BenchMode mode);
}

/// <summary>All cases; their names and groups are those of the peers' programs.</summary>
internal static class Cases
{
    /// <summary>The groups in order, each with its cases.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<Case> Cases)> Groups { get; } =
    [
        ("gemm", Operations.Products),
        ("conv", Operations.Convolutions),
        ("maxpool", Operations.MaxPools),
        ("avgpool", Operations.AvgPools),
        ("elementwise", Operations.Elementwise),
        ("nets", NetworkCase.All),
        ("overhead", [new TinyCase()]),
        ("optimizer", OptimizerCase.All),
    ];

    /// <summary>All cases in order.</summary>
    public static IReadOnlyList<Case> All { get; } = [.. Groups.SelectMany(group => group.Cases)];

    /// <summary>The cases of a name, a group's name or <c>all</c>; empty if there is none.</summary>
    public static IEnumerable<Case> Find(string name) => name == "all"
        ? All
        : Groups.FirstOrDefault(group => group.Name == name).Cases ?? All.Where(known => known.Name == name);

    /// <summary>The word for a mode on the command line and in results.</summary>
    public static string Word(this BenchMode mode) => mode == BenchMode.Train ? "train" : "infer";

    /// <summary>A line for each group.</summary>
    public static string List() => string.Join("\n", Groups.Select(group => $"{group.Name}: " + string.Join(" ",
        group.Cases.Select(known => $"{known.Name}({string.Join("/", known.Modes.Select(Word))})"))));
}
