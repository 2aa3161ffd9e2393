using System.Xml.Linq;

namespace AutoDiffCnn;

/// <summary>A colour with its counterpart on a dark ground. The light one is written at each element, so that it holds where
/// styles are stripped; a style rule puts the dark one in its place.</summary>
/// <param name="Name">Its name in the style.</param>
/// <param name="Light">On a light ground.</param>
/// <param name="Dark">On a dark ground.</param>
internal sealed record Tint(string Name, string Light, string Dark)
{
    public static readonly Tint Ground = new("ground", "#ffffff", "#15181d");
    public static readonly Tint Words = new("words", "#1b1f24", "#e8eaed");
    public static readonly Tint Quiet = new("quiet", "#57606a", "#a5adb8");
    public static readonly Tint Grid = new("grid", "#e1e4e8", "#333a44");
    public static readonly Tint Panel = new("panel", "#f3f5f7", "#20252c");

    /// <summary>Series by number. M. Okabe and K. Ito's colours, which those tell apart who do not see red or green; without
    /// their yellow, which is lost on white.</summary>
    private static readonly Tint[] Many =
    [
        new("s0", "#0072b2", "#4fb0e8"), new("s1", "#d55e00", "#ff8a3d"), new("s2", "#009e73", "#35cf9f"), new("s3", "#b04f8a", "#e79ac6"),
        new("s4", "#a87500", "#f0b93a"), new("s5", "#3a3f46", "#c4c9d0"),
    ];

    /// <summary>Where values go forward, and where derivatives go back.</summary>
    public static readonly Tint Forward = new("forward", "#dcebf7", "#123a57");
    public static readonly Tint Backward = new("backward", "#fbe6d6", "#54290c");
    public static readonly Tint Leaf = new("leaf", "#e4f3ea", "#10402f");

    /// <summary>The dark counterparts of all.</summary>
    public static readonly string Style = "@media (prefers-color-scheme:dark){" + string.Concat(
        new[] { Ground, Words, Quiet, Grid, Panel, Forward, Backward, Leaf }.Concat(Many)
            .Select(tint => $".adc .f-{tint.Name}{{fill:{tint.Dark}}}.adc .l-{tint.Name}{{stroke:{tint.Dark}}}")) + "}";

    /// <summary>The colour of a series; they begin anew after the last.</summary>
    public static Tint Series(int number) => Many[number % Many.Length];

    /// <summary>The dashes of a series, which tell it from others without its colour.</summary>
    public static XAttribute? Dashes(int number) => (number % 4) switch
    {
        0 => null,
        1 => Ink.Of("stroke-dasharray", "7 3"),
        2 => Ink.Of("stroke-dasharray", "2 3"),
        _ => Ink.Of("stroke-dasharray", "8 3 2 3"),
    };

    /// <summary>As what fills.</summary>
    public object[] Fill => [Ink.Of("class", $"f-{Name}"), Ink.Of("fill", Light)];

    /// <summary>As what is drawn along a line.</summary>
    public object[] Stroke => [Ink.Of("class", $"l-{Name}"), Ink.Of("stroke", Light)];
}
