using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>The one table that every sealed op is in, with what is needed to try it.</summary>
/// <example><code>OpTable.RowOf(new Relu()) // Relu</code></example>
public static partial class OpTable
{
    /// <summary>All rows.</summary>
    public static ImmutableArray<OpRow> Rows { get; } = [.. Elementwise, .. Shaping, .. Indexing, .. Windows, .. Random, .. Control];

    /// <summary>Any case of any op.</summary>
    public static Gen<OpCase> AnyCase { get; } = Gen.OneOf(Rows.Select(row => row.Cases));

    /// <summary>The row of an op.</summary>
    public static OpRow RowOf(Op op) => Rows.First(row => row.Op == op.GetType());

    private static OpRow Row<T>(Gen<OpCase> cases)
        where T : Op => new(typeof(T), cases);
}
