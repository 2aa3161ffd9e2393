using System.Globalization;

namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>No padding.</summary>
    public static Padding Valid => Padding.Valid;

    /// <summary>Padding for ⌈size/stride⌉ positions.</summary>
    public static Padding Same => Padding.Same;

    /// <summary>Padding for every overlap of kernel and image.</summary>
    public static Padding Full => Padding.Full;

    /// <summary>Convolution over one spatial axis; see <see cref="Conv2D"/>. x [n, c, l], w [o, c/groups, k].</summary>
    public static Node Conv1D(Node x, Node w, Padding? padding = null, int stride = 1, int dilation = 1, int groups = 1) =>
        Conv(1, x, w, padding, stride, dilation, groups);

    /// <summary>Convolution over height and width, as deep learning means it (cross-correlation, the kernel is not
    /// turned):
    /// y[n,o,i,j] = Σ_c Σ_r Σ_s x[n, c, i·stride + r·dilation, j·stride + s·dilation] · w[o,c,r,s].</summary>
    /// <param name="x">Images [n, c, h, w].</param>
    /// <param name="w">Kernels [o, c/groups, kh, kw].</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="stride">The step between positions.</param>
    /// <param name="dilation">The distance between kernel elements.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <exception cref="ShapeError">The shapes do not fit, or the kernel fits nowhere.</exception>
    public static Node Conv2D(Node x, Node w, Padding? padding = null, int stride = 1, int dilation = 1, int groups = 1) =>
        Conv(2, x, w, padding, stride, dilation, groups);

    /// <summary>Convolution over three spatial axes; see <see cref="Conv2D"/>. x [n, c, d, h, w], w [o, c/groups, kd,
    /// kh, kw].</summary>
    public static Node Conv3D(Node x, Node w, Padding? padding = null, int stride = 1, int dilation = 1, int groups = 1) =>
        Conv(3, x, w, padding, stride, dilation, groups);

    /// <summary>A convolution of each channel alone, with one or more kernels a channel: w [c·multiplier, 1, kh,
    /// kw].</summary>
    public static Node DepthwiseConv2D(Node x, Node w, Padding? padding = null, int stride = 1, int dilation = 1) =>
        Conv2D(x, w, padding, stride, dilation, groups: x.Shape.Rank > 1 ? EachChannel($"DepthwiseConv2D on {x.Shape} and {w.Shape}", x.Shape) : 1);

    /// <summary>As many groups as channels.</summary>
    internal static int EachChannel(string place, Shape x) =>
        x[1] > 0 ? x[1] : throw new ShapeError(place, "the image has no channels", [$"an input of {x.With(1, 1)}"]);

    /// <summary>A depthwise convolution followed by a pointwise one (1×1): cheaper than a full one by 1/o +
    /// 1/k².</summary>
    /// <param name="x">Images [n, c, h, w].</param>
    /// <param name="depthwise">Kernels [c·multiplier, 1, kh, kw].</param>
    /// <param name="pointwise">Kernels [o, c·multiplier, 1, 1].</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="stride">The step between positions.</param>
    public static Node SeparableConv2D(Node x, Node depthwise, Node pointwise, Padding? padding = null, int stride = 1) =>
        Conv2D(DepthwiseConv2D(x, depthwise, padding, stride), pointwise);

    /// <summary>The transpose of <see cref="Conv2D"/> as a forward pass: it enlarges. Output size
    /// (size − 1)·stride − 2·padding + dilation·(k − 1) + 1 + outputPadding.</summary>
    /// <param name="x">Images [n, c, h, w].</param>
    /// <param name="w">Kernels [c, o/groups, kh, kw], as in PyTorch.</param>
    /// <param name="padding">What is cut from each side of the result.</param>
    /// <param name="stride">The distance at which x's elements are spread.</param>
    /// <param name="dilation">The distance between kernel elements.</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="outputPadding">Rows and columns added at the end, which the stride left open.</param>
    /// <exception cref="ShapeError">The shapes do not fit.</exception>
    public static Node ConvTranspose2D(Node x, Node w, int padding = 0, int stride = 1, int dilation = 1, int groups = 1, int outputPadding = 0) =>
        ConvTranspose(2, x, w, padding, stride, dilation, groups, outputPadding);

    /// <summary><see cref="ConvTranspose2D"/> over one spatial axis.</summary>
    public static Node ConvTranspose1D(Node x, Node w, int padding = 0, int stride = 1, int dilation = 1, int groups = 1, int outputPadding = 0) =>
        ConvTranspose(1, x, w, padding, stride, dilation, groups, outputPadding);

    /// <summary><see cref="ConvTranspose2D"/> over three spatial axes.</summary>
    public static Node ConvTranspose3D(Node x, Node w, int padding = 0, int stride = 1, int dilation = 1, int groups = 1, int outputPadding = 0) =>
        ConvTranspose(3, x, w, padding, stride, dilation, groups, outputPadding);

    /// <summary>S(i,j) = Σₘ Σₙ x(i+m, j+n) · w(m,n): one image and one kernel of equal rank, without batch and
    /// channels.</summary>
    /// <param name="x">The image.</param>
    /// <param name="w">The kernel.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="stride">The step between positions.</param>
    public static Node CrossCorrelate(Node x, Node w, Padding? padding = null, int stride = 1)
    {
        if (x.Shape.Rank != w.Shape.Rank || x.Shape.Rank == 0)
        {
            throw new ShapeError($"CrossCorrelate on {x.Shape} and {w.Shape}", "image and kernel need the same rank of at least 1",
                [$"inputs of rank {Math.Max(1, x.Shape.Rank)}"]);
        }

        var y = Conv(x.Shape.Rank, Reshape(x, [1, 1, .. x.Shape]), Reshape(w, [1, 1, .. w.Shape]), padding, stride, 1, 1);
        return Reshape(y, y.Shape[2..]);
    }

    /// <summary>S(i,j) = Σₘ Σₙ f(m,n) · g(i−m, j−n): true convolution, the cross-correlation with the kernel turned
    /// by 180 degrees. With <see cref="Full"/> padding it is commutative and associative.</summary>
    /// <param name="x">The image.</param>
    /// <param name="w">The kernel.</param>
    /// <param name="padding">Zeros around the image; none by default.</param>
    /// <param name="stride">The step between positions.</param>
    public static Node Convolve(Node x, Node w, Padding? padding = null, int stride = 1) =>
        CrossCorrelate(x, Rotate180(w, 0), padding, stride);

    private static Node Conv(int rank, Node x, Node w, Padding? padding, int stride, int dilation, int groups)
    {
        if (x.Shape.Rank != rank + 2 || w.Shape.Rank != rank + 2)
        {
            return new Convolution(Window.Of(rank), groups).Of(x, w);
        }

        Window.Check($"Conv{rank}D on {x.Shape} and {w.Shape}", stride, dilation);
        var window = (padding ?? Padding.Valid).Window(x.Shape[2..], w.Shape[2..], stride, dilation);
        return new Convolution(window, groups).Of(x, w);
    }

    /// <summary>A transposed convolution with numbers of their own for each axis.</summary>
    internal static Node ConvTranspose(
        int rank, Node x, Node w, PerAxis padding, PerAxis stride, PerAxis dilation, int groups, PerAxis outputPadding)
    {
        var place = $"ConvTranspose{rank}D on {x.Shape} and {w.Shape}";
        if (x.Shape.Rank != rank + 2 || w.Shape.Rank != rank + 2)
        {
            throw new ShapeError(place, $"x [n, c, …] and w [c, o/groups, …] need rank {rank + 2}, not {x.Shape.Rank} and {w.Shape.Rank}",
                [$"inputs of rank {rank + 2}"]);
        }

        if (x.Shape[1] != w.Shape[0])
        {
            throw new ShapeError(place, $"x has {x.Shape[1]} channels, w is for {w.Shape[0]}", [$"w of {w.Shape.With(0, x.Shape[1])}"]);
        }

        Window.Check(place, stride.Least, dilation.Least);
        if (groups < 1 || x.Shape[1] % groups != 0)
        {
            throw new ShapeError(place, string.Create(CultureInfo.InvariantCulture, $"{groups} groups do not divide {x.Shape[1]} channels"),
                Groups.Repairs(groups, x.Shape[1]));
        }

        if (x.Shape[2..].Contains(0))
        {
            throw new ShapeError(place, "the image has no pixels", ["an image of at least 1"]);
        }

        if (w.Shape[2..].Contains(0))
        {
            throw new ShapeError(place, "the kernel has no elements", ["a kernel of at least 1"]);
        }

        if (padding.Least < 0 || outputPadding.Least < 0)
        {
            throw new ShapeError(place, $"padding {padding} and outputPadding {outputPadding} must be at least 0",
                ["padding 0 and outputPadding 0"]);
        }

        var (cut, step, gap, added) = (padding.Along(rank, place), stride.Along(rank, place), dilation.Along(rank, place), outputPadding.Along(rank, place));
        var size = x.Shape[2..].Select((n, axis) =>
        {
            var (p, s, d, k, more) = (cut[axis], step[axis], gap[axis], w.Shape[axis + 2], added[axis]);
            if (more >= s && s > 0)
            {
                throw new ShapeError(place, $"outputPadding {outputPadding} must be below the stride {stride}: a stride leaves no more open",
                    [$"outputPadding {Math.Max(0, step.Min() - 1)}"]);
            }

            return (n - 1L) * s - 2L * p + (long)d * (k - 1) + 1 + more is >= 1 and var enlarged
                ? Shape.Fit(enlarged, place)
                : throw new ShapeError(place, $"axis {axis + 2}: ({n} − 1)·{s} − 2·{p} + {d}·({k} − 1) + 1 + {more} must be at least 1",
                    ["padding 0"]);
        });
        return new ConvolutionInput(new Window(step, cut, cut, gap), groups, [x.Shape[0], Shape.Fit((long)w.Shape[1] * groups, place), .. size]).Of(x, w);
    }
}
