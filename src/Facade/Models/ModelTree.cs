using System.Globalization;

namespace AutoDiffCnn;

/// <summary>A model as a tree of its layers, a line each, with the parameters of each and of what is inside.</summary>
internal static class ModelTree
{
    public static string Of(Model model)
    {
        var lines = Lines(model, "", "").Prepend(("model", $"{model.Input.Shape} to {model.Output.Shape}", Count(model, ""))).ToList();
        var (name, layer, count) = (lines.Max(line => line.Item1.Length), lines.Max(line => line.Item2.Length), lines.Max(line => line.Item3.Length));
        return string.Join("\n", lines.Select(line =>
            $"{line.Item1.PadRight(name)}  {line.Item2.PadRight(layer)}  {line.Item3.PadLeft(count)}"));
    }

    /// <summary>The lines of all that is directly inside a path, each with what is inside it.</summary>
    private static IEnumerable<(string, string, string)> Lines(Model model, string path, string margin)
    {
        var inside = model.Layers.Select(layer => layer.Path).Where(other => IsInside(other, path))
            .Select(other => other[Start(path)..].Split('.')[0]).Distinct().ToList();
        return inside.SelectMany((name, i) =>
        {
            var (branch, trunk) = i == inside.Count - 1 ? ("└─ ", "   ") : ("├─ ", "│  ");
            var whole = Scope.Join(path, name);
            var applied = model.Layers.FirstOrDefault(layer => layer.Path == whole);
            var text = applied is null ? "" : applied.IsLeaf ? $"{applied.Layer}" : applied.Layer.Name;
            return Lines(model, whole, margin + trunk).Prepend((margin + branch + name, text, Count(model, whole)));
        });
    }

    private static string Count(Model model, string path) => model.Parameters
        .Where(parameter => IsInside(parameter.Name, path)).Sum(parameter => parameter.Shape.Elements)
        .ToString("N0", CultureInfo.InvariantCulture);

    private static bool IsInside(string name, string path) =>
        path.Length == 0 || name.StartsWith(path + ".", StringComparison.Ordinal);

    private static int Start(string path) => path.Length == 0 ? 0 : path.Length + 1;
}
