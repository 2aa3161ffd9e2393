using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn;

/// <summary>What holds between ops, as two functions that must agree in values and gradients.</summary>
/// <example><code>GradKit.Attack(Laws.All[0], new Budget(Cases: 5)).Holds // True</code></example>
public static class Laws
{
    /// <summary>All laws of convolutions and pools.</summary>
    public static ImmutableArray<Subject> All { get; } =
    [
        // Shifting an image shifts its convolution: y'[i] = Σ x'[i + j − (k − 1)] w[j] = y[i − 1] if x'[t] = x[t − 1].
        Subject.Law("shift commutes with convolution",
            xs => Full(Shifted(xs[0]), xs[1]), xs => Shifted(Full(xs[0], xs[1])), ImageAndKernels(1)),

        // Σ_j b[j] Σ_i a[i] x[n + i + j]: the kernels composed by a full convolution.
        Subject.Law("convolving twice is convolving with the composed kernel",
            xs => Conv2D(Conv2D(xs[0], xs[1]), xs[2]), xs => Conv2D(xs[0], Full(xs[1], Rotate180(xs[2], 2))), ImageAndKernels(2)),
        Subject.Law("cross-correlation is convolution with the kernel turned by 180 degrees",
            xs => CrossCorrelate(xs[0], xs[1]), xs => Convolve(xs[0], Reverse(xs[1], [2, 3])), ImageAndKernels(1)),
        Subject.Law("full convolution is commutative",
            xs => Full(xs[0], Rotate180(xs[1], 2)), xs => Full(xs[1], Rotate180(xs[0], 2)), ImageAndKernels(1)),

        // Each window sends on exactly what it gets: all of it to the maximum, or equal parts.
        Subject.Law("a max pool's gradient preserves the sum",
            xs => Passed(MaxPool, xs), xs => Sum(xs[1]), ImageAndPool),
        Subject.Law("a mean pool's gradient preserves the sum",
            xs => Passed((x, kernel) => AvgPool(x, kernel), xs), xs => Sum(xs[1]), ImageAndPool),
    ];

    /// <summary>A square image of one channel, and square kernels that fit on it one after the other.</summary>
    private static Gen<Shape[]> ImageAndKernels(int count) =>
        from kernels in Gen.Choose(1, 3).ArrayOf(count)
        from extra in Gen.Choose(0, 3)
        select (Shape[])[Plane(kernels.Sum() + extra), .. kernels.Select(Plane)];

    private static Gen<Shape[]> ImageAndPool =>
        from windows in Gen.Choose(1, 3)
        from batch in Gen.Choose(1, 2)
        select (Shape[])[[batch, 2, 2 * windows, 2 * windows], [batch, 2, windows, windows]];

    private static Shape Plane(int size) => [1, 1, size, size];

    private static Node Full(Node x, Node w) => Conv2D(x, w, padding: w.Shape[^1] - 1);

    private static Node Shifted(Node x) => Pad(x, [0, 0, 0, 1], [0, 0, 0, 0]);

    private static Node MaxPool(Node x, int kernel) => Functions.MaxPool(x, kernel);

    private static Node Passed(Func<Node, int, Node> pool, IReadOnlyList<Node> xs) =>
        Sum(Gradient.Vjp(pool(xs[0], 2), xs[1], [xs[0]])[0]);
}
