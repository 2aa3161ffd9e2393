namespace AutoDiffCnn;

public static partial class Functions
{
    /// <summary>A sum of products in Einstein's notation, as in NumPy, PyTorch and ONNX: each letter names an axis, a
    /// letter that is not in the result is summed over. <c>ij,jk->ik</c> is a matrix product, <c>bii->b</c> the trace
    /// of each matrix, <c>i,j->ij</c> the outer product. An ellipsis stands for all other axes, which are broadcast:
    /// <c>...ij,...jk->...ik</c> is a batch of products. Without an arrow the result has the axes of the ellipsis and
    /// the letters that occur once, in alphabetical order. Operands are contracted from left to right, each pair by one
    /// matrix product.</summary>
    /// <param name="equation">Letters for the axes of each operand, and of the result. As in PyTorch the axes of an
    /// ellipsis that is not in the result are summed over.</param>
    /// <param name="operands">The operands.</param>
    /// <exception cref="ShapeError">The equation does not fit the operands, or one letter has two sizes.</exception>
    public static Node Einsum(string equation, params Node[] operands)
    {
        var place = $"Einsum(\"{equation}\") on {string.Join(" and ", operands.Select(x => x.Shape))}";
        var (inputs, output) = Letters(place, equation, operands);
        Term[] terms = [.. Spread(place, [.. operands.Zip(inputs, (x, letters) => new Term(x, letters))])];
        CheckLetters(place, terms, output);
        terms = [.. terms.Select(Diagonal)];
        var sum = terms[0];
        for (var i = 1; i < terms.Length; i++)
        {
            var needed = output + string.Concat(terms.Skip(i + 1).Select(term => term.Letters));
            sum = Contract(sum, terms[i], needed);
        }

        return Ordered(Kept(sum, output), output);
    }

    /// <summary>A node with a letter for each axis.</summary>
    private sealed record Term(Node X, string Letters)
    {
        public int Size(char letter) => X.Shape[Letters.IndexOf(letter)];
    }

    private const string Ellipsis = "...";

    // The letters of an ellipsis' axes, counted from the last one; nobody can write them.
    private const char Dots = '\uE000';

    private static bool IsDots(char letter) => letter >= Dots;

    private static (string[] Inputs, string Output) Letters(string place, string equation, Node[] operands)
    {
        var sides = equation.Replace(" ", "").Split("->");
        var inputs = sides[0].Split(',');
        if (sides.Length > 2 || inputs.Concat(sides.Skip(1)).Any(letters => letters.Split(Ellipsis) is var parts
            && (parts.Length > 2 || !parts.All(part => part.All(char.IsAsciiLetter)))))
        {
            throw new ShapeError(place, "an equation has letters, commas, one arrow and at most one ellipsis an operand",
                ["\"ij,jk->ik\"", "\"...ij,...jk->...ik\""]);
        }

        if (inputs.Length != operands.Length)
        {
            throw new ShapeError(place, $"the equation has {inputs.Length} operands, {operands.Length} came", [$"{inputs.Length} operands"]);
        }

        int[] others = [.. inputs.Select((letters, i) => operands[i].Shape.Rank - letters.Replace(Ellipsis, "").Length)];
        for (var i = 0; i < operands.Length; i++)
        {
            if (others[i] < 0 || others[i] > 0 && !inputs[i].Contains(Ellipsis))
            {
                throw new ShapeError(place, $"operand {i} has rank {operands[i].Shape.Rank}, \"{inputs[i]}\" names "
                    + $"{operands[i].Shape.Rank - others[i]} axes", [$"{operands[i].Shape.Rank} letters for it"]);
            }
        }

        var output = sides is [_, var right] ? right
            : Ellipsis + string.Concat(sides[0].Where(char.IsAsciiLetter).GroupBy(c => c)
                .Where(same => same.Count() == 1).Select(same => same.Key).Order());
        return ([.. inputs.Select((letters, i) => Named(letters, others[i]))], Named(output, others.Max()));

        static string Named(string letters, int count) =>
            letters.Replace(Ellipsis, string.Concat(Arrays.Range(1, count).Select(i => (char)(Dots + count - i))));
    }

    /// <summary>Terms broadcast along the axes of their ellipses: where one has the size 1 and another has not, it
    /// goes without that axis.</summary>
    private static IEnumerable<Term> Spread(string place, Term[] terms)
    {
        var shared = Shape.Repeat(1, terms.Max(term => term.Letters.Count(IsDots)));
        foreach (var term in terms)
        {
            foreach (var letter in term.Letters.Where(IsDots))
            {
                var (axis, size) = (shared.Rank - 1 - (letter - Dots), term.Size(letter));
                shared = size == 1 || size == shared[axis] ? shared
                    : shared[axis] == 1 ? shared.With(axis, size)
                    : throw new ShapeError(place, $"axes of the ellipses have the sizes {shared[axis]} and {size}",
                        [$"{shared[axis]} or 1 for both"]);
            }
        }

        return terms.Select(term =>
        {
            bool Stays(char c) => !IsDots(c) || term.Size(c) == shared[shared.Rank - 1 - (c - Dots)];
            return new Term(Reshape(term.X, Shape.From(term.Letters.Where(Stays).Select(c => term.X.Shape[term.Letters.IndexOf(c)]))),
                string.Concat(term.Letters.Where(Stays)));
        });
    }

    private static void CheckLetters(string place, Term[] terms, string output)
    {
        var sizes = terms.SelectMany(term => term.Letters.Select((c, axis) => (Letter: c, Size: term.X.Shape[axis])))
            .ToLookup(pair => pair.Letter, pair => pair.Size);
        if (sizes.FirstOrDefault(same => same.Distinct().Count() > 1) is { } odd)
        {
            throw new ShapeError(place, $"the axes {odd.Key} have the sizes {string.Join(" and ", odd.Distinct())}", ["one size for each letter"]);
        }

        if (output.FirstOrDefault(c => !sizes.Contains(c)) is not '\0' and var unknown)
        {
            throw new ShapeError(place, $"the result's {unknown} is in no operand", [$"a result without {unknown}"]);
        }

        if (output.Distinct().Count() != output.Length)
        {
            throw new ShapeError(place, $"the result \"{Text(output)}\" names an axis twice", [$"\"{Text(output.Distinct())}\""]);
        }

        static string Text(IEnumerable<char> letters) =>
            string.Concat(letters.Select(c => !IsDots(c) ? $"{c}" : c == Dots ? Ellipsis : ""));
    }

    /// <summary>A letter that a term has twice: only the diagonal of the two axes is left, every (n + 1)th of their
    /// n².</summary>
    private static Term Diagonal(Term term)
    {
        while (term.Letters.GroupBy(c => c).FirstOrDefault(same => same.Count() > 1)?.Key is { } twice)
        {
            var (first, second) = (term.Letters.IndexOf(twice), term.Letters.LastIndexOf(twice));
            int[] rest = [.. Arrays.Range(0, term.Letters.Length).Where(axis => axis != first && axis != second)];
            var (n, shape) = (term.Size(twice), Shape.From(rest.Select(axis => term.X.Shape[axis])));
            var flat = Reshape(Transpose(term.X, [.. rest, first, second]), [.. shape, Shape.Fit((long)n * n, "Einsum")]);
            var diagonal = Slice(flat, Shape.Repeat(0, rest.Length + 1), [.. shape, n], Shape.Repeat(1, rest.Length + 1).With(rest.Length, n + 1));
            term = new(diagonal, string.Concat(rest.Select(axis => term.Letters[axis])) + twice);
        }

        return term;
    }

    /// <summary>Summed over the letters that nobody needs any more.</summary>
    private static Term Kept(Term term, string needed)
    {
        int[] over = [.. Arrays.Range(0, term.Letters.Length).Where(axis => !needed.Contains(term.Letters[axis]))];
        return over.Length == 0 ? term
            : new(Sum(term.X, over), string.Concat(term.Letters.Where(needed.Contains)));
    }

    /// <summary>Two terms by one product of matrices: letters of both that are still needed are batches, the others of
    /// both are summed.</summary>
    private static Term Contract(Term a, Term b, string needed)
    {
        (a, b) = (Kept(a, needed + b.Letters), Kept(b, needed + a.Letters));
        var both = a.Letters.Where(b.Letters.Contains).ToArray();
        var batch = string.Concat(both.Where(needed.Contains));
        var inner = string.Concat(both.Where(c => !needed.Contains(c)));
        var (left, right) = (string.Concat(a.Letters.Except(both)), string.Concat(b.Letters.Except(both)));
        var product = new MatMul().Of(Matrices(a, batch, left, inner), Matrices(b, batch, inner, right));
        return new(Reshape(product, Shape.From([.. batch.Select(a.Size), .. left.Select(a.Size), .. right.Select(b.Size)])), batch + left + right);
    }

    /// <summary>A term as [batch, rows, columns].</summary>
    private static Node Matrices(Term term, string batch, string rows, string columns) =>
        Reshape(Ordered(term, batch + rows + columns), Shape.From(new[] { batch, rows, columns }.Select(letters =>
            Shape.Fit(letters.Aggregate(1L, (product, c) => product * term.Size(c)), "Einsum"))));

    private static Node Ordered(Term term, string letters) => term.Letters == letters
        ? term.X
        : Transpose(term.X, Shape.From(letters.Select(c => term.Letters.IndexOf(c))));
}
