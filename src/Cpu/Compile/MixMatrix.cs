namespace AutoDiffCnn;

/// <summary>A matrix of which only some elements are written down, row by row; an element may be written more than once,
/// and then it is the sum.</summary>
/// <param name="starts">For each row where its terms begin, and where the last row's end.</param>
/// <param name="places">The column of each term.</param>
/// <param name="weights">The number of each term.</param>
/// <param name="columns">How many columns there are.</param>
internal sealed class MixMatrix(int[] starts, int[] places, double[] weights, int columns) : IEquatable<MixMatrix>
{
    /// <summary>How many rows there are.</summary>
    public int Rows => starts.Length - 1;

    /// <summary>How many columns there are.</summary>
    public int Columns => columns;

    /// <summary>How many terms there are.</summary>
    public int Terms => places.Length;

    /// <summary>For each row where its terms begin, and where the last row's end.</summary>
    public ReadOnlySpan<int> Starts => starts;

    /// <summary>The column of each term.</summary>
    public ReadOnlySpan<int> Places => places;

    /// <summary>The terms of a row.</summary>
    public IEnumerable<(int Column, double Weight)> Row(int row) =>
        Arrays.Range(starts[row], starts[row + 1] - starts[row]).Select(at => (places[at], weights[at]));

    /// <summary>The numbers as floats.</summary>
    public float[] Singles() => [.. weights.Select(weight => (float)weight)];

    /// <summary>What a <see cref="Gather"/> does: a 1 in each row, or nothing where the index lies outside.</summary>
    public static MixMatrix Taking(Tensor index, int size) => Of(size, index.Count,
        row => index.At(row) < size ? [((int)index.At(row), 1.0)] : []);

    /// <summary>The transpose; the terms of a row are in the order of the columns that they come from.</summary>
    public MixMatrix Transposed()
    {
        var terms = Arrays.Range(0, columns).Select(_ => new List<(int, double)>()).ToArray();
        for (var row = 0; row < Rows; row++)
        {
            foreach (var (column, weight) in Row(row))
            {
                terms[column].Add((row, weight));
            }
        }

        return Of(Rows, columns, column => terms[column]);
    }

    /// <summary>Each row times a number.</summary>
    public MixMatrix TimesRows(Func<int, double> factor) =>
        Of(columns, Rows, row => Row(row).Select(term => (term.Column, term.Weight * factor(row))));

    /// <summary>Each column times a number.</summary>
    public MixMatrix TimesColumns(Func<int, double> factor) =>
        new(starts, places, [.. weights.Zip(places, (weight, column) => weight * factor(column))], columns);

    /// <summary>The sum of two matrices.</summary>
    public static MixMatrix operator +(MixMatrix a, MixMatrix b) => Of(a.Columns, a.Rows, row => a.Row(row).Concat(b.Row(row)));

    /// <inheritdoc/>
    public bool Equals(MixMatrix? other) => other is not null && other.Columns == columns && starts.AsSpan().SequenceEqual(other.Starts)
        && places.AsSpan().SequenceEqual(other.Places) && Arrays.Range(0, Rows).All(row => Row(row).SequenceEqual(other.Row(row)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MixMatrix);

    /// <inheritdoc/>
    public override int GetHashCode() => places.Aggregate(HashCode.Combine(Rows, columns), HashCode.Combine);

    private static MixMatrix Of(int columns, int rows, Func<int, IEnumerable<(int Column, double Weight)>> row)
    {
        var (starts, terms) = (new int[rows + 1], new List<(int Column, double Weight)>());
        for (var i = 0; i < rows; i++)
        {
            terms.AddRange(row(i));
            starts[i + 1] = terms.Count;
        }

        return new(starts, [.. terms.Select(term => term.Column)], [.. terms.Select(term => term.Weight)], columns);
    }
}
