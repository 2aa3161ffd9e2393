namespace AutoDiffCnn;

public static partial class Augment
{
    // How bright red, green and blue look (ITU-R BT.601).
    private static readonly double[] Luma = [0.299, 0.587, 0.114];

    // Each pixel's colours by a matrix and an offset of its image.
    private static readonly ImageGraph Colour = new(inputs =>
    {
        var (x, matrices, offsets) = (inputs[0], inputs[1], inputs[2]);
        var pixels = Functions.Reshape(x, [x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3]]);
        return Functions.Reshape(Functions.Clamp(new MatMul().Of(matrices, pixels) + offsets, 0, 1), x.Shape);
    });

    /// <summary>An amount added to every value.</summary>
    /// <param name="low">The least amount; 0 changes nothing.</param>
    /// <param name="high">The largest amount.</param>
    public static Augmentation Brightness(double low, double high) => new(Named("Brightness", low, high),
        (key, x) => Coloured(x, Amounts(key, x, low, high), (_, _, same) => same, (amount, _) => amount));

    /// <summary>Every value's distance to the image's mean times a factor.</summary>
    /// <param name="low">The least factor; 1 changes nothing, 0 leaves the mean.</param>
    /// <param name="high">The largest factor.</param>
    public static Augmentation Contrast(double low, double high) => new(Named("Contrast", low, high), (key, x) =>
    {
        double[] means = [.. Enumerable.Range(0, x.Shape[0]).Select(i => x.Part(i).ToDoubles().Average())];
        return Coloured(x, Amounts(key, x, low, high), (factor, _, same) => factor * same, (factor, i) => (1 - factor) * means[i]);
    });

    /// <summary>Every colour's distance to the grey that looks as bright times a factor.</summary>
    /// <param name="low">The least factor; 1 changes nothing, 0 leaves grey.</param>
    /// <param name="high">The largest factor.</param>
    /// <exception cref="ShapeError">When applied: the images have not three channels.</exception>
    public static Augmentation Saturation(double low, double high) => new(Named("Saturation", low, high), (key, x) => Coloured(
        InColours("Saturation", x), Amounts(key, x, low, high), (factor, from, same) => factor * same + (1 - factor) * Luma[from], (_, _) => 0));

    /// <summary>Every colour turned on the colour wheel by degrees, as bright as before (in the plane of YIQ's I and
    /// Q).</summary>
    /// <param name="low">The least angle; 0 changes nothing.</param>
    /// <param name="high">The largest angle.</param>
    /// <exception cref="ShapeError">When applied: the images have not three channels.</exception>
    public static Augmentation Hue(double low, double high) => new(Named("Hue", low, high), (key, x) =>
    {
        double[][] turns = [.. Amounts(key, InColours("Hue", x), low, high).Select(HueTurn)];
        return Colour.Run(x, Tensor.Of([x.Shape[0], 3, 3], [.. turns.SelectMany(turn => turn)]), Tensor.Fill([x.Shape[0], 3, 1], 0));
    });

    /// <summary>FromYiq · turn · ToYiq, with FromYiq as the exact inverse, so that no turn is the identity.</summary>
    private static double[] HueTurn(double degrees)
    {
        // Two axes across grey (1, 1, 1) that have no brightness: I and Q are read off along them.
        double[] i = [0.596, -0.274, -0.322], q = [0.211, -0.523, 0.312];
        var turn = Turn(degrees);
        var inverse = Inverse([.. Luma, .. i, .. q]);
        double[] turned = [.. Luma, .. i.Zip(q, (a, b) => turn.A * a + turn.B * b), .. i.Zip(q, (a, b) => turn.D * a + turn.E * b)];
        return [.. Enumerable.Range(0, 9).Select(at => Enumerable.Range(0, 3).Sum(k => inverse[at / 3 * 3 + k] * turned[3 * k + at % 3]))];
    }

    /// <summary>The inverse of a matrix of three rows, by cofactors.</summary>
    private static double[] Inverse(double[] m)
    {
        double Cofactor(int row, int column)
        {
            double At(int r, int c) => m[(row + r) % 3 * 3 + (column + c) % 3];
            return At(1, 1) * At(2, 2) - At(1, 2) * At(2, 1);
        }

        var determinant = Enumerable.Range(0, 3).Sum(column => m[column] * Cofactor(0, column));
        return [.. Enumerable.Range(0, 9).Select(at => Cofactor(at % 3, at / 3) / determinant)];
    }

    /// <summary>Colours by a matrix of a weight for the channel that is read and for whether it is the one that is made, and
    /// by an offset for an amount and an image.</summary>
    private static Tensor Coloured(Tensor x, double[] amounts, Func<double, int, double, double> weight, Func<double, int, double> offset)
    {
        var (n, c) = (x.Shape[0], x.Shape[1]);
        return Colour.Run(x,
            Tensor.From([n, c, c], at => weight(amounts[at / (c * c)], at % c, at / c % c == at % c ? 1 : 0)),
            Tensor.From([n, c, 1], at => offset(amounts[at / c], at / c)));
    }

    private static Tensor InColours(string name, Tensor x) => x.Shape[1] == 3
        ? x
        : throw new ShapeError($"{name} on {x.Shape}", $"{x.Shape[1]} channels are not red, green and blue", ["images of 3 channels"]);
}
