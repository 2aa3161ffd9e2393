using System.Runtime.CompilerServices;

namespace AutoDiffCnn;

/// <summary>Turns the weights of a convolution in narrow groups for its transpose: from w[k, target of a group, source of
/// all] to turned[k, source of a group, target of all].</summary>
internal sealed unsafe class TurnGroupsStep(DirectShape shape, int w, int turned, bool once)
    : Step($"turn weights of {shape.Groups} groups")
{
    public override int PreparedFrom => once ? w : -1;

    public override int Pieces => (int)shape.Kernel.Elements;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public override void Run(float** buffers, int piece, float* scratch)
    {
        var (sources, targets, step) = (shape.Sources, shape.Targets, (nint)shape.AllTargets);
        var from = buffers[w] + piece * (nint)targets * shape.AllSources;
        var to = buffers[turned] + piece * sources * step;
        for (var target = 0; target < targets; target++)
        {
            for (var group = 0; group < shape.Groups; group++)
            {
                for (var source = 0; source < sources; source++)
                {
                    to[source * step + group * targets + target] = *from++;
                }
            }
        }
    }
}
