using System.Collections.Immutable;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace NotebooksTests;

/// <summary>Notebooks as files.</summary>
public sealed class DocumentTests
{
    /// <summary>As Jupyter writes it, with fields that this reader does not know and numbers and letters in spellings of
    /// their own.</summary>
    private const string Foreign =
        """
        {
         "cells": [
          {
           "attachments": {
            "image.png": {
             "image/png": "iVBORw0KGgo="
            }
           },
           "cell_type": "markdown",
           "id": "intro",
           "metadata": {
            "tags": [
             "row:B1"
            ],
            "weight": 1.50
           },
           "source": [
            "# Grüße 😀\n",
            "$\\nabla$"
           ]
          },
          {
           "cell_type": "code",
           "execution_count": 3,
           "id": "a1",
           "metadata": {
            "dotnet_interactive": {
             "language": "csharp"
            },
            "polyglot_notebook": {
             "kernelName": "csharp"
            },
            "zeta": [1,  2e0, "\u00e9"]
           },
           "outputs": [
            {
             "data": {
              "application/vnd.plotly.v1+json": {"data": [ ]},
              "text/plain": [
               "1\n",
               "2"
              ]
             },
             "execution_count": 3,
             "metadata": {
              "x": 1
             },
             "output_type": "execute_result"
            },
            {"output_type": "novelty", "it": true}
           ],
           "source": [
            "1 + 1\n"
           ]
          }
         ],
         "future": {"a" : [ ]},
         "metadata": {
          "kernelspec": {
           "display_name": ".NET (C#)",
           "language": "C#",
           "name": ".net-csharp"
          },
          "language_info": {
           "name": "polyglot-notebook"
          },
          "widgets": 1E+2
         },
         "nbformat": 4,
         "nbformat_minor": 5
        }

        """;

    [Fact]
    public void What_is_not_known_is_written_byte_for_byte() => Assert.Equal(Foreign, Rewritten(Foreign));

    [Fact]
    public void The_language_is_always_written()
    {
        var written = Rewritten("""{"nbformat": 4, "nbformat_minor": 2, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {"x": 1.0}, "source": "#!fsharp\n1", "outputs": []}]}""");
        Assert.Equal(
            """
            {
             "cells": [
              {
               "cell_type": "code",
               "execution_count": null,
               "id": "cell-1",
               "metadata": {
                "dotnet_interactive": {
                 "language": "fsharp"
                },
                "polyglot_notebook": {
                 "kernelName": "fsharp"
                },
                "x": 1.0
               },
               "outputs": [],
               "source": [
                "#!fsharp\n",
                "1"
               ]
              }
             ],
             "metadata": {
              "kernelspec": {
               "display_name": ".NET (C#)",
               "language": "C#",
               "name": ".net-csharp"
              },
              "language_info": {
               "name": "polyglot-notebook"
              }
             },
             "nbformat": 4,
             "nbformat_minor": 5
            }

            """, written);
    }

    [Fact]
    public void Ipynb_reads_what_it_writes() => Law.ForAll(Notebooks(Texts), notebook =>
    {
        var bytes = notebook.ToBytes("a.ipynb");
        var read = Notebook.Read("a.ipynb", bytes);
        Assert.Equal(notebook.Cells.Select(Shown), read.Cells.Select(Shown));
        Assert.Equal(notebook.Language, read.Language);
        Assert.Equal(bytes, read.ToBytes("a.ipynb"));
    });

    [Fact]
    public void Dib_reads_what_it_writes() => Law.ForAll(Notebooks(Blocks), notebook =>
    {
        var bytes = notebook.ToBytes("a.dib");
        var read = Notebook.Read("a.dib", bytes);
        Assert.Equal(notebook.Cells.Select(Content), read.Cells.Select(Content));
        Assert.Equal(notebook.Language, read.Language);
        Assert.Equal(bytes, read.ToBytes("a.dib"));
    });

    [Fact]
    public void From_ipynb_to_dib_and_back_nothing_is_lost_but_outputs() => Law.ForAll(Notebooks(Blocks), notebook =>
    {
        var dib = Notebook.Read("a.ipynb", notebook.ToBytes("a.ipynb")).ToBytes("a.dib");
        var back = Notebook.Read("a.ipynb", Notebook.Read("a.dib", dib).ToBytes("a.ipynb"));
        Assert.Equal(notebook.Cells.Select(Content), back.Cells.Select(Content));
    });

    [Fact]
    public void Dib_without_a_head() => Assert.Equal(
        [(Languages.CSharp, "1\n\n2"), (Languages.FSharp, "3"), (Languages.Markdown, "")],
        Notebook.Read("a.dib", "\r\n1\r\n\r\n2\r\n#!fsharp\r\n3\n#!md"u8).Cells.Select(Content));

    [Theory]
    [InlineData("", "a.ipynb, as a whole: expected JSON, got ")]
    [InlineData("[]", "a.ipynb, $: expected object, got [].")]
    [InlineData("{}", "a.ipynb, $: expected the field 'nbformat', got none.")]
    [InlineData("""{"nbformat": 3}""", "a.ipynb, $.nbformat: expected 4, got 3.\nPossible: open the file in Jupyter and save it.")]
    [InlineData("""{"nbformat": 4, "metadata": {}, "cells": [{"metadata": {}, "cell_type": "codex", "source": 1}]}""", "a.ipynb, $.cells[0].source: expected string, got 1.")]
    [InlineData("""{"nbformat": 4, "metadata": {}, "cells": [{"metadata": {}, "cell_type": "codex", "source": ""}]}""", "a.ipynb, $.cells[0].cell_type: expected code, markdown or raw, got \"codex\".")]
    [InlineData("""{"nbformat": 4, "nbformat": 4}""", "a.ipynb, as a whole: expected JSON, got ")]
    [InlineData("""{"nbformat": "\ud800"}""", "a.ipynb, as a whole: expected JSON, got ")]
    public void What_is_wrong_with_a_file_is_said_with_its_place(string text, string message) =>
        Assert.StartsWith(message, Assert.Throws<NotebookError>(() => Notebook.Read("a.ipynb", Encoding.UTF8.GetBytes(text))).Message);

    [Fact]
    public void Json_of_any_depth_is_refused_or_read() => Law.ForAll(Gen.Choose(1, 200_000), depth => Survives(
        Encoding.UTF8.GetBytes($$"""{"nbformat": 4, "metadata": {}, "cells": {{new string('[', depth)}}{{new string(']', depth)}}}""")), 20);

    [Fact]
    public void A_damaged_file_is_read_or_refused()
    {
        var good = Encoding.UTF8.GetBytes(Foreign);
        var damage = from at in Gen.Choose(0, good.Length - 1)
                     from length in Gen.Choose(0, 3)
                     from put in Gen.ArrayOf(Gen.Elements("{}[]\",:0ae\\u\n\u00e9"u8.ToArray()))
                     select (byte[])[.. good[..at], .. put.Take(4), .. good[Math.Min(good.Length, at + length)..]];
        Law.ForAll(damage, Survives, 2000);
    }

    private static void Survives(byte[] content)
    {
        try
        {
            Notebook.Read("a.ipynb", content).ToBytes("a.ipynb");
        }
        catch (NotebookError)
        {
            // As it should be.
        }
    }

    private static string Rewritten(string text) =>
        Encoding.UTF8.GetString(Notebook.Read("a.ipynb", Encoding.UTF8.GetBytes(text)).ToBytes("a.ipynb"));

    private static (string Language, string Source) Content(Cell cell) => (cell.Language, cell.Source);

    private static string Shown(Cell cell) => $"{cell.Language} {cell.Source} {cell.Count} {string.Join("; ", cell.Outputs.Select(Shown))}";

    private static string Shown(Output output) => output switch
    {
        Output.Display display => string.Join(", ", display.Data),
        Output.Result result => $"{result.Count} {string.Join(", ", result.Data)}",
        Output.Error error => $"{error.Name} {error.Message} {string.Join("\n", error.Trace)}",
        _ => $"{output}",
    };

    private static Gen<string> Texts => Gen.Elements("", "a", "\n", "\r\n", "\t\"\\", "é😀\u2028", "\u0001", "x\ny\n").ArrayOf().Select(string.Concat);

    /// <summary>Texts without blank ends, and without lines that begin a cell.</summary>
    private static Gen<string> Blocks => Gen.Elements("var x = 1;", " x", "", "#!time", "#!x", "é😀\"\\").ArrayOf()
        .Select(lines => string.Join('\n', lines).Trim('\n', ' ')).Select(text => text.Trim() == "" ? "" : text);

    private static Gen<Notebook> Notebooks(Gen<string> sources) =>
        from cells in Cells(sources).ArrayOf()
        from language in Gen.Elements(Languages.CSharp, Languages.FSharp)
        select new Notebook([.. cells], language, "{}", Notebook.NoFields);

    private static Gen<Cell> Cells(Gen<string> sources) =>
        from language in Gen.Elements(Languages.CSharp, Languages.FSharp, Languages.Markdown, Languages.Raw)
        from source in sources
        from count in Gen.Choose(1, 9)
        from outputs in Outputs.ArrayOf()
        let cell = Cell.Of(language, source)
        select cell.IsCode ? cell with { Count = count, Outputs = [.. outputs] } : cell;

    private static Gen<Output> Outputs =>
        from text in Texts
        from mime in Gen.Elements("text/html", "text/plain", "image/png")
        let data = Notebook.NoFields.Add(mime, text).Add("application/json", "[1, 2]")
        from output in Gen.Elements<Output>(new Output.Stream("stdout", text), new Output.Display(data),
            new Output.Result(data, 2), new Output.Error("E", text, [text, ""]))
        select output;
}
