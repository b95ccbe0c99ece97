using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Graph;

/// <summary>Draws a topology: its networks, gateways, devices and hosts, and the tunnels, peerings and circuits between them.</summary>
public static class TopologyDrawing
{
    /// <summary>A whole SVG document.</summary>
    public static string ToSvg(TopologyModel model) => SvgWriter.Write(TopologyGraph.Of(model));

    /// <summary>A Mermaid flowchart.</summary>
    public static string ToMermaid(TopologyModel model) => MermaidWriter.Write(TopologyGraph.Of(model));
}
