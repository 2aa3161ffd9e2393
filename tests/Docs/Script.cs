using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DocsTests;

/// <summary>An example made into a program. An expression without a semicolon on a line of its own gives what the
/// comment behind it says, or the comment lines below it; it becomes a call of <see cref="Shown.Value"/>.</summary>
public sealed record Script(string Text, IReadOnlyDictionary<int, string?> Claims, IReadOnlyList<string> Faults)
{
    public const string EntryType = "Entry";

    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp14);

    private static readonly string[] Imports =
    [
        "System", "System.Collections.Generic", "System.Collections.Immutable", "System.IO", "System.Linq", "System.Threading",
        "AutoDiffCnn",
        "static AutoDiffCnn.Functions", "static AutoDiffCnn.Layers", "static AutoDiffCnn.Optimizers", "static DocsTests.Given",
    ];

    public static string Namespace(Example example) => "Of" + Regex.Replace(example.Type, @"\W", "_");

    public static Script Of(Example example)
    {
        var (claims, faults, text) = (new Dictionary<int, string?>(), new List<string>(), new StringBuilder());
        for (var i = 0; i < example.Lines.Length; i++)
        {
            var (code, comment) = Split(example.Lines[i]);
            if (!IsExpression(code))
            {
                text.Append(example.Lines[i]).Append('\n');
                if (code.Length > 0 && LooksLikeValue(comment))
                {
                    faults.Add($"'{example.Lines[i]}': a value in a comment belongs behind an expression without a semicolon.");
                }

                continue;
            }

            var line = i;
            string[] below = comment is not null ? []
                : [.. example.Lines.Skip(i + 1).TakeWhile(next => next.StartsWith("//", StringComparison.Ordinal))];
            claims[line] = comment ?? (below.Length == 0 ? null : string.Join("\n", below.Select(next => next[2..].TrimStart(' '))));
            i += below.Length;
            text.Append($"DocsTests.Shown.Value({line}, () => {code});\n");
        }

        return new(Program(example, text.ToString()), claims, faults);
    }

    public SyntaxTree Parse() => CSharpSyntaxTree.ParseText(Text, Options);

    /// <summary>Statements become the body of a method, types stand beside it, and what the example uses comes
    /// first.</summary>
    private static string Program(Example example, string code)
    {
        var root = CSharpSyntaxTree.ParseText(code, Options).GetCompilationUnitRoot();
        var usings = Imports.Concat(root.Usings.Select(use => $"{use.StaticKeyword.Text} {use.Name}".Trim())).Distinct();
        var statements = root.Members.OfType<GlobalStatementSyntax>();
        var types = root.Members.Where(member => member is not GlobalStatementSyntax);
        return $$"""
            {{string.Join("\n", usings.Select(use => $"using {use};"))}}
            namespace {{Namespace(example)}}
            {
                public static class {{EntryType}}
                {
                    public static void Run()
                    {
                        {{string.Concat(statements.Select(statement => statement.ToFullString()))}}
                    }
                }

                {{string.Concat(types.Select(type => type.ToFullString()))}}
            }
            """;
    }

    private static (string Code, string? Comment) Split(string line) =>
        Regex.Match(line, @"^(.*?)\s*(?<!:)//( (.*))?$") is { Success: true } match
        ? (match.Groups[1].Value, match.Groups[3].Value)
        : (line, null);

    private static bool IsExpression(string code) => code.Length > 0 && code[0] is not (' ' or '{' or '}')
        && SyntaxFactory.ParseExpression(code, options: Options, consumeFullText: true) is { ContainsDiagnostics: false };

    private static bool LooksLikeValue(string? comment) => comment is not null && Regex.IsMatch(comment, @"^([-\d""\[]|\w+(Error|Exception)\b)");
}
