using System.Xml.Linq;
using Ipsec.Lab.Graph;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.Graph;

public class TopologyDrawingTests
{
    static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void MermaidNamesEveryPartAndLink() => Assert.Equal("""
        flowchart LR
          subgraph vnet_2dhub["virtual network hub<br/>10.1.0.0/16"]
            gateway_2dhub_2dgw_2d0["hub-gw<br/>VPN gateway VpnGw2AZ<br/>198.51.100.10"]
            host_2dvm1(["vm1<br/>10.1.1.4"])
          end
          subgraph site_2dbranch["site branch<br/>10.2.0.0/24"]
            device_2dbranch["device strongswan<br/>203.0.113.5"]
            host_2dpc1(["pc1<br/>10.2.0.10"])
          end
          gateway_2dhub_2dgw_2d0 ---|"hub-to-branch"| device_2dbranch

        """, TopologyDrawing.ToMermaid(Labs.Sample("site-to-site.yaml")), ignoreLineEndingDifferences: true);

    [Fact]
    public void ADeviceBehindANatIsLinkedByItsPublicAddress()
    {
        string drawing = TopologyDrawing.ToMermaid(Labs.Sample("behind-nat.yaml"));
        Assert.Matches(" behind [0-9.]+", drawing);
        Assert.Single(drawing.Split('\n'), line => line.Contains(" ---|"));
    }

    [Theory]
    [MemberData(nameof(SampleNames))]
    public void EverySampleIsDrawnWithinItsFrameWithoutOverlaps(string sample)
    {
        XElement svg = XElement.Parse(TopologyDrawing.ToSvg(Labs.Sample(sample)));
        Place[] places = [.. svg.Elements(Svg + "rect").Where(rectangle => rectangle.Attribute("class") is not null).Select(Place.Of)];
        Assert.NotEmpty(places);
        Assert.All(places, place => Assert.True(place.Left >= 0 && place.Top >= 0 && place.Right <= (int)svg.Attribute("width")!
            && place.Bottom <= (int)svg.Attribute("height")!));
        foreach (IGrouping<bool, Place> same in places.GroupBy(place => place.IsBox))
        {
            Place[] each = [.. same];
            for (int i = 0; i < each.Length; i++)
                Assert.All(each[(i + 1)..], other => Assert.False(each[i].Overlaps(other)));
        }
        Assert.NotEmpty(svg.Elements(Svg + "path"));
    }

    [Fact]
    public void NamesCannotLeaveTheirPlace()
    {
        TopologyModel model = Labs.Sample("site-to-site.yaml") with { Name = "<&\"'>" };
        Assert.Equal("<&\"'>", (string?)XElement.Parse(TopologyDrawing.ToSvg(model)).Element(Svg + "title"));
    }

    public static TheoryData<string> SampleNames() => [.. Samples.Names];

    sealed record Place(int Left, int Top, int Right, int Bottom, bool IsBox)
    {
        public static Place Of(XElement rectangle)
        {
            int left = (int)rectangle.Attribute("x")!;
            int top = (int)rectangle.Attribute("y")!;
            return new Place(left, top, left + (int)rectangle.Attribute("width")!, top + (int)rectangle.Attribute("height")!,
                rectangle.Attribute("class")!.Value.StartsWith("box", StringComparison.Ordinal));
        }

        public bool Overlaps(Place other) => Left < other.Right && other.Left < Right && Top < other.Bottom && other.Top < Bottom;
    }
}
