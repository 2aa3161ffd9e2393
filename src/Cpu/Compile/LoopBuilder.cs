using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Makes the loop that computes some nodes and sums.</summary>
internal sealed class LoopBuilder
{
    // Rows at least so long are summed in registers, even if the sums of all rows are to be added.
    private const long LongRow = 256;

    // So short a row of sums would wait for itself from row to row, unless rows are joined.
    private const long ShortRow = 64;

    private readonly Func<Node, int> buffer;
    private readonly ImmutableArray<Node> computed;
    private readonly ImmutableArray<Node> sums;
    private readonly ImmutableArray<View> views;
    private readonly List<Node> sources = [];
    private readonly Dictionary<Node, int> places = [];

    /// <summary>The loop over a shape.</summary>
    /// <param name="buffer">The buffer of a node's value.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="computed">The elementwise nodes, or a broadcast that is wanted itself.</param>
    /// <param name="sums">The sums, all over the same axes.</param>
    /// <param name="others">Shapes of further values whose axes must be told apart.</param>
    public LoopBuilder(Func<Node, int> buffer, Shape shape, ImmutableArray<Node> computed, ImmutableArray<Node> sums,
        IReadOnlyList<Shape>? others = null)
    {
        (this.buffer, this.computed, this.sums) = (buffer, computed, sums);
        foreach (var read in computed.SelectMany(node => node.Op is Broadcast ? [node] : node.Inputs.AsEnumerable())
            .Concat(sums.Select(sum => sum.Inputs[0])).Where(read => Unit.IsRead(read) || !computed.Contains(read)))
        {
            if (places.TryAdd(read, sources.Count))
            {
                sources.Add(read);
            }
        }

        for (var i = 0; i < computed.Length; i++)
        {
            if (computed[i].Op is not Broadcast)
            {
                places.Add(computed[i], sources.Count + i);
            }
        }

        (Space, views) = Space.Of(shape, [.. sources.Select(source => Unit.IsPart(source) ? PartOf(source) : Whole(Seen(source))),
            .. (others ?? []).Select(Whole), .. sums.Select(sum => Whole(sum.Shape))]);

        Strided Whole(Shape seen) => new(0, AutoDiffCnn.Seen.Repeated(seen, shape));

        static Strided PartOf(Node part)
        {
            var seen = AutoDiffCnn.Seen.Through(part);
            return new(seen.Start, seen.Steps);
        }
    }

    /// <summary>The elements.</summary>
    public Space Space { get; }

    /// <summary>Where the sums go.</summary>
    public View Kept => views[^1];

    /// <summary>How the sums are added up; null if the way in which operands are repeated does not allow it.</summary>
    public FoldKind? Kind => Kept switch
    {
        { Column: not 0, Row: not 0 } => null,
        { Column: not 0 } => FoldKind.Across,
        { Row: 0 } when Space.Rows > 1 && Space.Columns < LongRow && (CanJoin || Space.Columns >= ShortRow) => FoldKind.Across,
        _ => FoldKind.Along,
    };

    private bool CanJoin => views.All(view => view.Row == 0 || view.Row == Space.Columns && view.Column == 1);

    /// <summary>The loop.</summary>
    /// <param name="stored">The nodes that are written, and where to.</param>
    /// <param name="fold">How sums are added up; null for a loop without.</param>
    /// <param name="emitFrom">After how many elements it is compiled.</param>
    /// <param name="given">A source that whoever runs the loop computes for each block: a broadcast of one float for
    /// each sum.</param>
    /// <param name="mayJoin">Whether rows may be joined.</param>
    /// <param name="streams">Whether what is written goes past the caches.</param>
    public Loop Build(ImmutableArray<Stored> stored, FoldKind? fold, long emitFrom, Node? given = null,
        bool mayJoin = true, bool streams = false)
    {
        ImmutableArray<Operand> operands = [.. sources.Select((source, i) => source == given
            ? new Operand(Operand.Given, fold == FoldKind.Along ? new([], 1, 0) : new([], 0, 1))
            : OperandOf(source, views[i]))];
        var body = new LoopBody([.. operands.Select(operand => operand.Kind)], [.. computed.Select(InstructionOf)],
            [.. stored.Select(pair => PlaceOf(pair.Node))],
            fold is { } kind ? [.. sums.Select(sum => new Fold(places[sum.Inputs[0]], kind))] : [],
            streams);
        return new Loop(LoopCode.Of(body, Space.Elements, emitFrom), Space,
            [.. operands, .. stored.Select(pair => new Operand(pair.Buffer, Space.Dense))], mayJoin);
    }

    // A broadcast that is wanted itself is both a source and a result.
    private int PlaceOf(Node node) => node.Op is Broadcast ? sources.Count + computed.IndexOf(node) : places[node];

    private Instruction InstructionOf(Node node)
    {
        var formula = node.Op is IElementwise map ? Formula.Of(map) : Formula.Copy;
        var inputs = node.Op is Broadcast ? [places[node]] : node.Inputs.Select(input => places[input]).ToArray();
        return new(formula, inputs[0], inputs[inputs.Length > 1 ? 1 : 0], inputs[^1]);
    }

    private Operand OperandOf(Node source, View view)
    {
        var origin = Unit.Origin(source);
        return Unit.IsNumber(origin)
            ? new(Operand.Given, null, (float)((Constant)origin.Op).Value.At(0))
            : new(buffer(origin), view, IsIndex: Unit.IsRow(source));
    }

    /// <summary>The shape of what is read: a broadcast's is that of what it repeats, a part's its own.</summary>
    public static Shape Seen(Node source) => Unit.Origin(source) switch
    {
        var number when Unit.IsNumber(number) => [],
        var index when Unit.IsRow(source) => [.. index.Shape, 1],
        _ when Unit.IsPart(source) => source.Shape,
        var origin => origin.Shape,
    };
}

/// <summary>A node that a loop writes, and where to.</summary>
internal sealed record Stored(Node Node, int Buffer);
