using System.Collections.Immutable;
using System.Text;

namespace AutoDiffCnn.Site;

/// <summary>The documentation of a repository as pages: README, CHANGELOG, CONTRIBUTING, what is in docs, the notebooks with what they
/// show, and whatever these refer to. The same files give the same bytes; what is made needs no server and no network.</summary>
internal static class Builder
{
    /// <summary>A file that says that a folder holds such pages, and may be replaced.</summary>
    private const string Mark = "autodiffcnn-headings.js";

    /// <summary>Writes the pages of a repository into a folder, in the place of those that were there.</summary>
    /// <returns>How many pages there are.</returns>
    /// <exception cref="SiteError">Something in the sources is wrong; nothing is written.</exception>
    /// <exception cref="IOException">The folder has something else in it, or cannot be written.</exception>
    public static int Write(string root, string folder)
    {
        var files = Files(root);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            if (!File.Exists(Path.Combine(folder, Mark)))
            {
                throw new IOException($"{folder} has files that are no pages of before.\nPossible: a folder that is empty or not there.");
            }

            Directory.Delete(folder, recursive: true);
        }

        foreach (var (path, bytes) in files)
        {
            var file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }

        return files.Keys.Count(path => path.EndsWith(".html", StringComparison.Ordinal));
    }

    /// <summary>The files of the pages by address.</summary>
    /// <exception cref="SiteError">Something in the sources is wrong.</exception>
    public static ImmutableSortedDictionary<string, byte[]> Files(string root)
    {
        var repository = new Repository(root);
        var (pages, copied) = Gather(repository);
        var faults = pages.SelectMany(page => page.Faults).Concat(Fragments(pages)).Concat(Doubles(pages)).ToArray();
        if (faults.Length > 0)
        {
            throw new SiteError(faults);
        }

        var frame = new Frame(pages);
        var notebooks = pages.Select(page => page.Source).Where(source => repository.Of(source) == Kind.Notebook);
        return ImmutableSortedDictionary.Create<string, byte[]>(StringComparer.Ordinal)
            .AddRange(pages.Select(page => KeyValuePair.Create(page.Address, Encoding.UTF8.GetBytes(frame.Around(page)))))
            .AddRange(copied.Concat(notebooks).Select(path => KeyValuePair.Create(path, repository.Bytes(path))))
            .AddRange(Frame.Assets)
            .Add(Mark, Encoding.UTF8.GetBytes(frame.Search()));
    }

    /// <summary>All pages, those that only links lead to last, and the files that are copied.</summary>
    private static (ImmutableArray<Page> Pages, ImmutableArray<string> Copied) Gather(Repository repository)
    {
        string[] known =
        [
            "README.md", "notebooks/README.md", "CONTRIBUTING.md", "CHANGELOG.md",
            .. repository.Files("docs", "*.md", isDeep: true), .. repository.Files("notebooks", "*.ipynb"),
        ];
        if (!repository.Has(known[0]))
        {
            throw new SiteError([new(known[0], "as a whole", "expected the first page, got no such file.", "the folder of a repository that has one")]);
        }

        var pages = ImmutableArray.CreateBuilder<Page>();
        var copied = ImmutableArray.CreateBuilder<string>();
        var left = new Queue<string>(known.Distinct().Where(repository.Has));
        var seen = new HashSet<string>(left, StringComparer.Ordinal);
        while (left.TryDequeue(out var path))
        {
            if (repository.Of(path) == Kind.Copied)
            {
                copied.Add(path);
                continue;
            }

            var page = Pages.Of(repository, path);
            pages.Add(page);
            foreach (var reference in page.References.Where(reference => seen.Add(reference.Path)))
            {
                left.Enqueue(reference.Path);
            }
        }

        return (pages.ToImmutable(), copied.ToImmutable());
    }

    private static IEnumerable<Fault> Fragments(ImmutableArray<Page> pages) =>
        from page in pages
        from reference in page.References
        where reference.Fragment.Length > 0
        let target = pages.FirstOrDefault(page => page.Source == reference.Path)
        where target is null || target.Headings.All(heading => heading.Id != reference.Fragment)
        select new Fault(page.Source, reference.Place, $"expected a heading of {reference.Path}, got '#{reference.Fragment}'.",
            target is null ? "a link without '#'" : string.Join(", ", target.Headings.Select(heading => $"#{heading.Id}")));

    /// <summary>Two pages cannot have the same title, by which one finds them, nor the same address.</summary>
    private static IEnumerable<Fault> Doubles(ImmutableArray<Page> pages) =>
        from same in pages.GroupBy(page => page.Title).Concat(pages.GroupBy(page => page.Address))
        from page in same.Skip(1)
        let text = $"expected a title and a name of its own, got '{same.Key}', which {same.First().Source} has."
        select new Fault(page.Source, "as a whole", text, "another title or name");
}
