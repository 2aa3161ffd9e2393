/// <summary>An input of a row, written as sizes and a kind, such as <c>32,64:w</c>. Numbers are uniform in [−1, 1) (u),
/// [−3, 3) (w), [0.25, 1.25) (p) or [0.75, 1.25) (o), or are −1 and 1 (s), or indices below k (ik); behind a kind, c
/// says that no gradient is wanted.</summary>
/// <param name="Shape">The shape.</param>
/// <param name="Kind">The kind.</param>
internal sealed record FunctionInput(Shape Shape, string Kind)
{
    /// <summary>Reads the inputs of a row.</summary>
    public static FunctionInput[] Of(FunctionRow row) => [.. row.Inputs.Split(' ').Select(text => text.Split(':'))
        .Select(parts => new FunctionInput(Shape.From([.. parts[0].Split(',').Select(int.Parse)]), parts[1]))];

    /// <summary>A variable for it.</summary>
    public Node Variable(int number) =>
        Functions.Variable($"x{number}", Shape, Kind[0] == 'i' ? AutoDiffCnn.Kind.Index : AutoDiffCnn.Kind.Real);

    /// <summary>Whether a gradient is wanted.</summary>
    public bool IsVariable => Kind[0] != 'i' && Kind[^1] != 'c';

    /// <summary>Gives its variable numbers, those of the peer's program.</summary>
    public void Fill(Session session, Node variable, uint seed)
    {
        if (Kind[0] == 'i')
        {
            Hash.Labels(seed, int.Parse(Kind[1..]), session.Indices(variable));
            return;
        }

        var values = session.Reals(variable);
        for (var i = 0; i < values.Length; i++)
        {
            var u = (Hash.Of(seed, (uint)i) >> 8) / (float)(1 << 24);
            values[i] = Kind[0] switch
            {
                'u' => 2 * u - 1,
                'w' => 6 * u - 3,
                'p' => u + 0.25f,
                'o' => 0.5f * u + 0.75f,
                _ => u < 0.5f ? -1 : 1,
            };
        }
    }
}
