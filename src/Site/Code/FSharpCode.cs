using FSharp.Compiler.Tokenization;
using Microsoft.FSharp.Core;

namespace AutoDiffCnn.Site;

/// <summary>What the F# compiler sees in a text.</summary>
internal static class FSharpCode
{
    public static IEnumerable<Mark> Marks(string code)
    {
        var tokenizer = new FSharpSourceTokenizer([], FSharpOption<string>.Some("cell.fsx"), null);
        var (state, start) = (FSharpTokenizerLexState.Initial, 0);
        foreach (var line in code.Split('\n'))
        {
            var reader = tokenizer.CreateLineTokenizer(line);
            while (true)
            {
                var (token, next) = reader.ScanToken(state);
                state = next;
                if (token is null)
                {
                    break;
                }

                var name = token.Value.ColorClass switch
                {
                    FSharpTokenColorKind.Keyword or FSharpTokenColorKind.PreprocessorKeyword => "k",
                    FSharpTokenColorKind.Comment => "c",
                    FSharpTokenColorKind.String => "s",
                    FSharpTokenColorKind.Number => "n",
                    FSharpTokenColorKind.UpperIdentifier => "t",
                    _ => "",
                };
                if (name.Length > 0)
                {
                    yield return new(start + token.Value.LeftColumn, token.Value.RightColumn - token.Value.LeftColumn + 1, name);
                }
            }

            start += line.Length + 1;
        }
    }
}
