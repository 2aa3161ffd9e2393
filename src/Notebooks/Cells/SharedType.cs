using System.Collections.Immutable;

namespace AutoDiffCnn.Notebooks;

/// <summary>How languages name the type of a value of another one: by the nearest base type that they can see.</summary>
/// <param name="CSharp">Its name in C#.</param>
/// <param name="FSharp">Its name in F#.</param>
/// <param name="Assemblies">What one must refer to for it, beside .NET itself.</param>
internal sealed record SharedType(string CSharp, string FSharp, ImmutableArray<string> Assemblies)
{
    public static SharedType Of(object? value)
    {
        var type = value?.GetType() ?? typeof(object);
        while (!IsSeen(type))
        {
            type = type.BaseType!;
        }

        return new(Name(type, "global::"), Name(type, "global."),
            [.. Parts(type).Select(part => part.Assembly.Location).Where(path => !IsPlatform(path)).Distinct()]);
    }

    private static bool IsSeen(Type type) => Parts(type).All(part => part.IsVisible && !part.Assembly.IsDynamic && part.Assembly.Location != "");

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType
        ? Parts(type.GetElementType()!)
        : [type, .. type.GetGenericArguments().SelectMany(Parts)];

    private static bool IsPlatform(string path) => Path.GetDirectoryName(path) == Path.GetDirectoryName(typeof(object).Assembly.Location);

    private static string Name(Type type, string root)
    {
        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!, root)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        // Those of nested generic types come in one list, outermost first.
        var arguments = new Queue<Type>(type.GetGenericArguments());
        var parts = type.FullName!.Split('[')[0].Split('+').Select(part => part.Split('`') is [var name, var count]
            ? $"{name}<{string.Join(", ", Enumerable.Range(0, int.Parse(count)).Select(_ => Name(arguments.Dequeue(), root)))}>"
            : part);
        return $"{root}{string.Join('.', parts)}";
    }
}
