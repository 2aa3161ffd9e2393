using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;

namespace FacadeTests;

public class GraphDrawingTests
{
    /// <summary>Random graphs: box i reads some boxes before it, near ones more often.</summary>
    private static readonly Gen<(double[] Widths, (int From, int To)[] Edges)> Random =
        from count in Gen.Choose(1, 60)
        from widths in Gen.Choose(20, 200).ListOf(count)
        from picks in Gen.Choose(0, 1 << 20).ListOf(3 * count)
        select (widths.Select(width => (double)width).ToArray(), picks.Select((pick, i) => (From: i / 3 - 1 - pick % (1 + pick % 17), To: i / 3))
            .Where(edge => edge.From >= 0 && (edge.From + edge.To) % 5 > 0).Distinct().ToArray());

    [Fact]
    public void Boxes_do_not_overlap_edges_go_down_and_lines_pass_between_boxes() => Prop.ForAll(Random.ToArbitrary(), given =>
    {
        var layout = Layered.Of(given.Widths, given.Edges);
        Assert.All(given.Edges, edge => Assert.True(layout.Rows[edge.From] < layout.Rows[edge.To]));
        Assert.All(given.Edges, edge => Assert.True(layout.Ways[edge.From].Length >= layout.Rows[edge.To] - layout.Rows[edge.From] - 1));
        var boxes = given.Widths.Select((width, box) => (Row: layout.Rows[box], Left: layout.Middles[box] - width / 2, Right: layout.Middles[box] + width / 2));
        var lines = layout.Ways.SelectMany((way, box) => way.Select((x, i) => (Row: layout.Rows[box] + 1 + i, Left: x - 3, Right: x + 3)));
        foreach (var row in boxes.Concat(lines).GroupBy(slot => slot.Row))
        {
            var slots = row.OrderBy(slot => slot.Left).ToArray();
            Assert.All(slots.Zip(slots.Skip(1)), pair => Assert.True(pair.First.Right < pair.Second.Left, $"{pair}"));
            Assert.True(slots[0].Left > -1e-6 && slots[^1].Right < layout.Width + 1e-6);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Crossings_are_counted_right() => Prop.ForAll(Gen.Choose(0, 6).Two().ListOf(12).ToArbitrary(), given =>
    {
        var edges = given.Select(pair => (From: pair.Item1, To: 7 + pair.Item2)).Distinct().ToArray();
        var slots = new Layered.Slots([.. Enumerable.Repeat(1.0, 14)], [.. Enumerable.Range(0, 14).Select(i => i / 7)], edges.ToLookup(edge => edge.From, edge => edge.To));
        var count = edges.SelectMany(a => edges.Select(b => (a, b))).Count(pair => pair.a.From < pair.b.From && pair.a.To > pair.b.To);
        Assert.Equal(count, Layered.Crossings(slots, [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12, 13]]));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tree_that_can_be_drawn_without_crossings_is()
    {
        // Written so that boxes in order would cross: parents 1 and 2 have the children 4, 6 and 3, 5.
        var layout = Layered.Of([20, 20, 20, 20, 20, 20, 20], [(0, 1), (0, 2), (1, 4), (1, 6), (2, 3), (2, 5)]);
        Assert.Equal(layout.Middles[1] < layout.Middles[2], layout.Middles[4] < layout.Middles[3] && layout.Middles[6] < layout.Middles[5]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(null)]
    public void Each_node_is_in_exactly_one_box_and_no_box_reads_itself_through_others(int? depth)
    {
        foreach (var graph in (Graph[])[GalleryTests.Training(Models.LeNet5, [2, 1, 28, 28]), GalleryTests.Training(Models.ResNet20, [2, 3, 32, 32]),
            new Graph(Models.GoogLeNet.Build([1, 3, 224, 224]).Output)])
        {
            var boxes = Boxes.Of(graph, depth);
            Assert.Equal(graph.Print().Split('\n').Length - 1, boxes.All.Sum(box => box.Nodes.Length));
            Assert.Equal(boxes.All.Sum(box => box.Nodes.Length), boxes.All.SelectMany(box => box.Nodes).Distinct().Count());
            Assert.All(boxes.Edges, edge => Assert.True(edge.From < edge.To));
            Assert.True(depth is not null || boxes.All.Length <= 60 || boxes.All.Length == Boxes.Of(graph, 1).All.Length);
            var drawn = Drawn.Check(graph.Draw(depth));
            Assert.Equal(boxes.All.Length, Drawn.All(drawn, "rect").Count(rect => rect.Attribute("data-nodes") is not null));
        }
    }

    [Fact]
    public void A_box_that_would_read_itself_is_taken_apart()
    {
        var x = Variable("x", [3]);
        var layer = Layer.Of(Relu);
        var scope = new Scope(Mode.Eval);
        var a = Named("a", layer).Apply(scope, x);
        var outside = Sin(a);
        var again = Tied("b", layer).Apply(scope, outside);
        var twice = Tied("b", layer).Apply(scope, Cos(again));
        var boxes = Boxes.Of(new Graph(twice), 1);
        Assert.Equal(["x", "a", "Sin", "Relu", "Cos", "Relu"], boxes.All.Select(box => box.Title));
    }

    [Fact]
    public void Resnet50_with_all_gradients_is_drawn_in_a_time_that_grows_with_its_size()
    {
        var graph = GalleryTests.Training(Models.ResNet50, [1, 3, 224, 224]);
        var watch = Stopwatch.StartNew();
        Assert.InRange(Boxes.Of(graph, null).All.Length, 20, 120);
        Drawn.Check(graph.Draw());
        Drawn.Check(graph.Draw(depth: 0));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{graph.Nodes.Length} nodes took {watch.Elapsed}");
    }

    [Fact]
    public void A_number_and_hostile_names_have_drawings()
    {
        Assert.Contains("Constant", Drawn.Texts(Drawn.Check(new Graph((Node)Tensor.Of(3)).Draw())));
        var named = Drawn.Check((Variable("<a/href=\"x\">&\0", [2]) + Variable(new string('W', 300), [2])).Draw());
        Assert.Equal(3, Drawn.All(named, "rect").Count(rect => rect.Attribute("data-nodes") is not null));
        Assert.Throws<ArgumentOutOfRangeException>(() => Variable("x", [2]).Draw(depth: -1));
    }

    [Fact]
    public void Under_the_pointer_is_the_formula()
    {
        var (x, w) = (Variable("x", [2, 3]), Variable("w", [3, 4]));
        Assert.Contains("%0 = MatMul(x, w) : [2, 4]\n  x · w", Drawn.All(Drawn.Check(MatMul(x, w).Draw()), "title").Select(title => title.Value));
    }
}
