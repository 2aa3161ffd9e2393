namespace AutoDiffCnn;

/// <summary>Numbers as colours that grow evenly darker or lighter, so that they can be told apart in grey and by the colour
/// blind.</summary>
/// <param name="Low">The value of the first colour.</param>
/// <param name="High">The value of the last.</param>
/// <param name="IsSigned">Whether colours part at 0: blue below, white, red above.</param>
internal sealed record ColourMap(double Low, double High, bool IsSigned)
{
    // S. van der Walt and N. Smith's viridis at nine places; C. Brewer's RdBu, turned.
    private static readonly int[] Viridis = [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725];
    private static readonly int[] Signed = [0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xf7f7f7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f];

    /// <summary>A name that plotly knows the colours by.</summary>
    public string PlotlyName => IsSigned ? "RdBu" : "Viridis";

    /// <summary>The colours for these values.</summary>
    public static ColourMap Of(IEnumerable<double> values)
    {
        var held = values.Where(value => Axis.Has(value, log: false)).ToArray();
        var (low, high) = held.Length == 0 ? (0, 1) : (held.Min(), held.Max());
        var most = Math.Max(-low, high);
        return low < 0 && high > 0 ? new(-most, most, true) : new(low, high > low ? high : low + 1, false);
    }

    /// <summary>Red, green and blue from 0 to 1; grey for what is not a number.</summary>
    public (double R, double G, double B) Of(double value)
    {
        if (double.IsNaN(value))
        {
            return (0.5, 0.5, 0.5);
        }

        var colours = IsSigned ? Signed : Viridis;
        var at = Math.Clamp((value / 2 - Low / 2) / (High / 2 - Low / 2), 0, 1) * (colours.Length - 1);
        var (below, share) = (Math.Min((int)at, colours.Length - 2), at - Math.Min((int)at, colours.Length - 2));
        return (Mix(16), Mix(8), Mix(0));

        double Mix(int shift) => ((colours[below] >> shift & 255) * (1 - share) + (colours[below + 1] >> shift & 255) * share) / 255;
    }

    /// <summary>The colour as SVG writes it.</summary>
    public string Hex(double value) => Of(value) is var (r, g, b) ? $"#{Byte(r):x2}{Byte(g):x2}{Byte(b):x2}" : "";

    /// <summary>Black or white: what is read better on the colour.</summary>
    public string Contrast(double value) => Of(value) is var (r, g, b) && 0.299 * r + 0.587 * g + 0.114 * b > 0.5 ? "#000000" : "#ffffff";

    private static int Byte(double share) => (int)(share * 255 + 0.5);
}
