using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AutoDiffCnn.Site;

/// <summary>What the C# compiler sees in a text, from its syntax alone.</summary>
internal static class CSharpCode
{
    public static IEnumerable<Mark> Marks(string code) =>
        from token in CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(kind: SourceCodeKind.Script)).GetRoot().DescendantTokens()
        from mark in token.LeadingTrivia.Select(Of).Append(Of(token)).Concat(token.TrailingTrivia.Select(Of))
        where mark is { Class.Length: > 0, Length: > 0 }
        select mark;

    private static Mark Of(SyntaxTrivia trivia) => new(trivia.SpanStart, trivia.Span.Length,
        trivia.IsDirective ? "k" : $"{trivia.Kind()}".Contains("Comment", StringComparison.Ordinal) ? "c" : "");

    private static Mark Of(SyntaxToken token) => new(token.SpanStart, token.Span.Length, token.Kind() switch
    {
        SyntaxKind.NumericLiteralToken => "n",
        SyntaxKind.IdentifierToken => Name(token),
        var kind when $"{kind}".Contains("String", StringComparison.Ordinal) && token.Parent is not PredefinedTypeSyntax
            || kind is SyntaxKind.CharacterLiteralToken or SyntaxKind.Utf8StringLiteralToken => "s",
        _ => token.IsKeyword() ? "k" : "",
    });

    private static string Name(SyntaxToken token) => token.Parent switch
    {
        IdentifierNameSyntax { Identifier.Text: "var" } => "k",
        BaseTypeDeclarationSyntax => "t",
        MethodDeclarationSyntax or LocalFunctionStatementSyntax => "f",
        SimpleNameSyntax name => Name(name),
        _ => "",
    };

    private static string Name(SimpleNameSyntax name) => name.Parent switch
    {
        InvocationExpressionSyntax call when call.Expression == name => "f",
        MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } member
            when member.Name == name && call.Expression == member => "f",
        MemberAccessExpressionSyntax member when member.Expression == name => char.IsUpper(name.Identifier.Text.FirstOrDefault()) ? "t" : "",
        ParameterSyntax or VariableDeclarationSyntax or ObjectCreationExpressionSyntax or TypeArgumentListSyntax or NullableTypeSyntax
            or ArrayTypeSyntax or SimpleBaseTypeSyntax or MethodDeclarationSyntax or LocalFunctionStatementSyntax or PropertyDeclarationSyntax
            or TupleElementSyntax or CastExpressionSyntax or DeclarationPatternSyntax or RecursivePatternSyntax or CatchDeclarationSyntax
            or TypeOfExpressionSyntax => "t",
        _ => "",
    };
}
