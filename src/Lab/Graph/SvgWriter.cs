using System.Globalization;
using System.Security;
using System.Text;

namespace Ipsec.Lab.Graph;

/// <summary>A graph as an SVG image, readable on light and dark pages.</summary>
static class SvgWriter
{
    const string Style = """
        text { font: 13px ui-monospace, Menlo, Consolas, monospace; fill: #1b1f24 }
        .title { font-weight: bold }
        .small { fill: #57606a }
        .box { fill: #f6f8fa; stroke: #8c959f; stroke-width: 1.2 }
        .VirtualNetwork { fill: #eaf3fc; stroke: #0969da }
        .item { fill: #ffffff; stroke: #8c959f }
        .Gateway { fill: #cfe5fb; stroke: #0969da }
        .Device { fill: #fff3d6; stroke: #9a6700 }
        path { fill: none; stroke-width: 2 }
        .Tunnel { stroke: #1a7f37 }
        .Peering { stroke: #0969da; stroke-dasharray: 6 4 }
        .Circuit { stroke: #8250df; stroke-width: 5 }
        .label { text-anchor: middle; paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
        """;

    public static string Write(TopologyGraph graph)
    {
        GraphLayout layout = GraphLayout.Of(graph);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {layout.Width} {layout.Height}\" width=\"{layout.Width}\" height=\"{layout.Height}\"");
        text.Append(" role=\"img\">\n");
        text.Append($"<title>{Escape(graph.Title)}</title>\n<style>\n{Style}\n</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        foreach (GraphBox box in graph.Boxes)
            WriteBox(text, box, layout);
        for (int index = 0; index < graph.Links.Length; index++)
            WriteLink(text, graph.Links[index], index, layout);
        return text.Append("</svg>\n").ToString();
    }

    static void WriteBox(StringBuilder text, GraphBox box, GraphLayout layout)
    {
        Rectangle place = layout[box.Id];
        WriteRectangle(text, place, $"box {box.Kind}", 8);
        WriteText(text, place.Left + GraphLayout.Padding, place.Top + 20, "title", box.Title);
        WriteText(text, place.Left + GraphLayout.Padding, place.Top + 37, "small", box.Subtitle);
        foreach (GraphItem item in box.Items)
        {
            Rectangle inner = layout[item.Id];
            WriteRectangle(text, inner, $"item {item.Kind}", item.Kind == GraphItemKind.Host ? inner.Height / 2 : 4);
            for (int line = 0; line < item.Lines.Length; line++)
                WriteText(text, inner.Left + GraphLayout.Padding, inner.Top + GraphLayout.LineHeight * (line + 1) + 3, line == 0 ? "title" : "small",
                    item.Lines[line]);
        }
    }

    static void WriteLink(StringBuilder text, GraphLink link, int index, GraphLayout layout)
    {
        Rectangle from = layout[link.From];
        Rectangle to = layout[link.To];
        bool isSameColumn = layout.ColumnOf(link.From) == layout.ColumnOf(link.To);
        if (!isSameColumn && from.Left > to.Left)
            (from, to) = (to, from);
        // Within a column the link bends to the side where there is room; several of them bend one beyond the other.
        int bend = 70 + 25 * (index % 4);
        (int startX, int endX) = isSameColumn ? (from.Right, to.Right) : (from.Right, to.Left);
        (int firstX, int secondX) = isSameColumn ? (startX + bend, endX + bend) : ((startX + endX) / 2, (startX + endX) / 2);
        text.Append(CultureInfo.InvariantCulture,
            $"<path class=\"{link.Kind}\" d=\"M {startX} {from.Middle} C {firstX} {from.Middle}, {secondX} {to.Middle}, {endX} {to.Middle}\"/>\n");
        // The middle of a cubic curve, with labels of neighbours a line apart.
        int middleX = (startX + 3 * firstX + 3 * secondX + endX) / 8;
        int middleY = (from.Middle + to.Middle) / 2 - 6 + (isSameColumn ? 0 : 14 * (index % 3 - 1));
        WriteText(text, middleX, middleY, "label", link.Label);
    }

    static void WriteRectangle(StringBuilder text, Rectangle place, string style, int radius) => text.Append(CultureInfo.InvariantCulture,
        $"<rect class=\"{style}\" x=\"{place.Left}\" y=\"{place.Top}\" width=\"{place.Width}\" height=\"{place.Height}\" rx=\"{radius}\"/>\n");

    static void WriteText(StringBuilder text, int x, int y, string style, string content) =>
        text.Append(CultureInfo.InvariantCulture, $"<text class=\"{style}\" x=\"{x}\" y=\"{y}\">{Escape(content)}</text>\n");

    static string Escape(string text) => SecurityElement.Escape(text);
}
