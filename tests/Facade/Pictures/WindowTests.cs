using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public class WindowTests
{
    /// <summary>What is seen in the last panel at the last step, row by row.</summary>
    private static string[] Last(Picture picture, int columns)
    {
        var document = Drawn.Check(picture);
        var last = Drawn.All(document, "g").Last();
        var seen = document.Root!.Elements().Concat(last.Elements()).Where(element => element.Name.LocalName == "text" && element.Attribute("text-anchor")?.Value == "middle")
            .GroupBy(text => (X: Drawn.Number(text, "x"), Y: Drawn.Number(text, "y"))).ToDictionary(texts => texts.Key, texts => texts.Last().Value);
        var panel = seen.Keys.Select(at => at.X).Distinct().OrderDescending().Take(columns).ToHashSet();
        return [.. seen.Where(text => panel.Contains(text.Key.X)).OrderBy(text => text.Key.Y).ThenBy(text => text.Key.X).Select(text => text.Value)];
    }

    [Fact]
    public void The_last_step_of_a_convolution_shows_what_the_library_computes() => Prop.ForAll(Gen.Choose(0, 1 << 20).ToArbitrary(), seed =>
    {
        var (h, w, k, l, stride, padding) = (3 + seed % 3, 3 + seed / 3 % 3, 1 + seed / 9 % 3, 1 + seed / 27 % 3, 1 + seed / 81 % 2, seed / 162 % 2);
        var (image, kernel) = (Tensor.From([h, w], i => (i * 7 + seed) % 11 - 4), Tensor.From([k, l], i => (i * 5 + seed) % 7 - 2.5));
        var x = Variable("x", [1, 1, h, w]);
        var y = Conv2D(x, kernel.Reshape([1, 1, k, l]), stride: stride, padding: padding);
        var value = Reference.Run(y, (x, image.Reshape([1, 1, h, w])));
        var shown = Pictures.DrawConvolution(image, kernel, stride, padding);
        Assert.Equal(value.ToDoubles().Select(Axis.Short), Last(shown, value.Shape[3]));

        // The gradient: the last step shows the whole dx.
        var dy = Tensor.From(value.Shape[2..], i => 1 + i % 3);
        var dx = Reference.Run(Gradient.Vjp(y, dy.Reshape(value.Shape), [x])[0]);
        var inside = Last(Pictures.DrawConvolutionGradient(dy, kernel, [h, w], stride, padding), w + 2 * padding).Chunk(w + 2 * padding)
            .Skip(padding).Take(h).SelectMany(row => row[padding..(padding + w)]);
        Assert.Equal(dx.ToDoubles().Select(Axis.Short), inside);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_last_step_of_a_pool_and_its_gradient_shows_all_results()
    {
        var image = Tensor.Of([[1, 5, 3, 0], [0, 1, 2, 9], [3, 0, 8, 2], [7, 3, 0, 1]]);
        Assert.Equal(["5", "9", "7", "8"], Last(Pictures.DrawPool(image, 2), 2));
        Assert.Equal(["1.75", "3.5", "3.25", "2.75"], Last(Pictures.DrawPool(image, 2, average: true), 2));
        var x = Variable("x", [1, 1, 4, 4]);
        foreach (var average in (bool[])[false, true])
        {
            var y = average ? AvgPool(x, 2) : MaxPool(x, 2);
            var dx = Reference.Run(Gradient.Vjp(y, Tensor.Of([1, 1, 2, 2], (ReadOnlySpan<double>)[1, 2, 3, 4]), [x])[0], (x, image.Reshape([1, 1, 4, 4])));
            Assert.Equal(dx.ToDoubles().Select(Axis.Short), Last(Pictures.DrawPoolGradient(image, Tensor.Of([[1, 2], [3, 4]]), 2, average: average), 4));
        }
    }

    [Fact]
    public void Without_styles_the_first_step_is_seen_and_no_other()
    {
        var steps = Drawn.All(Drawn.Check(Pictures.DrawPool(Tensor.Fill([4, 4], 1), 2)), "g").ToArray();
        Assert.Null(steps[0].Attribute("visibility"));
        Assert.All(steps[1..], step => Assert.Equal("hidden", step.Attribute("visibility")?.Value));
        Assert.Contains("prefers-reduced-motion:no-preference", Pictures.DrawPool(Tensor.Fill([4, 4], 1), 2).Text);
    }

    [Fact]
    public void Errors_say_what_does_not_fit()
    {
        static string Message(Action draw) => Assert.Throws<ArgumentException>(draw).Message;
        Assert.Equal("Pictures.DrawPool: the window [5, 5] does not fit in [4, 4] with padding 0. (Parameter 'x')", Message(() => Pictures.DrawPool(Tensor.Fill([4, 4], 1), 5)));
        Assert.Equal("Pictures.DrawPool: 576 windows; at most 100 are drawn. (Parameter 'x')", Message(() => Pictures.DrawPool(Tensor.Fill([24, 24], 1), 1)));
        Assert.Equal("Pictures.DrawPoolGradient: dy is [1, 2], the windows give [2, 2]. (Parameter 'dy')",
            Message(() => Pictures.DrawPoolGradient(Tensor.Fill([4, 4], 1), Tensor.Fill([1, 2], 1), 2)));
    }
}
