namespace AutoDiffCnn.Tests.Ops;

/// <summary>The worked numbers and formulas of the sources about back-propagation and learning, each test named by
/// its row.</summary>
public class WorkedGradientsTests
{
    private static readonly Key key = Key.Of(11);

    private static void Close(Tensor expected, Tensor given, double tolerance = 1e-12)
    {
        Assert.Equal(expected.Shape, given.Shape);
        Assert.All(Enumerable.Range(0, given.Count), i => Assert.Equal(expected.At(i), given.At(i), tolerance));
    }

    [Fact]
    public void A11_a_dense_layer_forgets_what_a_convolution_keeps_when_the_image_is_shifted()
    {
        var tiger = Pad(Tensor.Of([[1, 2], [3, 4]]), [0, 0], [3, 3]);
        var moved = Pad(Tensor.Of([[1, 2], [3, 4]]), [2, 1], [1, 2]);
        var w = key.Normal([1, 25]);
        var kernel = key.FoldIn(1).Normal([2, 2]);

        // The map's maximum moves along; the dense neuron sees other weights and so another number.
        Assert.Equal(Max(CrossCorrelate(tiger, kernel, Full)).Value.Scalar, Max(CrossCorrelate(moved, kernel, Full)).Value.Scalar, 1e-14);
        Assert.NotEqual(Dense(Reshape(tiger, [1, 25]), w).Value, Dense(Reshape(moved, [1, 25]), w).Value);
    }

    [Fact]
    public void D16_softmax_and_cross_entropy_give_p_minus_y()
    {
        var z = Variable("z", [3, 4]);
        var at = key.Normal([3, 4]);
        var labels = Indices(Tensor.Of([2, 0, 3]));
        var y = OneHot(labels, 4).Value;
        var p = Softmax(at).Value;
        var expected = Tensor.From([3, 4], i => (p.At(i) - y.At(i)) / 3);
        Close(expected, Reference.Run(Gradient.Of(SoftmaxCrossEntropy(z, labels), z), (z, at)));
    }

    [Fact]
    public void D18_D19_the_errors_of_a_dense_network()
    {
        var (a0, w1, w2) = (key.Normal([5, 3]), key.FoldIn(1).Normal([3, 4]), key.FoldIn(2).Normal([4, 2]));
        var (x, u1, u2) = (Variable("a0", [5, 3]), Variable("w1", [3, 4]), Variable("w2", [4, 2]));
        var (b1, b2) = (Variable("b1", [4]), Variable("b2", [2]));
        var z1 = MatMul(x, u1) + b1;
        var z2 = MatMul(Tanh(z1), u2) + b2;
        var loss = Sum(Square(Sigmoid(z2)));
        var values = new Dictionary<Node, Tensor> { [x] = a0, [u1] = w1, [u2] = w2, [b1] = key.Normal([4]), [b2] = key.Normal([2]) };

        // By hand: δ² = dA ⊙ g'(z²), δ¹ = (δ² w²ᵀ) ⊙ g'(z¹), ∇w = aᵀδ, ∇b = Σδ, δ⁰ = δ¹ w¹ᵀ.
        var (a1, a2) = (Tanh(z1), Sigmoid(z2));
        var delta2 = 2 * a2 * (a2 * (1 - a2));
        var delta1 = MatMul(delta2, Transpose(u2)) * (1 - a1 * a1);
        Node[] byHand = [MatMul(Transpose(a1), delta2), Sum(delta2, [0]), MatMul(Transpose(x), delta1), Sum(delta1, [0]), MatMul(delta1, Transpose(u1))];
        var expected = Reference.Run([.. byHand], values);
        var given = Reference.Run(Gradient.Of(loss, [u2, b2, u1, b1, x]), values);
        for (var i = 0; i < given.Length; i++)
        {
            Close(expected[i], given[i]);
        }
    }

    [Fact]
    public void D20_the_error_goes_back_through_the_full_convolution_with_the_turned_kernel()
    {
        var (image, kernel, error) = (Variable("x", [4, 4]), key.Normal([3, 3]), key.FoldIn(1).Normal([2, 2]));
        var dx = Gradient.Vjp(CrossCorrelate(image, kernel), error, [image])[0].Value;
        Close(CrossCorrelate(Pad2D(error, 2), Rotate180(kernel, 0)).Value, dx, 1e-14);
        Close(Convolve(error, kernel, Full).Value, dx, 1e-14);
    }

    [Theory, InlineData(2), InlineData(3)]
    public void D21_a_stride_dilates_the_error(int stride)
    {
        var size = 3 + 2 * stride;
        var (image, kernel, error) = (Variable("x", [size, size]), key.Normal([3, 3]), key.FoldIn(1).Normal([3, 3]));
        var dx = Gradient.Vjp(CrossCorrelate(image, kernel, stride: stride), error, [image])[0].Value;
        Close(Convolve(Dilate(error, [stride, stride]), kernel, Full).Value, dx, 1e-14);
    }

    [Fact]
    public void D22_each_channels_error_is_the_sum_over_the_filters()
    {
        var (x, w, error) = (Variable("x", [1, 2, 4, 4]), key.Normal([3, 2, 3, 3]), key.FoldIn(1).Normal([1, 3, 2, 2]));
        var dx = Gradient.Vjp(Conv2D(x, w), error, [x])[0].Value;
        for (var c = 0; c < 2; c++)
        {
            var sum = Enumerable.Range(0, 3).Aggregate(Zeros([4, 4]), (total, d) => total
                + Convolve(Tensor.Of([2, 2], error.Slice(0, 1).Part(0).Part(d).Doubles), Tensor.Of([3, 3], w.Part(d).Part(c).Doubles), Full));
            Close(sum.Value, dx.Part(0).Part(c), 1e-13);
        }
    }

    [Fact]
    public void D23_the_kernels_gradient_is_the_input_correlated_with_the_error()
    {
        var (image, kernel, error) = (key.Normal([5, 5]), Variable("w", [3, 3]), key.FoldIn(1).Normal([3, 3]));
        Close(CrossCorrelate(image, error).Value, Gradient.Vjp(CrossCorrelate(image, kernel), error, [kernel])[0].Value, 1e-14);

        // With a stride: with the dilated error, and what the stride left over cropped.
        var coarse = key.FoldIn(2).Normal([2, 2]);
        var dw = Gradient.Vjp(CrossCorrelate(key.Normal([6, 6]), kernel, stride: 2), coarse, [kernel])[0].Value;
        Close(Slice(CrossCorrelate(key.Normal([6, 6]), Dilate(coarse, [2, 2])), [0, 0], [3, 3]).Value, dw, 1e-14);
    }

    [Fact]
    public void D24_D25_the_kernels_gradient_is_a_sum_of_slices_and_the_biass_the_sum_of_the_error()
    {
        var (image, kernel, bias, error) = (key.Normal([4, 4]), Variable("w", [2, 2]), Variable("b", []), key.FoldIn(1).Normal([3, 3]));
        var given = Gradient.Vjp(CrossCorrelate(image, kernel) + bias, error, [kernel, bias]);
        var slices = Zeros([2, 2]);
        for (var m = 0; m < 3; m++)
            for (var n = 0; n < 3; n++)
                slices += Slice(image, [m, n], [2, 2]) * error[m, n];
        Close(slices.Value, given[0].Value, 1e-14);
        Assert.Equal(error.ToDoubles().Sum(), given[1].Value.Scalar, 1e-14);
    }

    [Fact]
    public void D26_the_error_of_a_max_pool_goes_to_the_maximum_alone()
    {
        var x = Variable("x", [1, 1, 4, 4]);
        var at = Tensor.Of([[[[1, 2, 3, 0], [0, 1, 2, 4], [3, 0, 1, 2], [2, 5, 6, 1]]]]);
        var dx = Reference.Run(Gradient.Vjp(MaxPool(x, 2), Tensor.Of([[[[10, 20], [30, 40]]]]), [x])[0], (x, at));
        Assert.Equal(Tensor.Of([[[[0, 10, 0, 0], [0, 0, 0, 20], [0, 0, 0, 0], [0, 30, 40, 0]]]]), dx);
    }

    [Fact]
    public void D27_the_error_of_a_mean_pool_is_shared_equally()
    {
        var x = Variable("x", [1, 1, 4, 4]);
        var dx = Gradient.Vjp(AvgPool(x, 2), Tensor.Of([[[[4, 8], [12, 16]]]]), [x])[0].Value;
        Assert.Equal(Tensor.Of([[[[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]]]), dx);
    }

    [Fact]
    public void D28_below_a_pool_the_error_is_upsampled_and_passes_the_activation()
    {
        var z = Variable("z", [1, 1, 4, 4]);
        var (at, error) = (key.Normal([1, 1, 4, 4]), key.FoldIn(1).Normal([1, 1, 2, 2]));
        var given = Reference.Run(Gradient.Vjp(AvgPool(Tanh(z), 2), error, [z])[0], (z, at));
        var up = Tensor.From([1, 1, 4, 4], i => error[0, 0, i / 8, i % 4 / 2] / 4);
        Close(Tensor.From(at.Shape, i => up.At(i) * (1 - Math.Pow(Math.Tanh(at.At(i)), 2))), given, 1e-14);
    }

    [Fact]
    public void E3_E4_a_kernel_is_learned_as_the_closed_form_says()
    {
        var x = Tensor.From([6, 8], i => i % 8 is >= 2 and < 6 ? 0 : 1);
        var y = CrossCorrelate(x, Tensor.Of([[1, -1]]));
        var w = Variable("w", [1, 2]);
        var loss = Sum(Square(CrossCorrelate(x, w) - y));
        var gradient = Gradient.Of(loss, w);

        // The Hessian is [[36, 24], [24, 36]]: eigenvalues 60 along (1, 1)/√2 and 12 along (1, −1)/√2.
        var rows = Enumerable.Range(0, 2).Select(i => Reference.Run(Gradient.Of(Sum(Part(gradient, 1, i, 1)), w), (w, Tensor.Of([[0, 0]]))));
        Assert.Equal([Tensor.Of([[36, 24]]), Tensor.Of([[24, 36]])], rows);

        // From w = 0 the way to (1, −1) is along the second: c = √2, and 0 along the first.
        double[] printed = [4.915, 0.825, 0.138, 0.023, 0.004];
        const double rate = 3e-2;
        var at = Tensor.Of([[0, 0]]);
        for (var step = 1; step <= 10; step++)
        {
            var values = Reference.Run([loss, gradient], new Dictionary<Node, Tensor> { [w] = at });
            Assert.Equal(0.5 * 12 * Math.Pow(Math.Sqrt(2) * Math.Pow(1 - rate * 12, step - 1), 2), values[0].Scalar, 1e-12);
            if (step % 2 == 0)
            {
                Assert.Equal(printed[step / 2 - 1], values[0].Scalar, 5e-4);
            }

            at = Tensor.From([1, 2], i => at.At(i) - rate * values[1].At(i));
        }

        Close(Tensor.Of([[1 - Math.Pow(0.64, 10), Math.Pow(0.64, 10) - 1]]), at);
        Close(Tensor.Of([[0.9885, -0.9885]]), at, 5e-5);
    }

    [Fact]
    public void E4_the_closed_form_of_a_published_run()
    {
        // The run's first weights follow from its last, (1.0331, −0.9438): each step shrinks the error along (1, 1) by
        // 1 − 60·lr = −0.8 and along (1, −1) by 1 − 12·lr = 0.64.
        var (sum, difference) = (1.0331 - 0.9438, 1.0331 + 0.9438 - 2);
        var (c60, c12) = (sum / Math.Sqrt(2) / Math.Pow(-0.8, 10), difference / Math.Sqrt(2) / Math.Pow(0.64, 10));
        var (x, target) = (Tensor.From([6, 8], i => i % 8 is >= 2 and < 6 ? 0 : 1), Tensor.Of([[1, -1]]));
        var w = Variable("w", [1, 2]);
        var loss = Sum(Square(CrossCorrelate(x, w) - CrossCorrelate(x, target)));
        double[] closed = [11.573, 3.547, 1.253, 0.480, 0.191];
        for (var k = 2; k <= 10; k += 2)
        {
            var (along60, along12) = (c60 * Math.Pow(-0.8, k - 1), c12 * Math.Pow(0.64, k - 1));
            var at = Tensor.Of([[1 + (along60 + along12) / Math.Sqrt(2), -1 + (along60 - along12) / Math.Sqrt(2)]]);
            Assert.Equal(closed[k / 2 - 1], Reference.Run(loss, (w, at)).Scalar, 5e-4);
        }
    }

    /// <summary>Multiply-adds of a convolution: for each output element one for each kernel element that it sums
    /// over.</summary>
    private static long Products(Node y) => y.Shape.Elements * y.Inputs[1].Shape[1..].Elements;

    [Fact]
    public void E7_a_bottleneck_cuts_the_products_nearly_tenfold()
    {
        var x = Zeros([1, 192, 28, 28]);
        var direct = Conv2D(x, Zeros([32, 192, 5, 5]), Same);
        var narrow = Conv2D(x, Zeros([16, 192, 1, 1]));
        var wide = Conv2D(narrow, Zeros([32, 16, 5, 5]), Same);
        Assert.Equal(direct.Shape, wide.Shape);
        Assert.Equal((120_422_400, 2_408_448, 10_035_200), (Products(direct), Products(narrow), Products(wide)));
        Assert.Equal(9.68, Products(direct) / (double)(Products(narrow) + Products(wide)), 0.005);
    }

    [Fact]
    public void E11_a_separable_convolution_costs_1_over_c_out_plus_1_over_k_squared()
    {
        var x = Zeros([1, 3, 6, 6]);
        var full = Conv2D(x, Zeros([5, 3, 3, 3]));
        var depthwise = DepthwiseConv2D(x, Zeros([3, 1, 3, 3]));
        var pointwise = Conv2D(depthwise, Zeros([5, 3, 1, 1]));
        Assert.Equal(full.Shape, pointwise.Shape);
        Assert.Equal((2160, 432, 240), (Products(full), Products(depthwise), Products(pointwise)));
        Assert.Equal(1.0 / 5 + 1.0 / 9, (Products(depthwise) + Products(pointwise)) / (double)Products(full), 1e-15);
    }
}
