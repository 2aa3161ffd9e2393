using System.Text;

namespace AutoDiffCnn;

/// <summary>A composite that readers know by name, such as softmax: the nodes that make it as one op, with the derivative
/// that a textbook gives it. It computes what they compute.</summary>
/// <param name="Body">The nodes.</param>
/// <param name="Title">Its name.</param>
/// <param name="Law">What its chain rule says, in words.</param>
/// <param name="Textbook">From the inputs, y and dy to the cotangent of each input.</param>
/// <param name="Writing">How it is written, from how its inputs are.</param>
internal sealed record Idiom(Body Body, string Title, string Law, Func<IReadOnlyList<Node>, Node, Node, Node?[]> Textbook,
    Func<IReadOnlyList<MathText>, MathText> Writing) : BodyOp(Body)
{
    /// <inheritdoc/>
    public override string Name => Title;

    /// <inheritdoc/>
    public override IEnumerable<Node?> Vjp(IReadOnlyList<Node> inputs, Node y, Node dy) => Textbook(inputs, y, dy);

    /// <inheritdoc/>
    public override MathText Write(Node y, IReadOnlyList<MathText> inputs) => Writing(inputs);

    /// <inheritdoc/>
    public override string ChainRule(int input) => Law;

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder) => false;

    /// <summary>These nodes as one, from its inputs.</summary>
    public static Node Of(Node y, Node[] inputs, string title, string law,
        Func<IReadOnlyList<Node>, Node, Node, Node?[]> textbook, Func<IReadOnlyList<MathText>, MathText> writing)
    {
        Node[] parameters = [.. inputs.Select(Body.Parameter)];
        var body = new Body([.. parameters], new Body([.. inputs], y).On([.. parameters]));
        return new Idiom(body, title, law, textbook, writing).Of(inputs);
    }
}
