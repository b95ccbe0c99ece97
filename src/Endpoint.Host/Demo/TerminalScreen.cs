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
        // Whole rows, because what the live display had drawn here must go; in one write, because it is drawn again behind each.
        var paragraph = new Paragraph { Overflow = Overflow.Crop };
        foreach (Line row in line.ToRows(Math.Max(2, console.Profile.Width - 1)))
        {
            foreach (Piece piece in row.Pieces)
                paragraph.Append(piece.Text, StyleOf(piece.Tone));
            paragraph.Append(Environment.NewLine);
        }
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
