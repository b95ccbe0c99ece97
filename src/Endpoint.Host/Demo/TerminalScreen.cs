using Ipsec.Lab.Run;
using Spectre.Console;

namespace Ipsec.EndpointHost.Demo;

/// <summary>Coloured lines on a terminal; while a live display is attached, they scroll above it.</summary>
sealed class TerminalScreen(IAnsiConsole console) : ILabScreen
{
    /// <summary>The live display below the lines, while there is one.</summary>
    public LiveDisplayContext? Live { get; set; }

    public void Write(Line line)
    {
        var paragraph = new Paragraph { Overflow = Overflow.Fold };
        foreach (Piece piece in line.Pieces)
            paragraph.Append(piece.Text, StyleOf(piece.Tone));
        // What the live display had drawn here must go, and both in one write: the display is drawn again behind each.
        int width = Math.Max(2, console.Profile.Width - 1);
        paragraph.Append(new string(' ', width - line.Pieces.Sum(piece => piece.Text.Length) % width) + Environment.NewLine);
        console.Write(paragraph);
    }

    public void Refresh(LabRun run)
    {
        Live?.UpdateTarget(TunnelTable.Create(run, console.Profile.Width));
        Live?.Refresh();
    }

    static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Quiet => new Style(Color.Grey),
        Tone.Strong => new Style(decoration: Decoration.Bold),
        Tone.Node => new Style(Color.Aqua),
        Tone.Good => new Style(Color.Green),
        Tone.Bad => new Style(Color.Red),
        Tone.Warning => new Style(Color.Yellow),
        _ => Style.Plain,
    };
}
