using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace AutoDiffCnn;

/// <summary>A plan with memory and threads: holds the values of variables and state between runs. Use it from one
/// thread at a time. Disposing it frees the memory at once; otherwise the garbage collector does.</summary>
/// <example><code>
/// var w = Variable("w", []);
/// var plan = Cpu.Compile([], state: [(w, w / 2)]);
/// using var session = plan.Start(threads: 2);
/// session.Set(w, Tensor.Of(8));
/// session.Run();
/// session.Run();
/// session.Get(w) // 2
/// </code></example>
public sealed unsafe partial class Session : IDisposable
{
    private const nuint Alignment = 64;

    // Counts of different threads lie in different lines of the caches, and not in neighbours.
    private const int Line = 32;

    private readonly Team team;
    private readonly IRanks? ranks;
    private readonly Action<int> work;
    private readonly int[] pieces;
    private readonly bool isSerial;
    private readonly int[] taken;
    private readonly int[] prepared;
    private readonly bool[] isNew;
    private readonly HashSet<Node> unset;
    private readonly Dictionary<Node, Turned> turned = [];
    private readonly List<Turned> lent = [];
    private byte* arena;
    private float** buffers;
    private byte* scratch;
    private Exception? failure;

    internal Session(Plan plan, int threads, IRanks? ranks)
    {
        if (threads is < 0 or > 1024)
        {
            throw new ArgumentOutOfRangeException(nameof(threads), threads,
                "The number of threads lies between 1 and 1,024; 0 means as many as the process may use.");
        }

        (Plan, this.ranks) = (plan, ranks);
        team = new Team(threads == 0 ? Environment.ProcessorCount : threads);
        work = Work;
        taken = new int[team.Size * Line];
        pieces = [.. plan.Steps.Select(step => step.Pieces)];
        prepared = [.. Enumerable.Range(0, pieces.Length).Where(i => plan.Steps[i].PreparedFrom >= 0)];
        isNew = [.. plan.Offsets.Select(_ => true)];
        isSerial = pieces.All(count => count <= 1);
        unset = [.. plan.Variables];
        arena = Allocate(plan.ArenaBytes + sizeof(float) * Lanes.Count); // Kernels read the last vector of a stretch to its end.
        scratch = Allocate(ScratchSize * team.Size);
        var rounds = plan.Rounds?.Count ?? 1;
        buffers = (float**)Allocate((long)rounds * plan.Offsets.Length * sizeof(float*));
        GC.AddMemoryPressure(Bytes);
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < plan.Offsets.Length; i++)
            {
                Buffers(round)[i] = (float*)(arena + plan.Offset(i, round));
            }
        }

        foreach (var node in plan.Graph.Nodes)
        {
            if (node.Op is Constant constant)
            {
                MeaningStep.Write(constant.Value, constant.Kind, buffers[plan.Table[node]]);
            }
        }
    }

    /// <summary>Frees the memory of a forgotten session.</summary>
    ~Session() => Free();

    // What the garbage collector does not see, but should know when it decides whether to look for forgotten sessions.
    private long Bytes => Math.Max(1, Plan.ArenaBytes + ScratchSize * team.Size);

    private long ScratchSize => (Plan.ScratchBytes + 63) / 64 * 64;

    /// <summary>What is run.</summary>
    public Plan Plan { get; }

    /// <summary>How many threads work.</summary>
    public int Threads => team.Size;

    /// <summary>The address of each buffer in a round; what is no part of another has the same in each.</summary>
    internal float** Buffers(int round = 0) => buffers + round * Plan.Offsets.Length;

    /// <summary>Gives a variable or a state its value.</summary>
    /// <exception cref="BindingError">The plan has no such variable, or the value does not fit.</exception>
    public void Set(Node variable, Tensor value)
    {
        Reference.CheckBinding(variable, value);
        MeaningStep.Write(value, variable.Kind, Writable(variable));
    }

    /// <summary>The memory of a real variable, state or output, for reading and writing without a copy.</summary>
    /// <remarks>Valid until the session is disposed, or collected because nobody holds it: keep it in a <c>using</c>.
    /// An output's content is valid until the next run. To write or read again after a run, ask again: what was
    /// prepared from a variable is then made anew, and what the plan keeps in another order than [n, c, h, w] is
    /// copied, between the call and the run.</remarks>
    /// <exception cref="BindingError">The plan has no such variable or output, or it is an index.</exception>
    public Span<float> Reals(Node node) => node.Kind == Kind.Real
        ? new Span<float>(Writable(node), (int)node.Shape.Elements)
        : throw new BindingError($"{node.Op.Name} {node.Shape} is an index; Indices gives its memory.");

    /// <summary>The memory of an index variable, state or output, for reading and writing without a copy.</summary>
    /// <exception cref="BindingError">The plan has no such variable or output, or it is real.</exception>
    public Span<int> Indices(Node node) => node.Kind == Kind.Index
        ? new Span<int>(Writable(node), (int)node.Shape.Elements)
        : throw new BindingError($"{node.Op.Name} {node.Shape} is real; Reals gives its memory.");

    /// <summary>A copy of the value of a variable, a state or an output.</summary>
    /// <exception cref="BindingError">The plan has no such variable or output.</exception>
    public Tensor Get(Node node)
    {
        ObjectDisposedException.ThrowIf(arena == null, this);
        return MeaningStep.Read(Seen(Plan.Find(node)), node);
    }

    /// <summary>Runs all steps once: outputs are computed, state takes its next value.</summary>
    /// <exception cref="BindingError">A variable has no value yet.</exception>
    public void Run()
    {
        ObjectDisposedException.ThrowIf(arena == null, this);
        if (unset.Count > 0)
        {
            var names = unset.Select(node => $"{node.Op.Name} {node.Shape}").Order().ToArray();
            throw new BindingError($"variable {string.Join(", ", names)} has no value.");
        }

        foreach (var tensor in lent)
        {
            tensor.ToPlan();
        }

        lent.Clear();

        // What was prepared from variables is made again if one has been written since.
        foreach (var i in prepared)
        {
            pieces[i] = isNew[Plan.Steps[i].PreparedFrom] ? Plan.Steps[i].Pieces : 0;
        }

        failure = null;
        if (isSerial)
        {
            RunAlone();
        }
        else
        {
            team.Run(work);
        }

        if (failure is not null)
        {
            throw new InvalidOperationException($"a step of the plan failed: {failure.Message}", failure);
        }

        Array.Clear(isNew);
    }

    /// <summary>Where a run's time goes: each step with its time in microseconds, the least of some runs, and its
    /// share. What is prepared once, as weights that no run changes are packed, has no share.</summary>
    /// <param name="runs">How often to run; state is carried on as by <see cref="Run"/>.</param>
    /// <exception cref="BindingError">A variable has no value yet.</exception>
    public string Profile(int runs = 20)
    {
        Run();
        var least = Enumerable.Repeat(double.MaxValue, Plan.Steps.Length).ToArray();
        for (var run = 0; run < runs; run++)
        {
            var times = new double[least.Length];
            foreach (var (i, round) in Plan.Waves.SelectMany(wave => wave.Strands.SelectMany(strand => strand.Select(step => (step, wave.Round)))))
            {
                var (step, begin) = (Plan.Steps[i], Stopwatch.GetTimestamp());
                var next = 0;
                team.Run(worker =>
                {
                    for (var piece = Interlocked.Increment(ref next) - 1; piece < step.Pieces; piece = Interlocked.Increment(ref next) - 1)
                    {
                        RunPiece(step, piece, step.Pieces, Buffers(round), (float*)(scratch + worker * ScratchSize));
                    }
                });
                times[i] += Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
            }

            least = [.. least.Zip(times, Math.Min)];
        }

        var all = least.Where((_, i) => Plan.Steps[i].PreparedFrom < 0).Sum();
        string Share(int i) => Plan.Steps[i].PreparedFrom < 0 ? (least[i] / all).ToString("P1", CultureInfo.InvariantCulture) : "once";
        return string.Create(CultureInfo.InvariantCulture, $"{all,10:F1} µs\n") + string.Join('\n', Plan.Steps.Select((step, i) =>
            string.Create(CultureInfo.InvariantCulture, $"{least[i],10:F1} µs {Share(i),6}  {step.Text}")));
    }

    /// <summary>Frees memory and threads.</summary>
    public void Dispose()
    {
        team.Dispose();
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>The memory in which the user sees and writes a tensor.</summary>
    private float* Writable(Node node)
    {
        ObjectDisposedException.ThrowIf(arena == null, this);
        var kept = Plan.Find(node);
        var memory = Seen(kept);
        unset.Remove(node);
        isNew[Plan.Table[kept.Node]] = true;
        if (node.Op is Variable && turned.TryGetValue(node, out var tensor) && !tensor.IsLent)
        {
            tensor.IsLent = true;
            lent.Add(tensor);
        }

        return memory;
    }

    /// <summary>The memory in which the user sees a tensor, with what it holds now.</summary>
    private float* Seen(Kept kept)
    {
        var memory = buffers[Plan.Table[kept.Node]];
        if (kept.IsAsGiven)
        {
            return memory;
        }

        var isKnown = turned.TryGetValue(kept.Given, out var tensor);
        if (!isKnown)
        {
            turned.Add(kept.Given, tensor = new(kept, memory, team));
            GC.AddMemoryPressure(tensor.Bytes);
        }

        if (!tensor!.IsLent && (!isKnown || Plan.IsChanging(kept.Given)))
        {
            tensor.ToUser();
        }

        return tensor.User;
    }

    private static byte* Allocate(long bytes)
    {
        var size = (nuint)Math.Max(64, bytes);
        var memory = (byte*)NativeMemory.AlignedAlloc(size, Alignment);
        NativeMemory.Clear(memory, size);
        return memory;
    }

    private void Free()
    {
        if (buffers == null)
        {
            return;
        }

        foreach (var tensor in turned.Values)
        {
            GC.RemoveMemoryPressure(tensor.Bytes);
            tensor.Dispose();
        }

        GC.RemoveMemoryPressure(Bytes);
        NativeMemory.AlignedFree(arena);
        NativeMemory.AlignedFree(scratch);
        NativeMemory.AlignedFree(buffers);
        arena = scratch = null;
        buffers = null;
    }
}
