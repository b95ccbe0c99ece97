using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Topology;

public class SampleFilesTests
{
    public static TheoryData<string> Files =>
        [.. Directory.EnumerateFiles(Path.Combine(Samples.Root, "samples"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => Path.GetRelativePath(Path.Combine(Samples.Root, "samples"), path))];

    [Theory]
    [MemberData(nameof(Files))]
    public void IsRead(string file)
    {
        TopologyModel model = Samples.Load(Samples.Read(file));

        Assert.NotEmpty(model.Nodes);
        Assert.All(model.Nodes, node => Assert.NotEmpty(node.Endpoint.Tunnels));
        Assert.All(model.Nodes.SelectMany(node => node.Endpoint.Tunnels), tunnel =>
        {
            Assert.NotEmpty(tunnel.Connection.InitiatorProposals);
            Assert.All(tunnel.Connection.Children, child => Assert.NotEmpty(child.InitiatorProposals));
        });
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void HoldsWhatItExpects(string file)
    {
        TopologyModel model = Samples.Load(Samples.Read(file));
        // A file with one node has its peer outside.
        if (model.Nodes.Length > 1)
            Labs.AssertPassed(Labs.RunToEnd(model));
        Assert.Equal(model.Nodes.Length > 1, model.Expectations.Length > 0);
    }

    [Fact]
    public void FullSpellingIsTheSameModelAsTheShorthand()
    {
        TopologyModel shorthand = Samples.Load(Samples.Read("site-to-site.yaml"));
        TopologyModel full = Samples.Load(Samples.Read("arm-resources.yaml"));

        Assert.Equal(shorthand.Nodes.Length, full.Nodes.Length);
        foreach ((NodeDefinition left, NodeDefinition right) in shorthand.Nodes.Zip(full.Nodes))
            AssertSame(left, right);
        Assert.Equal(shorthand.Hosts, full.Hosts);
    }

    [Fact]
    public void DevicesFindEachOther()
    {
        TopologyModel model = Samples.Load(Samples.Read("device-to-device.yaml"));
        ConnectionConfiguration left = model.Nodes[0].Endpoint.Tunnels[0].Connection;
        ConnectionConfiguration right = model.Nodes[1].Endpoint.Tunnels[0].Connection;

        Assert.Equal((500, 4500), (left.RemoteIkePort, left.RemoteNatTraversalPort));
        Assert.Equal((5500, 5501), (right.RemoteIkePort, right.RemoteNatTraversalPort));
        Assert.Equal(IpAddress.Parse("2001:db8:3::1"), right.RemoteAddress);
        Assert.Equal(model.Nodes[0].Endpoint.PresharedKeys[0].Key.Span, model.Nodes[1].Endpoint.PresharedKeys[0].Key.Span);
        Assert.Equal([true], left.Children[0].InitiatorProposals[0].ExtendedSequenceNumbers);
        Assert.Equal([true, false], right.Children[0].InitiatorProposals[0].ExtendedSequenceNumbers);
        // Both start by themselves; the site that stands second lets the first one dial.
        Assert.Equal(TimeSpan.Zero, left.StartDelay);
        Assert.True(right.StartDelay > TimeSpan.Zero);
    }

    [Fact]
    public void DeviceBehindNatDialsFromItsPrivateAddress()
    {
        NodeDefinition device = Samples.Load(Samples.Read("behind-nat.yaml")).Nodes[1];

        Assert.Equal(IpAddress.Parse("192.168.1.10"), device.OuterAddress);
        Assert.Equal(IpAddress.Parse("203.0.113.5"), device.NatAddress);
        Assert.Equal([IpAddress.Parse("192.168.1.10")], device.Endpoint.LocalAddresses);
    }

    [Fact]
    public void WireHasItsFaults()
    {
        WireDefinition wire = Assert.Single(Samples.Load(Samples.Read("lossy-wire.yaml")).Wires);

        Assert.Equal(("branch", 0.1, 0.02, 1500), (wire.Node, wire.Loss, wire.Reordering, wire.Mtu));
        Assert.Equal((TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(5)), (wire.Delay, wire.Jitter));
    }

    static void AssertSame(NodeDefinition left, NodeDefinition right)
    {
        Assert.Equal((left.Name, left.Kind, left.OuterAddress), (right.Name, right.Kind, right.OuterAddress));
        Assert.Equal(left.InnerNetworks, right.InnerNetworks);
        Assert.Equal(left.Endpoint.LocalAddresses, right.Endpoint.LocalAddresses);
        Assert.Equal((left.Endpoint.Ike, left.Endpoint.Inner), (right.Endpoint.Ike, right.Endpoint.Inner));
        foreach ((TunnelConfiguration one, TunnelConfiguration other) in left.Endpoint.Tunnels.Zip(right.Endpoint.Tunnels))
        {
            Assert.Equal(one.Connection, other.Connection);
            Assert.Equal(one.Routes, other.Routes);
        }
        Assert.Equal(left.Endpoint.PresharedKeys.Select(key => Convert.ToHexString(key.Key.Span)),
            right.Endpoint.PresharedKeys.Select(key => Convert.ToHexString(key.Key.Span)));
    }
}
