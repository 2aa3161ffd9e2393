using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck.Fluent;

namespace AutoDiffCnn.Tests.Explain;

/// <summary>What the notation of convolutions says is computed from the text that is printed, with plain convolutions,
/// zeros and turned kernels, and is what the ops compute: for random sizes, strides, paddings and dilations.</summary>
public sealed class NotationTests
{
    [Fact]
    public void A_convolution_means_what_it_is_written_as() => Holds<Convolution>((text, a, b, _) => Star(text, a, b));

    [Fact]
    public void D20_D21_an_input_s_error_is_the_padded_and_dilated_error_with_the_turned_kernel() =>
        Holds<ConvolutionInput>((text, dy, w, _) => Star(text, dy, Swapped(w)));

    [Fact]
    public void D23_a_kernel_s_gradient_is_the_input_with_the_dilated_error() => Holds<ConvolutionKernel>((text, x, dy, shape) =>
    {
        var dw = Swapped(Star(text, Swapped(x), Swapped(dy)));
        return Slice(dw, Shape.Repeat(0, shape.Rank), shape);
    });

    private static void Holds<T>(Func<string, Node, Node, Shape, Node> meaning)
        where T : Op2 => Law.ForAll(OpTable.Rows.Single(row => row.Op == typeof(T)).Cases, at =>
    {
        var node = at.Closed();
        var text = node.Op.Write(node, [MathText.Symbol("a"), MathText.Symbol("b")]).Text;
        var groups = node.Op switch { Convolution op => op.Groups, ConvolutionInput op => op.Groups, ConvolutionKernel op => op.Groups, _ => 0 };
        if (groups == 1 && !text.Contains("^T", StringComparison.Ordinal))
        {
            var expected = meaning(text, node.Inputs[0], node.Inputs[1], node.Shape).Value;
            Assert.Equal(expected.Shape, node.Shape);
            Assert.All(Enumerable.Range(0, expected.Count), i => Assert.Equal(expected.At(i), node.Value.At(i), 1e-9));
        }
    }, times: 60);

    /// <summary>a (*) b, each side with what is done to it.</summary>
    private static Node Star(string text, Node a, Node b)
    {
        var match = Regex.Match(text, @"^(.*) \(\*\)([\dx]*) (.*)$");
        var rank = a.Shape.Rank - 2;
        var stride = match.Groups[2].Value.Length == 0 ? Shape.Repeat(1, rank) : Numbers(match.Groups[2].Value, rank);
        var window = new Window(stride, Shape.Repeat(0, rank), Shape.Repeat(0, rank), Shape.Repeat(1, rank));
        return new Convolution(window).Of(Done(match.Groups[1].Value, a), Done(match.Groups[3].Value, b));
    }

    private static Node Done(string text, Node x)
    {
        var match = Regex.Match(text, @"^(\w+)\((.*?)(?:, ([^()]*))?\)$");
        if (!match.Success)
        {
            return x;
        }

        var (inner, argument, rank) = (Done(match.Groups[2].Value, x), match.Groups[3].Value, x.Shape.Rank - 2);
        var size = inner.Shape;
        switch (match.Groups[1].Value)
        {
            case "rot180" or "reverse":
                return new Reverse(Shape.From(Enumerable.Range(2, rank))).Of(inner);
            case "dilate":
                var step = Numbers(argument, rank);
                return new Place(Shape.Repeat(0, rank + 2), [1, 1, .. step],
                    [size[0], size[1], .. step.Select((s, axis) => (size[axis + 2] - 1) * s + 1)]).Of(inner);
            default:
                var sides = argument.Contains(';', StringComparison.Ordinal) || argument.Contains(',', StringComparison.Ordinal)
                    ? [.. argument.Split(';').Select(side => Numbers(side.Replace(", ", "x"), 2))]
                    : Numbers(argument, rank).AsEnumerable().Select(side => Shape.Repeat(side, 2)).ToArray();
                return new Place([0, 0, .. sides.Select(side => side[0])], Shape.Repeat(1, rank + 2),
                    [size[0], size[1], .. sides.Select((side, axis) => size[axis + 2] + side[0] + side[1])]).Of(inner);
        }
    }

    private static Shape Numbers(string text, int rank)
    {
        var numbers = text.Split('x').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return numbers.Length == 1 ? Shape.Repeat(numbers[0], rank) : Shape.From(numbers);
    }

    private static Node Swapped(Node x) => Transpose(x, Shape.From([1, 0, .. Enumerable.Range(2, x.Shape.Rank - 2)]));
}
