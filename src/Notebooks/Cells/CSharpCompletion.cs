using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AutoDiffCnn.Notebooks;

/// <summary>What a name in C# could become: the members of what stands before the point, or all that is in scope.</summary>
internal static class CSharpCompletion
{
    public static Message.Completions At(SemanticModel model, string code, int position)
    {
        var start = position;
        while (start > 0 && (char.IsLetterOrDigit(code[start - 1]) || code[start - 1] == '_'))
        {
            start--;
        }

        var typed = code[start..position];
        var symbols = start > 0 && code[start - 1] == '.' ? Members(model, start) : model.LookupSymbols(start);
        var names = symbols.Where(symbol => symbol.CanBeReferencedByName).Select(symbol => symbol.Name)
            .Where(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
        return new([.. names.Distinct().Order(StringComparer.Ordinal)], start, position);
    }

    private static IEnumerable<ISymbol> Members(SemanticModel model, int start)
    {
        var before = model.SyntaxTree.GetRoot().FindToken(start - 1).Parent switch
        {
            MemberAccessExpressionSyntax access => access.Expression,
            QualifiedNameSyntax name => name.Left,
            _ => (SyntaxNode?)null,
        };
        if (before is null)
        {
            return [];
        }

        if (model.GetSymbolInfo(before).Symbol is INamespaceOrTypeSymbol space)
        {
            return model.LookupSymbols(start, space).Where(symbol => symbol is INamespaceOrTypeSymbol || symbol.IsStatic);
        }

        return model.GetTypeInfo(before).Type is { } type
            ? model.LookupSymbols(start, type, includeReducedExtensionMethods: true).Where(symbol => !symbol.IsStatic)
            : [];
    }
}
