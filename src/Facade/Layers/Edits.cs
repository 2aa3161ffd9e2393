namespace AutoDiffCnn;

/// <summary>Goes through a network as a scope does and puts others in the place of layers.</summary>
/// <param name="edit">For a layer's path and the layer: what takes its place, or null.</param>
internal sealed class Edits(Func<string, Layer, Layer?> edit)
{
    /// <summary>The paths of all layers that can be edited.</summary>
    public static List<string> Paths(Layer layer)
    {
        List<string> paths = [];
        new Edits((path, _) =>
        {
            paths.Add(path);
            return null;
        }).Part("", layer);
        return paths;
    }

    /// <summary>The links of a chain with their names; one that is repeated stands there so often.</summary>
    public static IEnumerable<(string Name, Layer Layer)> Links(Layer layer)
    {
        var names = new Names("");
        return [.. Flat(layer).Select(link => (names.Of(link), link))];
    }

    /// <summary>A part of a layer that is applied in a scope of this path.</summary>
    public Layer Part(string path, Layer layer) => Walk(layer, new Names(path));

    private Layer Walk(Layer layer, Names names) => layer switch
    {
        Sequential chain => Chain(chain.Parts.Select(part => Walk(part, names))),
        RepeatLayer repeat => repeat.Copies.Select(copy => Walk(copy, names)).ToList() is var copies
            && copies.All(copy => copy == repeat.Body) ? repeat : Chain(copies),
        _ => At(layer, names.Of(layer)),
    };

    /// <summary>What takes the place of a layer with a name of its own gets that name, unless it has one or is
    /// nothing.</summary>
    private Layer At(Layer layer, string path) => (layer, edit(path, layer)) switch
    {
        (_, null) => layer.Edited(this, path),
        (_, NamedLayer or TiedLayer or Sequential { Parts.IsEmpty: true }) and (_, var other) => other,
        (NamedLayer named, var other) => new NamedLayer(named.Label, other),
        (TiedLayer tied, var other) => new TiedLayer(tied.Label, other),
        (_, var other) => other,
    };

    private static Layer Chain(IEnumerable<Layer> parts) => parts.Aggregate(Layers.Identity, (chain, next) => chain >> next);

    private static IEnumerable<Layer> Flat(Layer layer) => layer switch
    {
        Sequential chain => chain.Parts.SelectMany(Flat),
        RepeatLayer repeat => repeat.Copies.SelectMany(Flat),
        _ => [layer],
    };

    /// <summary>The names that a scope gives: those of the layers' own choice, otherwise kinds with numbers.</summary>
    private sealed class Names(string scope)
    {
        private readonly Counter counter = new();

        public string Of(Layer layer) => layer switch
        {
            TiedLayer tied => tied.Label,
            NamedLayer named => Scope.Join(scope, named.Label),
            _ => Scope.Join(scope, counter.Next(layer.Kind)),
        };
    }
}
