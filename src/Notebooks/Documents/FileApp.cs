using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AutoDiffCnn.Notebooks;

/// <summary>A notebook of C# as one file for <c>dotnet run</c>: prose becomes comments, usings go to the top, types to the end,
/// and what a cell would show is printed.</summary>
internal static class FileApp
{
    private const string Tail =
        """
        /// <summary>Prints what the notebook shows.</summary>
        internal static class Cells
        {
            public static void Show<T>(Func<T> value) => value().Display();

            public static void Show(Action action) => action();

            public static Shown display(object? value) => value.Display();

            public static Shown Display(this object? value) => new Shown().Update(value);

            internal sealed class Shown
            {
                public Shown Update(object? value)
                {
                    Console.WriteLine(value is System.Collections.IEnumerable items && $"{value}" == $"{value.GetType()}"
                        ? $"[ {string.Join(", ", items.Cast<object>())} ]"
                        : value);
                    return this;
                }
            }
        }

        """;

    private static readonly string[] Usings =
        ["System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Text", "System.Threading.Tasks", "static Cells"];

    /// <param name="file">The notebook's name, for the first line and for errors.</param>
    /// <param name="notebook">The notebook.</param>
    /// <param name="project">The library's project, as seen from the program, or null for the package. Those of the library's other
    /// packages are found beside it.</param>
    /// <exception cref="NotebookError">A cell cannot be part of a program of C#.</exception>
    public static string Of(string file, Notebook notebook, string? project)
    {
        var app = new Parts(file, project);
        for (var i = 0; i < notebook.Cells.Length; i++)
        {
            app.Add(notebook.Cells[i], $"cell {i + 1}");
        }

        return app.ToString();
    }

    private sealed class Parts(string file, string? project)
    {
        private readonly SortedSet<string> references = new(StringComparer.Ordinal);
        private readonly SortedSet<string> usings = new(Usings.Select(name => $"using {name};"), StringComparer.Ordinal);
        private readonly HashSet<string> names = [];
        private readonly StringBuilder body = new();
        private readonly StringBuilder types = new();

        public void Add(Cell cell, string place)
        {
            switch (cell.Language)
            {
                case Languages.Markdown:
                    body.Append('\n').AppendJoin('\n', cell.Source.Split('\n').Select(line => $"// {line}".TrimEnd())).Append('\n');
                    break;
                case Languages.CSharp:
                    AddCode(string.Join('\n', cell.Source.ReplaceLineEndings("\n").Split('\n').Where(line => !IsDirective(line, place))), place);
                    break;
                case Languages.Raw:
                    break;
                default:
                    throw new NotebookError(file, place, "C#", cell.Language);
            }
        }

        public override string ToString() =>
            $"// What {file} does, without a notebook: dotnet run FILE. Made by autodiffcnn notebook app.\n"
            + $"{Lines(references)}\n{Lines(usings)}{body}\n{types}{Tail}";

        private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => $"{line}\n"));

        private bool IsDirective(string line, string place)
        {
            var directive = Directive.Of(line);
            if (directive is Directive.Package package)
            {
                references.Add(project is not null && package.Name.Split('.') is ["AutoDiffCnn", .. var part]
                    ? $"#:project {(part is [var name] ? Path.Combine(Path.GetDirectoryName(project)!, "..", name, $"{name}.csproj") : project)}"
                    : $"#:package {package.Name}@{package.Version ?? "*"}");
            }
            else if (directive is not (null or Directive.Time or Directive.Source or Directive.Language { Name: Languages.CSharp }))
            {
                throw new NotebookError(file, place, "C#", line.Trim());
            }

            return directive is not null;
        }

        private void AddCode(string code, string place)
        {
            var root = CSharpSyntaxTree.ParseText(code, new CSharpParseOptions(LanguageVersion.Latest, kind: SourceCodeKind.Script)).GetCompilationUnitRoot();
            foreach (var directive in root.Usings)
            {
                usings.Add(directive.ToString());
            }

            foreach (var name in root.Members.SelectMany(NamesOf).Where(name => !names.Add(name)))
            {
                throw new NotebookError(file, place, "names that are new", $"a second '{name}'", "another name; a program cannot declare it twice");
            }

            var statements = root.Members.Where(member => member is not BaseTypeDeclarationSyntax).Select(Text).ToImmutableArray();
            body.Append(statements.IsEmpty ? "" : "\n").Append(Lines(statements));
            types.Append(string.Concat(root.Members.OfType<BaseTypeDeclarationSyntax>().Select(type => $"{type.ToFullString().Trim()}\n\n")));
        }

        private static IEnumerable<string> NamesOf(MemberDeclarationSyntax member) => member switch
        {
            FieldDeclarationSyntax field => field.Declaration.Variables.Select(variable => variable.Identifier.Text),
            MethodDeclarationSyntax method => [method.Identifier.Text],
            BaseTypeDeclarationSyntax type => [type.Identifier.Text],
            _ => [],
        };

        /// <summary>A statement as it stands, with its comments; an expression that would be shown is printed.</summary>
        private static string Text(MemberDeclarationSyntax member) => member is GlobalStatementSyntax
        {
            Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true, Expression: var value },
        } ? $"{member.GetLeadingTrivia().ToFullString().TrimStart('\n')}{Shown(value)}"
          : member.ToFullString().Trim('\n');

        private static string Shown(ExpressionSyntax value) => value.DescendantNodesAndSelf().OfType<AwaitExpressionSyntax>().Any()
            ? $"display({value});"
            : $"Show(() => {value});";
    }
}
