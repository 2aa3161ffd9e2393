using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Products of matrices: each element is one fused sum upwards over k, to the bit, however the work is cut.
/// </summary>
public unsafe class MatMulTests
{
    private const float Guard = 12345;

    private static readonly Gen<int> length =
        Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Constant(1)), (4, Gen.Choose(2, 40)), (2, Gen.Choose(60, 150)));

    private static readonly Gen<Problem> problems =
        from batch in Gen.Choose(1, 3)
        from m in length
        from k in Gen.Frequency((4, length), (1, Gen.Choose(500, 1100)))
        from n in length
        from transposes in Gen.Choose(0, 3)
        select new Problem(new(batch, m, k, n), (transposes & 1) != 0, (transposes & 2) != 0);

    private static readonly Gen<MatMulCut> cuts =
        from rows in Gen.Choose(1, 100)
        from blocks in Gen.Choose(1, 3)
        from panels in Gen.Choose(1, 5)
        from together in Gen.Choose(1, 3)
        from depth in Gen.Choose(1, 300)
        from vectors in Gen.Choose(1, 4)
        from packA in Gen.Choose(0, 1)
        from b in Gen.Elements(Panels.InPlace, Panels.Own, Panels.Shared)
        select new MatMulCut(rows, blocks, panels * vectors * 16, 1, together, depth, vectors, packA == 1, b);

    [Fact]
    public void Any_cut_gives_the_bits_of_the_plain_loop() => Law.ForAll(
        from problem in problems
        from cut in cuts
        from special in Gen.Choose(0, 3)
        from interpret in Gen.Choose(0, 1)
        select (problem, cut, special, interpret),
        at =>
        {
            // Several products in a piece are whole ones; read in place, b's rows lie p by p.
            var (size, cut) = (at.problem.Size, at.cut);
            cut = cut.Together > 1 ? cut with { Rows = Math.Max(1, size.M), Columns = Math.Max(1, size.N) } : cut;
            cut = cut.B == Panels.InPlace && at.problem.B(1).Outer != 1 ? cut with { B = Panels.Own } : cut;
            var (a, b) = at.problem.Sides(at.special);
            AssertSame(Plain(at.problem, a, b), Run(at.problem, cut, at.interpret == 1, a, b));
        }, 200);

    /// <summary>A graph makes loops of products with vectors.</summary>
    [Fact]
    public void Products_of_vectors_and_matrices_are_those_of_reference() => Law.ForAll(
        from batch in Gen.Choose(0, 3)
        from sizes in Gen.Elements(0, 1, 1, 7, 50).ArrayOf(3)
        from transposes in Gen.Choose(0, 3)
        select (batch, sizes, TransposeA: (transposes & 1) != 0, TransposeB: (transposes & 2) != 0), at =>
    {
        var (m, k, n) = (at.sizes[0], at.sizes[1], at.sizes[2]);
        var a = Variable("a", at.TransposeA ? [at.batch, k, m] : [at.batch, m, k]);
        var b = Variable("b", at.TransposeB ? [at.batch, n, k] : [at.batch, k, n]);
        var y = new MatMul(at.TransposeA, at.TransposeB).Of(a, b);
        Runs.Agree([y, .. Gradient.Of(Sum(Sin(y)), [a, b])], Runs.Uniform(a, b));
    }, 100);

    [Fact]
    public void The_chosen_cut_gives_the_bits_of_the_plain_loop() => Law.ForAll(
        from problem in problems
        from special in Gen.Choose(0, 3)
        select (problem, special),
        at =>
        {
            var (a, b) = at.problem.Sides(at.special);
            AssertSame(Plain(at.problem, a, b), Run(at.problem, at.problem.Cut, false, a, b));
        }, 100);

    [Fact]
    public void Shares_give_the_same_bits_emitted_and_interpreted() => Law.ForAll(
        from m in Gen.Choose(1, 40)
        from n in Gen.Choose(1, 70)
        from k in Gen.Choose(2048, 3000)
        from transposes in Gen.Choose(0, 3)
        select new Problem(new(1, m, k, n), (transposes & 1) != 0, (transposes & 2) != 0),
        at =>
        {
            var cut = at.Cut;
            var (a, b) = at.Sides(special: 0);
            var expected = Run(at, cut, false, a, b);
            AssertSame(expected, Run(at, cut, true, a, b));
            foreach (var (plain, got) in Plain(at, a, b).Zip(expected))
            {
                Assert.Equal(plain, got, 1e-3f);
            }
        }, 20);

    [Fact]
    public void Long_sums_of_few_results_are_shared_out()
    {
        Assert.Equal(16, new Problem(new(1, 64, 100_352, 64), true, false).Cut.Shares);
        Assert.Equal(1, new Problem(new(1, 1024, 1024, 1024), false, false).Cut.Shares);
    }

    [Fact]
    public void Small_products_are_one_piece()
    {
        Assert.Equal(1, Product(new(new(1, 64, 84, 10), false, true)).Pieces);
        Assert.Equal(1, Product(new(new(20, 10, 10, 10), false, false)).Pieces);
        Assert.InRange(Product(new(new(1, 4, 512, 1000), false, true)).Pieces, 4, 16);
    }

    [Fact]
    public void Stretches_of_pieces_are_all_of_the_result() => Law.ForAll(
        problems,
        at =>
        {
            var step = Product(at);
            if (step.Pieces == 0 || step.Stretch(0, 0) is null)
            {
                return;
            }

            var end = 0L;
            for (var piece = 0; piece < step.Pieces; piece++)
            {
                Assert.Equal(end, step.Stretch(piece, 0)!.Value.First);
                end = step.Stretch(piece, 0)!.Value.End;
            }

            Assert.Equal((long)at.Size.Batch * at.Size.M * at.Size.N, end);
        }, 100);

    private static MatMulStep Product(Problem at) => MatMulStep
        .Of("product", at.Size, at.A(0), at.B(1), 2, (_, _) => 3).OfType<MatMulStep>().Single();

    /// <summary>Numbers around 1; or small whole ones with signed zeros; or with some NaN and infinities; or so small
    /// that their products are denormal.</summary>
    private static float[] Fill(int count, int seed, int special)
    {
        var values = Key.Of(seed).Normal([count]).ToSingles().ToArray();
        for (var i = 0; i < count; i++)
        {
            values[i] = special switch
            {
                1 => MathF.Round(values[i]),
                2 when i % 97 == seed => i % 2 == 0 ? float.NaN : float.PositiveInfinity,
                3 => values[i] * 1e-21f,
                _ => values[i],
            };
        }

        return values;
    }

    private static float[] Plain(Problem at, float[] a, float[] b)
    {
        var ((batch, m, k, n), left, right) = (at.Size, at.A(0), at.B(1));
        var y = new float[batch * m * n];
        for (var i = 0; i < y.Length; i++)
        {
            var (product, row, column) = (i / n / m, i / n % m, i % n);
            for (var p = 0; p < k; p++)
            {
                y[i] = MathF.FusedMultiplyAdd(
                    a[product * m * k + row * left.Outer + p * left.Inner],
                    b[product * k * n + column * right.Outer + p * right.Inner], y[i]);
            }
        }

        return y;
    }

    /// <summary>Runs the pieces in turn, with guards around all memory.</summary>
    private static float[] Run(Problem at, MatMulCut cut, bool interpret, float[] a, float[] b)
    {
        var sizes = new List<long> { a.Length, b.Length, (long)at.Size.Batch * at.Size.M * at.Size.N };
        var steps = MatMulStep.Of("product", at.Size, at.A(0), at.B(1), 2, Workspace, cut, interpret).ToList();
        sizes.Add(steps.Max(step => step.Scratch));
        var buffers = stackalloc float*[sizes.Count];
        for (var i = 0; i < sizes.Count; i++)
        {
            buffers[i] = Guarded(sizes[i]);
        }

        a.CopyTo(new Span<float>(buffers[0], a.Length));
        b.CopyTo(new Span<float>(buffers[1], b.Length));
        foreach (var step in steps)
        {
            for (var piece = step.Pieces - 1; piece >= 0; piece--)
            {
                step.Run(buffers, piece, buffers[sizes.Count - 1]);
            }
        }

        var y = new Span<float>(buffers[2], (int)sizes[2]).ToArray();
        for (var i = 0; i < sizes.Count; i++)
        {
            AssertGuarded(buffers[i], sizes[i]);
        }

        return y;

        int Workspace(long floats, bool _)
        {
            sizes.Add(floats);
            return sizes.Count - 1;
        }
    }

    private static float* Guarded(long floats)
    {
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)(floats + 64) * sizeof(float), 64);
        new Span<float>(memory, (int)floats + 64).Fill(Guard);
        return memory + 32;
    }

    private static void AssertGuarded(float* memory, long floats)
    {
        for (var i = 1; i <= 32; i++)
        {
            Assert.Equal(Guard, memory[-i]);
            Assert.Equal(Guard, memory[floats + i - 1]);
        }

        NativeMemory.AlignedFree(memory - 32);
    }

    private static void AssertSame(float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var same = BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || float.IsNaN(expected[i]) && float.IsNaN(actual[i]);
            Assert.True(same, $"element {i}: {actual[i]:R}, expected {expected[i]:R}");
        }
    }

    /// <summary>A product, and which sides lie transposed.</summary>
    private sealed record Problem(MatMulSize Size, bool TurnedA, bool TurnedB)
    {
        public MatMulCut Cut => MatMulCut.Of(Size, A(0), B(1));

        public (float[] A, float[] B) Sides(int special) =>
            (Fill(Size.Batch * Size.M * Size.K, 1, special), Fill(Size.Batch * Size.K * Size.N, 2, special));

        public Side A(int buffer) => TurnedA ? new(buffer, 1, Size.M) : new(buffer, Size.K, 1);

        public Side B(int buffer) => TurnedB ? new(buffer, Size.K, 1) : new(buffer, 1, Size.N);
    }
}
