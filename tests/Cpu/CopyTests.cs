using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Copies at sizes around and beyond the blocks that they are made in.</summary>
public unsafe class CopyTests
{
    private const int Guard = 64;
    private const uint Untouched = 0xDEAD_BEEF;

    private static readonly Gen<int> size = Gen.Frequency((1, Gen.Constant(1)), (4, Gen.Choose(2, 40)),
        (1, Gen.Choose(60, 140)), (1, Gen.Choose(500, 700)), (2, Gen.Elements(2, 3, 4, 15, 16, 17, 32, 64)));

    private static readonly Gen<(Shape Shape, Shape Axes)> transposes =
        from rank in Gen.Choose(2, 4)
        from sizes in size.ArrayOf(rank)
        from axes in Shapes.Permutation(rank)
        where sizes.Aggregate(1L, (product, s) => product * s) < 60_000
        select (Shape.Of(sizes), axes);

    [Fact]
    public void Transposes_of_any_size_move_each_element_to_its_place() => Law.ForAll(transposes, at =>
        Moves(at.Shape, new Transpose(at.Axes), at.Shape.Strides()), 400);

    [Theory]
    [InlineData(3, 50_176)]
    [InlineData(2, 1025)]
    [InlineData(5, 4096)]
    [InlineData(6, 2047)]
    [InlineData(16, 5000)]
    [InlineData(65, 513)]
    [InlineData(1024, 128)]
    [InlineData(15, 15)]
    [InlineData(3, 16)]
    public void Images_of_any_number_of_channels_turn_both_ways(int channels, int pixels)
    {
        Moves([2, channels, pixels], new Transpose([0, 2, 1]), Shape.Of(2, channels, pixels).Strides());
        Moves([2, pixels, channels], new Transpose([0, 2, 1]), Shape.Of(2, pixels, channels).Strides());
    }

    /// <summary>The source is part of something wider on every axis.</summary>
    [Fact]
    public void Transposes_of_parts_move_each_element_to_its_place() => Law.ForAll(transposes, at =>
        Moves(at.Shape, new Transpose(at.Axes), at.Shape.Select((s, _) => s + 3).Strides()), 200);

    [Fact]
    public void Compiled_transposes_mean_the_same() => Law.ForAll(transposes, at =>
    {
        var x = Variable("x", at.Shape);
        var value = Close.Rounded(Key.Of(1).Normal(at.Shape));
        var y = Transpose(x, at.Axes);
        Assert.Equal(Reference.Run(y, (x, value)), Cpu.Run([y], new Dictionary<Node, Tensor> { [x] = value })[0]);
    }, 100);

    /// <summary>Slices, reversals, transposes and repetitions in a row, joined: copies look through them.</summary>
    [Fact]
    public void Copies_of_copies_move_each_element_to_its_place() => Law.ForAll(
        from rank in Gen.Choose(1, 3)
        from shape in Shapes.OfRank(rank)
        from steps in Gen.Choose(0, int.MaxValue - 1).ArrayOf(8)
        select (shape, steps), at =>
    {
        var x = Variable("x", at.shape.Select((n, axis) => n * (1 + at.steps[axis] % 7)));
        var value = Close.Rounded(Key.Of(1).Normal(x.Shape));
        var parts = Enumerable.Range(0, 3).Select(part => at.steps[part..].Aggregate(x, Moved)).ToArray();
        var (first, axis) = (parts[0], at.steps[^1] % x.Shape.Rank);
        Node[] outputs =
        [
            Concat(axis, first, Reverse(first, [axis]), Part(first, axis, 0, 1)), parts[1], new Place(
                Shape.Repeat(2, x.Shape.Rank), Shape.Repeat(2, x.Shape.Rank), parts[2].Shape.Select((n, _) => 2 * n + 3)).Of(parts[2]),
        ];
        var results = Cpu.Run(outputs, new Dictionary<Node, Tensor> { [x] = value });
        Assert.All(outputs.Zip(results), pair => Assert.Equal(Reference.Run(pair.First, (x, value)), pair.Second));

        static Node Moved(Node x, int step)
        {
            var axis = step / 8 % x.Shape.Rank;
            var n = x.Shape[axis];
            return (step % 8) switch
            {
                0 => Reverse(x, [axis]),
                1 => Transpose(x, Shape.From(Enumerable.Range(0, x.Shape.Rank).Reverse())),
                2 => Part(x, axis, n / 3, n - n / 3),
                3 => Slice(x, Shape.Repeat(0, x.Shape.Rank), x.Shape.With(axis, (n + 1) / 2), Shape.Repeat(1, x.Shape.Rank).With(axis, 2)),
                4 when x.Shape.Elements < 2000 => Roll(x, 1 + n / 2, axis),
                5 when x.Shape.Elements < 2000 => BroadcastTo(Part(x, axis, 0, 1), x.Shape.With(axis, 20)),
                6 => -x,
                _ => x,
            };
        }
    }, 200);

    /// <summary>Few rows and many, parts of values among what is stacked, and one of them twice.</summary>
    [Fact]
    public void What_is_stacked_element_by_element_is_that_of_reference() => Law.ForAll(
        from count in Gen.Frequency((8, Gen.Choose(2, 9)), (1, Gen.Elements(64, 65)))
        from rows in Gen.Frequency((4, Gen.Choose(1, 70)), (1, Gen.Elements(5000, 20_001)))
        from cut in Gen.Choose(0, 3)
        where count * (long)rows < 200_000
        select (count, rows, cut), at =>
    {
        var x = Enumerable.Range(0, at.count).Select(i => Variable($"x{i}", [at.rows + at.cut])).ToArray();
        var y = Stack(1, [.. x.Select(each => Part(each, 0, at.cut, at.rows)), Part(x[0], 0, 0, at.rows)]);
        var values = Runs.Uniform(x);
        Runs.SameBits([y], [], values);
        Assert.Equal(Reference.Run([y], values)[0], Cpu.Run([y], values)[0]);
    }, 60);

    /// <summary>The gradient of what is used in parts is joined and not added up.</summary>
    [Fact]
    public void Parts_side_by_side_are_joined()
    {
        var x = Variable("x", [3, 10, 4]);
        var parts = Split(x, [2, 5, 3], 1);
        var dx = Gradient.Of(Sum(Tanh(parts[0])) + Sum(Sin(parts[1])) + Sum(Exp(parts[2])), x);
        var plan = Cpu.Compile([dx]).Print();
        Assert.DoesNotContain("Place", plan, StringComparison.Ordinal);
        var value = Close.Rounded(Key.Of(1).Normal(x.Shape));
        Close.All([Reference.Run(dx, (x, value))], Cpu.Run([dx], new Dictionary<Node, Tensor> { [x] = value }), Close.Bound);
    }

    /// <summary>Copies numbers that tell where they come from, pieces in reverse order, and looks at what lies around.
    /// The bits are those of signalling NaN and denormals too: nothing is computed.</summary>
    private static void Moves(Shape shape, Transpose transpose, long[] strides)
    {
        var reach = (int)shape.Select((s, _) => s - 1).Zip(strides, (last, stride) => last * stride).Sum() + 1;
        var (target, count) = (transpose.Infer(shape), (int)shape.Elements);
        var steps = target.Strides();
        var axes = transpose.Axes.Select((axis, i) => new CopyStep.Axis(shape[axis], strides[axis], steps[i]));
        var source = Enumerable.Range(0, reach).Select(i => (uint)i * 0x9E37_79B1u).ToArray();
        var result = Enumerable.Repeat(Untouched, count + 2 * Guard).ToArray();
        var step = CopyStep.Of("copy", axes, 0, 0, 1, Guard);
        fixed (uint* from = source, to = result)
        {
            // Exactly as large as it must be.
            var memory = (float*)NativeMemory.Alloc((nuint)reach, sizeof(float));
            System.Buffer.MemoryCopy(from, memory, reach * 4L, reach * 4L);
            var buffers = stackalloc float*[] { memory, (float*)to };
            for (var piece = step.Pieces - 1; piece >= 0; piece--)
            {
                step.Run(buffers, piece, null);
            }

            NativeMemory.Free(memory);
        }

        Assert.All(result.Take(Guard).Concat(result.TakeLast(Guard)), bits => Assert.Equal(Untouched, bits));
        for (var i = 0; i < count; i++)
        {
            var at = transpose.Axes.Select((axis, k) => i / steps[k] % target[k] * strides[axis]).Sum();
            if (result[Guard + i] != source[at])
            {
                Assert.Fail($"{transpose} of {shape}: element {i} is {result[Guard + i]:X}, expected {source[at]:X}");
            }
        }
    }
}
