using System.Text;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Tests.Topology;

public class SiteToSiteSampleTests
{
    [Fact]
    public void HasAGatewayAndADevice()
    {
        TopologyModel model = Samples.Load(Samples.Read("site-to-site.yaml"));

        Assert.Equal("site-to-site", model.Name);
        Assert.Equal([("hub-gw", NodeKind.AzureGateway), ("branch", NodeKind.Device)], model.Nodes.Select(node => (node.Name, node.Kind)));
        Assert.Equal(IpAddress.Parse("198.51.100.10"), model.Nodes[0].OuterAddress);
        Assert.Equal([IpPrefix.Parse("10.1.0.0/16")], model.Nodes[0].InnerNetworks);
        Assert.Equal([new HostDefinition("vm1", "hub/app", "hub-gw", IpAddress.Parse("10.1.1.4")),
            new HostDefinition("pc1", "branch", "branch", IpAddress.Parse("10.2.0.10"))], model.Hosts);
    }

    [Fact]
    public void GatewayAnswersAnyToAnyAndDeviceProposesItsNetworks()
    {
        TopologyModel model = Samples.Load(Samples.Read("site-to-site.yaml"));
        ConnectionConfiguration gateway = Assert.Single(model.Nodes[0].Endpoint.Tunnels).Connection;
        TunnelConfiguration tunnel = Assert.Single(model.Nodes[1].Endpoint.Tunnels);

        Assert.Equal("hub-to-branch", gateway.Name);
        Assert.Equal(IpAddress.Parse("203.0.113.5"), gateway.RemoteAddress);
        Assert.Equal(Identity.From(IpAddress.Parse("198.51.100.10")), gateway.LocalIdentity);
        Assert.True(gateway.Children[0].AcceptAnySelectors);
        Assert.Equal([TrafficSelector.AnyV4], gateway.Children[0].LocalSelectors);

        ConnectionConfiguration device = tunnel.Connection;
        Assert.Equal("hub-to-branch", device.Name);
        Assert.Equal(IpAddress.Parse("198.51.100.10"), device.RemoteAddress);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24"))], device.Children[0].LocalSelectors);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.1.0.0/16"))], device.Children[0].RemoteSelectors);
        Assert.Equal([new TunnelRoute(IpPrefix.Parse("10.1.0.0/16"))], tunnel.Routes);
        Assert.Equal(1350, tunnel.MssClamp);
    }

    [Fact]
    public void TakesTheKeyFromTheEnvironmentOrItsDefault()
    {
        MemorySecrets secrets = new() { Environment = { ["LAB_PSK"] = "fromEnvironment" } };

        foreach ((ISecretSource source, string expected) in new (ISecretSource, string)[] { (new MemorySecrets(), "Gh7s0pQ2xV9k"),
            (secrets, "fromEnvironment") })
        {
            TopologyModel model = Samples.Load(Samples.Read("site-to-site.yaml"), source);
            Assert.All(model.Nodes, node => Assert.Equal(expected, Encoding.UTF8.GetString(node.Endpoint.PresharedKeys[0].Key.Span)));
        }
    }

    [Fact]
    public void MismatchExpectsItsReason()
    {
        TopologyModel model = Samples.Load(Samples.Read("site-to-site-mismatch.yaml"));

        TunnelExpectation tunnel = Assert.IsType<TunnelExpectation>(model.Expectations[0]);
        Assert.Equal(("hub-to-branch", false, "no-proposal-chosen"), (tunnel.Connection, tunnel.MustBeUp, tunnel.ReasonCode));
        Assert.False(Assert.IsType<PingExpectation>(model.Expectations[1]).MustSucceed);
    }
}
