using System.Text;

namespace Ipsec.Lab.Graph;

/// <summary>A graph as a Mermaid flowchart, which forges and editors draw.</summary>
static class MermaidWriter
{
    public static string Write(TopologyGraph graph)
    {
        var text = new StringBuilder();
        text.Append("flowchart LR\n");
        foreach (GraphBox box in graph.Boxes)
        {
            text.Append($"  subgraph {Id(box.Id)}[\"{Escape($"{box.Title}\n{box.Subtitle}")}\"]\n");
            foreach (GraphItem item in box.Items)
            {
                (string open, string close) = item.Kind == GraphItemKind.Host ? ("([", "])") : ("[", "]");
                text.Append($"    {Id(item.Id)}{open}\"{Escape(string.Join('\n', item.Lines))}\"{close}\n");
            }
            text.Append("  end\n");
        }
        foreach (GraphLink link in graph.Links)
            text.Append($"  {Id(link.From)} {Arrow(link.Kind)}|\"{Escape(link.Label)}\"| {Id(link.To)}\n");
        return text.ToString();
    }

    static string Arrow(GraphLinkKind kind) => kind switch
    {
        GraphLinkKind.Peering => "-.-",
        GraphLinkKind.Circuit => "===",
        _ => "---",
    };

    /// <summary>Letters, digits and underscores; what stands for another character cannot come from two names.</summary>
    static string Id(string id)
    {
        var text = new StringBuilder();
        foreach (char character in id)
            text.Append(char.IsAsciiLetterOrDigit(character) ? character : $"_{(int)character:x2}");
        return text.ToString();
    }

    static string Escape(string text) => text.Replace("\"", "#quot;", StringComparison.Ordinal).Replace("\n", "<br/>", StringComparison.Ordinal);
}
