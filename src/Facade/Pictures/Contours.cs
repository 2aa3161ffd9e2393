using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>Lines of equal height over a rectangle, by marching squares: in each cell of a grid they cross the sides whose ends
/// lie on different sides of the height, at places found by linear interpolation.</summary>
/// <param name="Name">What the height is.</param>
/// <param name="Z">The heights [rows, columns], from low to high y and x.</param>
/// <param name="X">From where to where the columns are.</param>
/// <param name="Y">From where to where the rows are.</param>
/// <param name="Levels">How many lines.</param>
internal sealed record Contours(string Name, Tensor Z, (double Low, double High) X, (double Low, double High) Y, int Levels) : Series(Name)
{
    public override string Type => "contour";

    public override ImmutableArray<double> Xs => [X.Low, X.High];

    public override ImmutableArray<double> Ys => [Y.Low, Y.High];

    public override bool IsExact => true;

    private (int Rows, int Columns) Size => (Z.Shape[0], Z.Shape[1]);

    public override (int Out, int In) Count(bool logX, bool logY)
    {
        var held = Z.ToDoubles().Count(value => Axis.Has(value, log: false));
        return (Z.Count - held, held);
    }

    /// <summary>Heights that divide the heights of the grid into equal shares: where it is steep, lines lie no denser.</summary>
    public ImmutableArray<double> Heights()
    {
        var sorted = Z.ToDoubles().Where(value => Axis.Has(value, log: false)).Order().ToArray();
        return [.. Enumerable.Range(0, Levels).Select(i => sorted[(int)((i + 0.5) / Levels * sorted.Length)]).Distinct()];
    }

    public override IEnumerable<XElement> Draw(Frame frame, int number)
    {
        var heights = Heights();

        // The ends of the colours would be lost on a dark or a light ground.
        var colours = new ColourMap(-0.4 * Levels, 1.35 * Levels, false);
        foreach (var (i, height) in heights.Index())
        {
            var lines = Lines(height).Select(line => "M" + string.Join("L", line.Select(at =>
                $"{Ink.N(frame.Px(X.Low + at.X * (X.High - X.Low)))} {Ink.N(frame.Py(Y.Low + at.Y * (Y.High - Y.Low)))}")));
            if (string.Concat(lines) is { Length: > 0 } path)
            {
                yield return Ink.Element("path", Ink.Of("d", path), Ink.Of("fill", "none"), Ink.Of("stroke", colours.Hex(i)), Ink.Of("stroke-width", 1.2),
                    Ink.Hover($"{(Name.Length > 0 ? Name : "height")} {Axis.Short(height)}"));
            }
        }
    }

    public override JsonObject Json() => new()
    {
        ["type"] = "contour",
        ["name"] = Ink.Clean(Name),
        ["x"] = Numbers(Enumerable.Range(0, Size.Columns).Select(i => X.Low + (X.High - X.Low) * i / (Size.Columns - 1))),
        ["y"] = Numbers(Enumerable.Range(0, Size.Rows).Select(i => Y.Low + (Y.High - Y.Low) * i / (Size.Rows - 1))),
        ["z"] = new JsonArray([.. Enumerable.Range(0, Size.Rows).Select(row => Numbers(Z.Part(row).ToDoubles()))]),
        ["ncontours"] = Levels,
        ["colorscale"] = "Viridis",
        ["contours"] = new JsonObject { ["coloring"] = "lines" },
    };

    /// <summary>The lines at a height, from 0 to 1 in both directions.</summary>
    public IEnumerable<List<(double X, double Y)>> Lines(double height)
    {
        // What crosses a side of a cell; a side is where it begins, and whether it goes right or up.
        var ways = new Dictionary<(int, int, bool), List<(int, int, bool)>>();
        for (var row = 0; row < Size.Rows - 1; row++)
        {
            for (var column = 0; column < Size.Columns - 1; column++)
            {
                foreach (var (from, to) in Crossed(row, column, height))
                {
                    (ways.TryGetValue(from, out var known) ? known : ways[from] = []).Add(to);
                    (ways.TryGetValue(to, out known) ? known : ways[to] = []).Add(from);
                }
            }
        }

        // First lines that end at the border, then those that are closed.
        foreach (var start in ways.Keys.Where(side => ways[side].Count == 1).Concat(ways.Keys).ToArray())
        {
            var line = new List<(double, double)>();
            for (var at = start; ways[at].Count > 0;)
            {
                var next = ways[at][0];
                ways[at].Remove(next);
                ways[next].Remove(at);
                line.Add(Place(at, height));
                at = next;
                if (ways[at].Count == 0)
                {
                    line.Add(Place(at, height));
                }
            }

            if (line.Count > 0)
            {
                yield return line;
            }
        }
    }

    /// <summary>Which sides of a cell lines join: none, two, or where opposite corners are alike two times two, so that the
    /// middle goes with the corners on its side.</summary>
    private IEnumerable<((int, int, bool), (int, int, bool))> Crossed(int row, int column, double height)
    {
        double[] corners = [Z[row, column], Z[row, column + 1], Z[row + 1, column + 1], Z[row + 1, column]];
        if (!corners.All(corner => Axis.Has(corner, log: false)))
        {
            yield break;
        }

        var above = corners.Select(corner => corner > height).ToArray();
        (int, int, bool)[] sides = [(row, column, true), (row, column + 1, false), (row + 1, column, true), (row, column, false)];
        var crossed = Enumerable.Range(0, 4).Where(side => above[side] != above[(side + 1) % 4]).ToArray();
        if (crossed.Length == 2)
        {
            yield return (sides[crossed[0]], sides[crossed[1]]);
        }
        else if (crossed.Length == 4)
        {
            var together = corners.Average() > height == above[0];
            yield return (sides[0], sides[together ? 1 : 3]);
            yield return (sides[2], sides[together ? 3 : 1]);
        }
    }

    private (double X, double Y) Place((int Row, int Column, bool IsRight) side, double height)
    {
        var (row, column, isRight) = side;
        var (from, to) = (Z[row, column], isRight ? Z[row, column + 1] : Z[row + 1, column]);
        var share = (height - from) / (to - from);
        return ((column + (isRight ? share : 0)) / (Size.Columns - 1), (row + (isRight ? 0 : share)) / (Size.Rows - 1));
    }
}
