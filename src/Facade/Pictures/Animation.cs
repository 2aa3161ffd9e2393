using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>A matrix in an animation.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Columns">How many columns.</param>
internal sealed record Panel(string Title, int Rows, int Columns);

/// <summary>One picture of an animation.</summary>
/// <param name="Texts">What stands in the cells: for each panel its texts, row by row.</param>
/// <param name="Marked">The cells that this step is about: panel, row, column.</param>
/// <param name="Caption">What happens, in lines.</param>
internal sealed record Scene(ImmutableArray<ImmutableArray<string>> Texts, ImmutableArray<(int Panel, int Row, int Column)> Marked, ImmutableArray<string> Caption);

/// <summary>Matrices side by side that change step by step. The style moves it, so it needs no script; where styles are stripped,
/// and for those who asked for less motion, it is its first picture.</summary>
internal static class Animation
{
    private const double Margin = 14;
    private const double Height = 28;
    private const double Gap = 34;
    private const double SecondsEach = 1.6;

    public static Picture Of(string title, ImmutableArray<Panel> panels, ImmutableArray<Scene> scenes)
    {
        var widths = panels.Select((_, panel) => 16 + scenes.Max(scene => scene.Texts[panel].Max(text => Ink.Width(text)))).Select(width => Math.Max(width, 30)).ToArray();
        var lefts = panels.Select((_, panel) => Margin + Enumerable.Range(0, panel).Sum(before => Wide(before) + Gap)).ToArray();
        var top = Margin + 2 * Ink.Line + 8;
        var below = top + panels.Max(panel => panel.Rows) * Height + 26;
        var captions = scenes.Max(scene => scene.Caption.Length);
        var width = Math.Max(lefts[^1] + Wide(panels.Length - 1), scenes.Max(scene => scene.Caption.Max(line => Ink.Width(line)) + Margin)) + Margin;
        return Ink.Sheet(Math.Max(width, Ink.Width(title, 14) + 2 * Margin), below + captions * Ink.Line, title,
        [
            Ink.Text(Margin, Margin + Ink.Letter, title, "start", null, Ink.Of("font-weight", "bold"), Ink.Of("font-size", 13)),
            .. panels.SelectMany((panel, p) => Base(p)),
            .. scenes.Index().Select(pair => Ink.Group(Ink.Of("class", $"of{scenes.Length} step{pair.Index}"), pair.Index == 0 ? null : Ink.Of("visibility", "hidden"), Changing(pair.Item))),
        ], Rules(scenes.Length));

        double Wide(int panel) => panels[panel].Columns * widths[panel];

        // What is the same in all steps: the grid and the texts that stay.
        IEnumerable<XElement> Base(int p)
        {
            yield return Ink.Text(lefts[p], top - 8, Ink.Fit(panels[p].Title, Wide(p) + Gap - 6), "start", Tint.Quiet);
            for (var i = 0; i < panels[p].Rows * panels[p].Columns; i++)
            {
                yield return Cell(p, i, Tint.Panel);
                if (Stays(p, i))
                {
                    yield return Text(p, i, scenes[0].Texts[p][i], false);
                }
            }
        }

        IEnumerable<XElement> Changing(Scene scene)
        {
            foreach (var (p, row, column) in scene.Marked)
            {
                yield return Cell(p, row * panels[p].Columns + column, p == panels.Length - 1 ? Tint.Backward : Tint.Forward);
            }

            foreach (var (p, panel) in panels.Index())
            {
                for (var i = 0; i < panel.Rows * panel.Columns; i++)
                {
                    var isMarked = scene.Marked.Contains((p, i / panel.Columns, i % panel.Columns));
                    if (isMarked || !Stays(p, i))
                    {
                        yield return Text(p, i, scene.Texts[p][i], isMarked);
                    }
                }
            }

            foreach (var (i, line) in scene.Caption.Index())
            {
                yield return Ink.Text(Margin, below + i * Ink.Line, line);
            }
        }

        bool Stays(int p, int i) => scenes.All(scene => scene.Texts[p][i] == scenes[0].Texts[p][i]);

        XElement Cell(int p, int i, Tint fill) => Ink.Rect(lefts[p] + i % panels[p].Columns * widths[p] + 1, top + i / panels[p].Columns * Height + 1, widths[p] - 2, Height - 2, fill);

        XElement Text(int p, int i, string text, bool isMarked) => Ink.Text(lefts[p] + (i % panels[p].Columns + 0.5) * widths[p],
            top + i / panels[p].Columns * Height + Height / 2 + 4, text, "middle", null, isMarked ? Ink.Of("font-weight", "bold") : null);
    }

    /// <summary>How the steps take turns. A page may have the styles of several such pictures, so the rules are for pictures of
    /// so many steps.</summary>
    private static string Rules(int steps)
    {
        static string N(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
        return $"@keyframes adc{steps}{{0%{{visibility:visible}}{N(100.0 / steps)}%{{visibility:hidden}}100%{{visibility:hidden}}}}@media (prefers-reduced-motion:no-preference){{"
            + $".adc .of{steps}{{animation:adc{steps} {N(steps * SecondsEach)}s step-end infinite}}"
            + string.Concat(Enumerable.Range(1, steps - 1).Select(step => $".adc .step{step}{{animation-delay:{N(step * SecondsEach)}s}}")) + "}";
    }
}
