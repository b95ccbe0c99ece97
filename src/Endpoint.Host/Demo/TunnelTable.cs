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
    public static IRenderable Create(LabRun run)
    {
        var table = new Table { Border = TableBorder.Rounded, BorderStyle = new Style(Color.Grey) };
        table.Title = new TableTitle(string.Create(CultureInfo.InvariantCulture, $"lab time {run.Now.TotalSeconds:0.0} s"), new Style(Color.Grey));
        foreach (string column in (string[])["node", "connection", "state", "IKE SA", "child SA", "SPI in/out", "packets in/out", "rekey in"])
            table.AddColumn(new TableColumn(new Text(column, new Style(Color.Grey))));
        foreach ((string node, EndpointStatus status) in run.Statuses)
        {
            foreach (TunnelStatus tunnel in status.Tunnels)
                AddTunnel(table, node, tunnel);
        }
        return table;
    }

    static void AddTunnel(Table table, string node, TunnelStatus tunnel)
    {
        string ike = tunnel.IkeSa is IkeSaStatus sa ? ProposalText.Print(sa.Suite) : "";
        if (tunnel.ChildSas.IsEmpty)
            table.AddRow(Cell(node, Color.Aqua), Cell(tunnel.Connection), State(tunnel.State), Cell(ike), Cell(""), Cell(""), Cell(""), Cell(""));
        foreach (ChildSaStatus child in tunnel.ChildSas)
        {
            table.AddRow(Cell(node, Color.Aqua), Cell(tunnel.Connection), State(tunnel.State), Cell(ike), Cell(ProposalText.Print(child.Suite)),
                Cell($"{child.InboundSpi:x8} {child.OutboundSpi:x8}"), Cell($"{child.PacketsIn} / {child.PacketsOut}"), Cell(Duration(child.RekeyIn)));
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
