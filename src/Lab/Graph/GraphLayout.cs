using System.Collections.Immutable;

namespace Ipsec.Lab.Graph;

/// <summary>
/// Where things stand: virtual networks without a link to the outside on the left, those with one in the middle, sites on the right; in each column one
/// above the other, in the order of the file. Everything in pixels.
/// </summary>
sealed class GraphLayout
{
    public const int Margin = 24;
    public const int TitleHeight = 46;
    public const int LineHeight = 17;
    public const int Padding = 14;

    const int ItemGap = 10;
    const int BoxGap = 28;
    const int ColumnGap = 230;
    const int PeeringGap = 130;
    const int CharacterWidth = 8;
    const int SmallestItem = 120;

    readonly Dictionary<string, Rectangle> _places = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);

    GraphLayout(int width, int height) => (Width, Height) = (width, height);

    public int Width { get; private set; }
    public int Height { get; private set; }

    public Rectangle this[string id] => _places[id];

    /// <summary>0 is the left one.</summary>
    public int ColumnOf(string id) => _columns[id];

    public static GraphLayout Of(TopologyGraph graph)
    {
        HashSet<string> linked = [.. graph.Links.Where(link => link.Kind != GraphLinkKind.Peering).SelectMany(link => new[] { link.From, link.To })];
        ImmutableArray<GraphBox>[] columns =
        [
            [.. graph.Boxes.Where(box => box.Kind == GraphBoxKind.VirtualNetwork && !box.Items.Any(item => linked.Contains(item.Id)))],
            [.. graph.Boxes.Where(box => box.Kind == GraphBoxKind.VirtualNetwork && box.Items.Any(item => linked.Contains(item.Id)))],
            [.. graph.Boxes.Where(box => box.Kind == GraphBoxKind.Site)],
        ];
        int tallest = columns.Max(HeightOf);
        var layout = new GraphLayout(0, tallest + 2 * Margin);
        int left = Margin;
        for (int column = 0; column < columns.Length; column++)
        {
            if (columns[column].IsEmpty)
                continue;
            int width = columns[column].Max(WidthOf);
            int top = Margin + (tallest - HeightOf(columns[column])) / 2;
            foreach (GraphBox box in columns[column])
                top = layout.Place(box, column, left, top, width) + BoxGap;
            left += width + (column == 0 ? PeeringGap : ColumnGap);
            layout.Width = left - (column == 0 ? PeeringGap : ColumnGap) + Margin;
        }
        // Links within the last column bend to its right.
        if (graph.Links.Any(link => layout._columns[link.From] == layout._columns[link.To] && layout._places[link.From].Right > layout.Width - ColumnGap))
            layout.Width += ColumnGap;
        return layout;
    }

    int Place(GraphBox box, int column, int left, int top, int width)
    {
        int itemTop = top + TitleHeight;
        foreach (GraphItem item in box.Items)
        {
            int height = HeightOf(item);
            Put(item.Id, column, new Rectangle(left + Padding, itemTop, width - 2 * Padding, height));
            itemTop += height + ItemGap;
        }
        Put(box.Id, column, new Rectangle(left, top, width, HeightOf(box)));
        return top + HeightOf(box);
    }

    void Put(string id, int column, Rectangle place) => (_places[id], _columns[id]) = (place, column);

    static int HeightOf(ImmutableArray<GraphBox> column) => column.IsEmpty ? 0 : column.Sum(HeightOf) + (column.Length - 1) * BoxGap;

    static int HeightOf(GraphBox box) => TitleHeight + box.Items.Sum(item => HeightOf(item) + ItemGap) + Padding - ItemGap + (box.Items.IsEmpty ? ItemGap : 0);

    static int HeightOf(GraphItem item) => item.Lines.Length * LineHeight + Padding;

    static int WidthOf(GraphBox box)
    {
        int longest = Math.Max(box.Title.Length, box.Subtitle.Length) * CharacterWidth;
        return 2 * Padding + Math.Max(longest, box.Items.Select(item => item.Lines.Max(line => line.Length) * CharacterWidth + 2 * Padding)
            .Append(SmallestItem).Max());
    }
}

readonly record struct Rectangle(int Left, int Top, int Width, int Height)
{
    public int Right => Left + Width;
    public int Middle => Top + Height / 2;
}
