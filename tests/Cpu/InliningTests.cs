using System.Collections.Concurrent;
using System.Diagnostics.Tracing;
using System.Reflection.Emit;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using static AutoDiffCnn.Functions;

namespace AutoDiffCnn.Tests;

/// <summary>The runtime inlines only so many calls into one method. What it keeps as a call keeps its registers in memory:
/// a kernel then takes several times as long, and no result is different. So the runtime is asked.</summary>
[Collection(nameof(Alone))]
public class InliningTests
{
    private const string End = "the end";

    // Sizes that no other test has, since a kernel is emitted once in a process.
    [Fact]
    public void Nothing_that_a_kernel_does_stays_a_call()
    {
        using var inlinings = new Inlinings();
        var (x, w, dy) = (Variable("x", [64, 1, 31, 29]), Variable("w", [7, 1, 5, 5]), Variable("dy", [64, 7, 27, 25]));
        var (wide, kernel) = (Variable("wide", [2, 48, 19, 23]), Variable("kernel", [80, 48, 5, 3]));
        var y = Gelu(new Convolution(Window.Of(2)).Of(x, w));
        var z = Tanh(new Convolution(Window.Of(2, pad: 1)).Of(wide, kernel));
        Run([Gradient.Of(Sum(new Convolution(Window.Of(2)).Of(x, w) * dy), [x])[0]], w, dy);
        Run([y, .. Gradient.Of(Sum(y * y), [w])], x, w);
        Run([z, .. Gradient.Of(Sum(z * z), [wide, kernel])], wide, kernel);
        Run([.. Gradient.Of(Sum(Sigmoid(AvgPool(wide, 3, 2))), [wide])], wide);
        var (each, scale) = (Variable("each", [48, 1, 3, 5]), Variable("scale", [48, 1, 1]));
        Run([Relu((new Convolution(Window.Of(2, pad: 1), 48).Of(wide, each) - scale) * scale + scale)], wide, each, scale);

        var (image, point, shift) = (Variable("image", [2, 48, 28, 28]), Variable("point", [64, 48, 1, 1]), Variable("shift", [64, 1, 1]));
        var (batch, few, bias) = (Variable("batch", [16, 8, 13, 14]), Variable("few", [20, 8, 4, 5]), Variable("bias", [20, 1, 1]));
        foreach (var parts in new[] { 1, 2, 3 })
        {
            Run([Long(new Convolution(Window.Of(2)).Of(image, point), shift, parts)], image, point, shift);
            Run([Long(new Convolution(Window.Of(2)).Of(batch, few), bias, parts)], batch, few, bias);
        }

        // Events come in order but late: those of one more method say that all before it are here.
        var end = new DynamicMethod(End, typeof(Vector512<float>), [typeof(Vector512<float>)], typeof(Numerics).Module, skipVisibility: true);
        var il = end.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, ((Func<Vector512<float>, Vector512<float>, Vector512<float>, Vector512<float>>)Numerics.Fma).Method);
        il.Emit(OpCodes.Ret);
        end.CreateDelegate<Func<Vector512<float>, Vector512<float>>>()(default);
        Assert.True(SpinWait.SpinUntil(() => inlinings.Kernels.Contains(End), TimeSpan.FromSeconds(30)), "no event came");
        Assert.True(inlinings.Kernels.Any(kernel => kernel.StartsWith("tile", StringComparison.Ordinal)), string.Join(" ", inlinings.Kernels.Distinct()));
        Assert.True(inlinings.Refused.IsEmpty, string.Join("\n", inlinings.Refused.Distinct()));
    }

    /// <summary>As often as asked what batch norm does, then the activation: as much as an epilogue can be, and more.</summary>
    private static Node Long(Node x, Node a, int parts) => parts == 0 ? Relu(x) : Long((x - a) * a * a + a, a, parts - 1);

    private static void Run(Node[] outputs, params Node[] variables) =>
        Cpu.Compile(outputs, [], Runs.Compiled).Values(Runs.Uniform(variables), outputs);

    /// <summary>What the runtime says of calls of ours in emitted and hand-written kernels.</summary>
    private sealed class Inlinings : EventListener
    {
        private const EventKeywords Jit = (EventKeywords)0x1000;

        /// <summary>The emitted methods with calls that were inlined.</summary>
        public ConcurrentBag<string> Kernels { get; } = [];

        public ConcurrentBag<string> Refused { get; } = [];

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            {
                EnableEvents(eventSource, EventLevel.Verbose, Jit);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            string Of(string name) => eventData.Payload![eventData.PayloadNames!.IndexOf(name)]!.ToString()!;
            var isRefused = eventData.EventName!.StartsWith("MethodJitInliningFailed", StringComparison.Ordinal);
            if (!isRefused && !eventData.EventName.StartsWith("MethodJitInliningSucceeded", StringComparison.Ordinal))
            {
                return;
            }

            var (space, name) = (Of("MethodBeingCompiledNamespace"), Of("MethodBeingCompiledName"));
            if (space == "dynamicClass" && !isRefused)
            {
                Kernels.Add(name);
            }

            // Sixteen floats are several narrow registers: more variables than the runtime counts in a long loop. And what
            // imitates a fused multiply-add is a call at best.
            var isCounted = name == "loop" ? Vector512.IsHardwareAccelerated : Fma.IsSupported || AdvSimd.IsSupported;
            // What is marked so is meant to be a call.
            var isMeant = isRefused && Of("FailReason").StartsWith("noinline per IL", StringComparison.Ordinal);
            if (isRefused && isCounted && !isMeant && (space == "dynamicClass" || space.StartsWith("AutoDiffCnn", StringComparison.Ordinal))
                && IsOfLanes(Of("InlineeNamespace")))
            {
                Refused.Add($"{space}.{name}: {Of("InlineeNamespace")}.{Of("InlineeName")}: {Of("FailReason")}");
            }
        }

        private static bool IsOfLanes(string space) =>
            space is "AutoDiffCnn.Lanes" or "AutoDiffCnn.LaneMath" or "AutoDiffCnn.Numerics" or "AutoDiffCnn.Quads" or "AutoDiffCnn.Tail"
            || space.StartsWith("AutoDiffCnn.Winograd", StringComparison.Ordinal) || space == "AutoDiffCnn.RowWinograd";
    }
}
