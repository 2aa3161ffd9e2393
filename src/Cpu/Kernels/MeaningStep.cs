using System.Collections.Immutable;

namespace AutoDiffCnn;

/// <summary>Runs an op by its meaning, in double precision: how an op of a user's own gets a place in a compiled plan
/// without a kernel. It is as slow as Reference and allocates.</summary>
internal sealed unsafe class MeaningStep(object text, Node node, ImmutableArray<int> sources, int target) : Step(text)
{
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var inputs = new Tensor[sources.Length];
        for (var i = 0; i < sources.Length; i++)
        {
            inputs[i] = Read(buffers[sources[i]], node.Inputs[i]);
        }

        Write(node.Op.ReferenceAll(inputs), node.Kind, buffers[target]);
    }

    /// <summary>The tensor that a buffer holds.</summary>
    public static Tensor Read(float* source, Node node)
    {
        var count = (int)node.Shape.Elements;
        return node.Kind == Kind.Real
            ? Tensor.Of(node.Shape, new ReadOnlySpan<float>(source, count))
            : Tensor.From(node.Shape, i => ((uint*)source)[i]);
    }

    /// <summary>Puts a tensor into a buffer.</summary>
    public static void Write(Tensor value, Kind kind, float* target)
    {
        if (kind == Kind.Real)
        {
            value.CopyTo(new Span<float>(target, value.Count));
            return;
        }

        for (var i = 0; i < value.Count; i++)
        {
            ((uint*)target)[i] = (uint)value.At(i);
        }
    }
}
