using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OnnxTests;

/// <summary>A file for a runtime, with what it is fed in each run.</summary>
internal sealed record Task(string File, IReadOnlyList<(Node Variable, Tensor Value)>[] Feeds);

/// <summary>What a runtime made of a file: the outputs of each run by name, or why it did not.</summary>
internal sealed record Answer(IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Given, string? Error)
{
    public IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Runs => Error is null ? Given : throw new InvalidOperationException(Error);
}

/// <summary>ONNX Runtime, and onnx's checker: programs that know nothing of ours.</summary>
internal static class Runtime
{
    private static readonly string folder = Path.Combine(Here(), "ort");

    public static string? Missing { get; } = !Tools.Has("node") ? "node"
        : Directory.Exists(Path.Combine(folder, "node_modules", "onnxruntime-node")) ? null : "onnxruntime-node";

    public static string? MissingChecker { get; } =
        Tools.Has("python3") && Tools.Start("/usr/bin/python3", ["-c", "import onnx"]).Exit == 0 ? null : "Python's onnx";

    /// <summary>All files in one process, which takes long to start.</summary>
    public static Answer[] Run(params IReadOnlyList<Task> tasks)
    {
        var request = new JsonArray([.. tasks.Select(task => new JsonObject
        {
            ["file"] = task.File,
            ["feeds"] = new JsonArray([.. task.Feeds.Select(feeds => new JsonObject(feeds.Select(feed =>
                KeyValuePair.Create(feed.Variable.Op.Name, (JsonNode?)Written(feed.Value, feed.Variable.Kind)))))]),
        })]);
        var output = Tools.Output("node", [Path.Combine(folder, "run.js")], request.ToJsonString());
        return [.. JsonNode.Parse(output)!.AsArray().Select(answer => answer!["error"] is { } message
            ? new Answer([], (string)message!)
            : new Answer([.. answer["results"]!.AsArray().Select(run =>
                (IReadOnlyDictionary<string, Tensor>)run!.AsObject().ToDictionary(pair => pair.Key, pair => Read(pair.Value!)))], null))];
    }

    /// <summary>What a program prints that is run in a folder and uses the runtime.</summary>
    public static string Node(string place, string program)
    {
        Directory.CreateSymbolicLink(Path.Combine(place, "node_modules"), Path.Combine(folder, "node_modules"));
        return Tools.Output("node", [program], folder: place);
    }

    /// <summary>What the checker says of each file: ok, or what is wrong.</summary>
    public static string[] Check(params IReadOnlyList<string> files)
    {
        return Tools.Output("/usr/bin/python3", [Path.Combine(folder, "check.py"), .. files]).TrimEnd('\n').Split('\n');
    }

    private static JsonObject Written(Tensor value, Kind kind) => new()
    {
        ["type"] = kind == Kind.Real ? "float32" : "int64",
        ["dims"] = new JsonArray([.. value.Shape.Select(size => (JsonNode)size)]),
        ["data"] = Convert.ToBase64String(kind == Kind.Real
            ? MemoryMarshal.AsBytes(value.Singles)
            : MemoryMarshal.AsBytes(value.ToDoubles().Select(number => (long)number).ToArray().AsSpan())),
    };

    private static Tensor Read(JsonNode tensor)
    {
        var shape = Shape.From(tensor["dims"]!.AsArray().Select(size => (int)size!));
        var bytes = Convert.FromBase64String((string)tensor["data"]!);
        return (string)tensor["type"]! == "float32"
            ? Tensor.Of(shape, MemoryMarshal.Cast<byte, float>(bytes))
            : Tensor.Of(shape, MemoryMarshal.Cast<byte, long>(bytes).ToArray().Select(number => (double)number).ToArray());
    }

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(Path.GetDirectoryName(here))!;
}

/// <summary>A test that runs files in ONNX Runtime, which test.sh installs where it can; skipped with what is
/// missing.</summary>
internal sealed class RuntimeFactAttribute : FactAttribute
{
    public RuntimeFactAttribute() =>
        Skip = Runtime.Missing is { } missing ? $"{missing} could not be installed; see test.sh" : null;
}

/// <summary>A test that asks onnx's own checker; skipped where there is none.</summary>
internal sealed class CheckerFactAttribute : FactAttribute
{
    public CheckerFactAttribute() => Skip = Runtime.MissingChecker is { } missing ? $"{missing} is not there" : null;
}
