using FsCheck;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests;

/// <summary>Units that run together row by row: softmax, its cross-entropy, layer norm.</summary>
public class RowProgramTests
{
    private static readonly Gen<(int Rows, int Columns)> sizes =
        from rows in Gen.Frequency((1, Gen.Constant(1)), (4, Gen.Choose(2, 70)), (1, Gen.Choose(200, 400)))
        from columns in Gen.Frequency((1, Gen.Constant(1)), (4, Gen.Choose(2, 70)), (1, Gen.Elements(128, 1000)))
        select (rows, columns);

    [Fact]
    public void A_softmax_and_its_gradient() => Law.ForAll(sizes, at =>
    {
        var (x, dy) = (Variable("x", [at.Rows, at.Columns]), Variable("dy", [at.Rows, at.Columns]));
        var y = Softmax(x);
        Runs.Agree([y, LogSoftmax(x), Gradient.Vjp(y, dy, [x])[0]], Runs.Uniform(x, dy));
    });

    [Fact]
    public void A_cross_entropy_of_labels_and_its_gradient() => Law.ForAll(
        from at in sizes
        from wrong in Gen.Choose(0, 3)
        select (at, wrong),
        test =>
        {
            var ((rows, columns), wrong) = test;
            var (x, b) = (Variable("x", [rows, columns]), Variable("b", [columns]));
            var labels = Variable("labels", [rows], Kind.Index);
            var loss = SoftmaxCrossEntropy(x + b, labels);
            var values = Runs.Uniform(x, b);

            // A label beyond the classes is none of them.
            values[labels] = Tensor.From([rows], i => i * 7 % (columns + (wrong == 0 ? 1 : 0)));
            Runs.Agree([loss, .. Gradient.Of(loss, [x, b])], values);
        });

    [Fact]
    public void A_layer_norm_and_its_gradient() => Law.ForAll(
        from at in sizes
        from inner in Gen.Choose(1, 3)
        select (at, inner),
        test =>
        {
            var ((rows, columns), inner) = test;
            Shape shape = [rows, inner, columns];
            var (x, dy) = (Variable("x", shape), Variable("dy", shape));
            var (scale, shift) = (Variable("scale", [inner, columns]), Variable("shift", [inner, columns]));
            var (mean, variance) = Moments(x, [1, 2]);
            var y = BatchNorm(x, mean, variance, scale, shift, 0.01);
            Runs.Agree([y, .. Gradient.Vjp(y, dy, [x, scale, shift])], Runs.Uniform(x, dy, scale, shift), 1e-4);
        });

    [Fact]
    public void A_training_step_reads_the_scores_once()
    {
        var (x, labels) = (Variable("x", [4096, 1000]), Variable("labels", [4096], Kind.Index));
        var loss = SoftmaxCrossEntropy(x, labels);
        var plan = Cpu.Compile([loss, Gradient.Of(loss, x)]);
        Assert.Equal(
        [
            "rows Max | Subtract, Exp, SumTo [4096, 1] | Select, SumTo [4096, 1] | Log, Negate, Divide | "
                + "Subtract, Subtract, Select, SumTo [] | Select, Multiply, Add : [4096, 1000]",
            "add 4096 partial sums",
            "loop Negate, Divide : []",
        ], plan.Steps.Select(step => step.Text));
    }

    [Fact]
    public void What_is_not_a_number_stays_in_its_row()
    {
        var x = Variable("x", [40, 33]);
        var values = new Dictionary<Node, Tensor>
        {
            [x] = Tensor.From([40, 33], i => i switch
            {
                50 => double.NaN,
                200 => double.PositiveInfinity,
                400 => double.NegativeInfinity,
                _ => i % 7,
            }),
        };
        Runs.Agree([Softmax(x), Max(x, 1), LogSumExp(x, 1)], values);
    }

    [Fact]
    public void No_program_needs_what_waits_for_its_end()
    {
        var (x, w) = (Variable("x", [20, 30]), Variable("w", [30, 30]));
        var powers = Exp(x - Max(x, 1, keepDims: true));
        var sums = Sum(powers, [1], keepDims: true);
        var turned = MatMul(powers, w) * sums;
        var y = powers / sums + turned / Sum(turned, [1], keepDims: true) * Sum(sums);
        Runs.Agree([y, powers, Sum(y, [0])], Runs.Uniform(x, w), 1e-4);
    }
}
