using System.IO.MemoryMappedFiles;

namespace AutoDiffCnn;

/// <summary>A safetensors file in the address space: its header is read and checked at once, each tensor when it is
/// asked for, so that one layer of a large model costs no more than that layer.</summary>
/// <remarks>The file must keep its size while it is open: the operating system ends a process that reads behind the end
/// of a mapped file. Any number of threads may read.</remarks>
/// <example><code>
/// Safetensors.Write("w.safetensors", new Dictionary&lt;string, Tensor> { ["w"] = Tensor.Of([1, 2]), ["b"] = Tensor.Of(3) });
/// using var file = Safetensors.Open("w.safetensors");
/// file.Names // [b, w]
/// file.ShapeOf("w") // [2]
/// file["w"] // [1, 2]
/// </code></example>
public sealed class SafetensorsView : IDisposable
{
    private readonly string path;
    private readonly MemoryMappedFile map;
    private readonly Dictionary<string, Safetensors.Entry> entries;
    private readonly long data;

    internal SafetensorsView(string path)
    {
        this.path = path;
        var file = InputFile.Open(path);
        try
        {
            (var list, Metadata, data) = Safetensors.ReadHeader(file, path);
            entries = list.ToDictionary(entry => entry.Name);
            Names = [.. list.Select(entry => entry.Name)];
            map = MemoryMappedFile.CreateFromFile(file, mapName: null, capacity: 0, MemoryMappedFileAccess.Read,
                HandleInheritability.None, leaveOpen: false);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The names of the tensors, in the order of their elements.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The texts that the file carries beside its tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>A tensor, read now.</summary>
    /// <exception cref="KeyNotFoundException">The file has no tensor of this name.</exception>
    public Tensor this[string name]
    {
        get
        {
            var entry = Find(name);
            if (entry.Begin == entry.End)
            {
                return Tensor.Fill(entry.Shape, 0);
            }

            using var bytes = map.CreateViewStream(data + entry.Begin, entry.End - entry.Begin, MemoryMappedFileAccess.Read);
            return Safetensors.ReadElements(bytes, path, entry, data);
        }
    }

    /// <summary>The shape of a tensor, without its elements.</summary>
    /// <exception cref="KeyNotFoundException">The file has no tensor of this name.</exception>
    public Shape ShapeOf(string name) => Find(name).Shape;

    /// <summary>How a tensor's elements are stored: <c>F32</c>, <c>BF16</c>, …</summary>
    /// <exception cref="KeyNotFoundException">The file has no tensor of this name.</exception>
    public string DtypeOf(string name) => Find(name).TypeName;

    /// <summary>Closes the file. Tensors that were read stay.</summary>
    public void Dispose() => map.Dispose();

    private Safetensors.Entry Find(string name) => entries.TryGetValue(name, out var entry)
        ? entry
        : throw new KeyNotFoundException($"{path} has no tensor '{name}'. It has {string.Join(", ", Names.Take(10).Select(known => $"'{known}'"))}"
            + (Names.Count > 10 ? $" and {Names.Count - 10} more." : "."));
}
