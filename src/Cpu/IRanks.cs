namespace AutoDiffCnn;

/// <summary>What a session knows of the others that run the same plan beside it, in other processes or on other
/// machines: how <see cref="AllReduce"/> adds up.</summary>
/// <remarks>All ranks make their calls in the order of the plan's steps, one at a time, though not always from the same
/// thread. An exception ends the run as any step's does; a rank whose run has ended calls no more, which the others
/// must learn from the implementation.</remarks>
/// <example><code>
/// var x = Variable("x", [2]);
/// var y = AllReduce(x);
/// using var session = Cpu.Compile([y]).Start(threads: 1, new Twins());
/// session.Set(x, Tensor.Of([1, 2]));
/// session.Run();
/// session.Get(y) // [2, 4]
///
/// public sealed class Twins : IRanks // the other rank has the same data
/// {
///     public void Sum(Span&lt;float> values)
///     {
///         foreach (ref var value in values) value *= 2;
///     }
/// }
/// </code></example>
public interface IRanks
{
    /// <summary>Puts in the place of each value its sum over all ranks, to the same bits in all.</summary>
    void Sum(Span<float> values);
}
