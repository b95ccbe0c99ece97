using System.Globalization;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Run;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Ipsec.EndpointHost.Demo;

/// <summary>The live table below the ladder: every tunnel of every node with its SAs and counters.</summary>
static class TunnelTable
{
    /// <summary>Narrower terminals do without the suites, which the ladder has told, and the lifetimes.</summary>
    const int WideTerminal = 125;

    public static IRenderable Create(LabRun run, int terminalWidth)
    {
        bool isWide = terminalWidth >= WideTerminal;
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey) };
        string[] columns = isWide ? ["node", "connection", "state", "IKE SA", "child SA", "SPI in/out", "packets in/out", "rekey in"]
            : ["node", "connection", "state", "SPI in/out", "in/out"];
        foreach (string column in columns)
            table.AddColumn(new TableColumn(new Text(column, new Style(Color.Grey))));
        foreach ((string node, EndpointStatus status) in run.Statuses)
        {
            foreach (TunnelStatus tunnel in status.Tunnels)
                AddTunnel(table, node, tunnel, isWide);
        }
        table.Caption = new TableTitle(string.Create(CultureInfo.InvariantCulture, $"lab time {run.Now.TotalSeconds:0.0} s"), new Style(Color.Grey));
        return table;
    }

    static void AddTunnel(Table table, string node, TunnelStatus tunnel, bool isWide)
    {
        string ike = tunnel.IkeSa is IkeSaStatus sa ? ProposalText.Print(sa.Suite) : "";
        void Add(string suite, string spis, string packets, string rekey)
        {
            Text[] suites = isWide ? [Cell(ike), Cell(suite)] : [];
            Text[] lifetime = isWide ? [Cell(rekey)] : [];
            table.AddRow([Cell(node, Color.Aqua), Cell(tunnel.Connection), State(tunnel.State), .. suites, Cell(spis), Cell(packets), .. lifetime]);
        }
        if (tunnel.ChildSas.IsEmpty)
            Add("", "", "", "");
        foreach (ChildSaStatus child in tunnel.ChildSas)
        {
            Add(ProposalText.Print(child.Suite), $"{child.InboundSpi:x8} {child.OutboundSpi:x8}", $"{child.PacketsIn} / {child.PacketsOut}",
                Duration(child.RekeyIn));
        }
    }

    static Text State(TunnelState state) => Cell(state.ToString().ToLowerInvariant(), state switch
    {
        TunnelState.Established => Color.Green,
        TunnelState.Failed => Color.Red,
        _ => Color.Yellow,
    });

    static Text Cell(string text, Color? color = null) => new(text, new Style(color));

    static string Duration(TimeSpan? time) => time is TimeSpan value ? value.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture) : "";
}
