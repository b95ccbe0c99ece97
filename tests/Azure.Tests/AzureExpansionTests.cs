using System.Security.Cryptography;
using Ipsec.Azure.Resources;
using Ipsec.Endpoint;
using Ipsec.Esp;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;
using NatRule = Ipsec.Azure.Resources.NatRule;

namespace Ipsec.Azure.Tests;

public class AzureExpansionTests
{
    [Fact]
    public void DefaultsAreThoseOfARouteBasedGateway()
    {
        EndpointConfiguration endpoint = Expand(SampleEnvironment.Create());
        TunnelConfiguration tunnel = Assert.Single(endpoint.Tunnels);
        ConnectionConfiguration connection = tunnel.Connection;
        ChildConfiguration child = Assert.Single(connection.Children);

        Assert.Equal([IpAddress.Parse("198.51.100.10")], endpoint.LocalAddresses);
        Assert.Equal([IpPrefix.Parse("10.1.0.0/16")], endpoint.LocalNetworks);
        Assert.Equal([new TunnelRoute(IpPrefix.Parse("10.2.0.0/24"))], tunnel.Routes);
        Assert.Null(tunnel.MssClamp);
        Assert.False(endpoint.Inner.FragmentInner);
        Assert.False(endpoint.Inner.SendPacketTooBig);

        Assert.Equal(Identity.From(IpAddress.Parse("198.51.100.10")), connection.LocalIdentity);
        Assert.Null(connection.RemoteIdentity);
        Assert.Equal([IpPrefix.Parse("203.0.113.5/32")], connection.AcceptedRemoteAddresses);
        Assert.Equal(TimeSpan.FromSeconds(28_800), connection.Lifetime.HardTime);
        Assert.Equal(TimeSpan.FromSeconds(27_360), connection.Lifetime.RekeyTime);
        Assert.Equal(6, connection.InitiatorProposals.Length);
        // Every few seconds, without an end and without longer pauses.
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5)), (connection.RetryDelay, connection.MaximumRetryDelay));
        Assert.Empty(endpoint.Ike.VendorIds);

        Assert.Equal([TrafficSelector.AnyV4], child.LocalSelectors);
        Assert.Equal([TrafficSelector.AnyV4], child.RemoteSelectors);
        Assert.True(child.AcceptAnySelectors);
        Assert.Equal(TimeSpan.FromSeconds(27_000), child.Lifetime.HardTime);
        Assert.Equal(102_400_000UL * 1024, child.Lifetime.HardBytes);
        Assert.Equal(102_400_000UL * 1024 / 100 * 95, child.Lifetime.RekeyBytes);
        Assert.Equal(1024, child.ReplayWindow);
    }

    [Fact]
    public void AGatewayHasNoTransitAndSharesItsSkusBandwidthOnlyIfItIsToldTo()
    {
        AzureEnvironment environment = SampleEnvironment.Create();
        Assert.False(Expand(environment).Transit);
        Assert.Null(Expand(environment).Shaper);
        EndpointConfiguration limited = Expand(environment with { Emulation = new EmulationOptions { LimitBandwidth = true } });
        Assert.Equal(new ShaperSettings(1_000_000_000, ShaperSettings.DefaultDepth), limited.Shaper);
    }

    [Fact]
    public void NatRulesOfAConnectionAreThoseOfItsInstance()
    {
        VirtualNetworkGateway gateway = SampleEnvironment.Gateway with
        {
            ActiveActive = true,
            IpConfigurations = [new("default", "hub", "GatewaySubnet", "hub-ip"), new("activeActive", "hub", "GatewaySubnet", "hub-ip2")],
            NatRules =
            [
                Rule("site", VpnNatRuleType.Static, VpnNatRuleMode.IngressSnat, "10.2.0.0/24", "100.0.2.0/24", null),
                Rule("hub-0", VpnNatRuleType.Dynamic, VpnNatRuleMode.EgressSnat, "10.1.0.0/16", "100.0.1.0/27", "default"),
                Rule("hub-1", VpnNatRuleType.Dynamic, VpnNatRuleMode.EgressSnat, "10.1.0.0/16", "100.0.1.32/27", "activeActive"),
                Rule("unused", VpnNatRuleType.Static, VpnNatRuleMode.EgressSnat, "10.1.0.0/16", "100.9.0.0/16", null),
            ],
        };
        AzureEnvironment environment = SampleEnvironment.Create().With(gateway)
            .With(SampleEnvironment.Connection with { EgressNatRules = ["hub-0", "hub-1"], IngressNatRules = ["site"] });
        Assert.Equal(["Dynamic EgressSnat 10.1.0.0/16 100.0.1.0/27", "Static IngressSnat 10.2.0.0/24 100.0.2.0/24"], RulesOf(0));
        Assert.Equal(["Dynamic EgressSnat 10.1.0.0/16 100.0.1.32/27", "Static IngressSnat 10.2.0.0/24 100.0.2.0/24"], RulesOf(1));
        Assert.Equal([new TunnelRoute(IpPrefix.Parse("100.0.2.0/24"))], Assert.Single(AzureExpansion.Expand(environment, gateway, 0).Tunnels).Routes);

        // What the site is called where the other instance translates it is not routed here.
        NatRule[] own = [Rule("in-0", VpnNatRuleType.Dynamic, VpnNatRuleMode.IngressSnat, "10.2.0.0/24", "100.0.3.0/27", "default"),
            Rule("in-1", VpnNatRuleType.Dynamic, VpnNatRuleMode.IngressSnat, "10.2.0.0/24", "100.0.3.32/27", "activeActive")];
        VirtualNetworkGateway apart = gateway with { NatRules = [.. own] };
        AzureEnvironment each = SampleEnvironment.Create().With(apart).With(SampleEnvironment.Connection with { IngressNatRules = ["in-0", "in-1"] });
        Assert.Equal(["100.0.3.0/27", "100.0.3.32/27"],
            Enumerable.Range(0, 2).Select(instance => Assert.Single(Assert.Single(AzureExpansion.Expand(each, apart, instance).Tunnels).Routes)
                .Prefix.ToString()));

        // Selectors are about the addresses of the wire.
        AzureEnvironment narrow = environment with { Emulation = new EmulationOptions { AcceptAnyTrafficSelectors = false } };
        ChildConfiguration child = Assert.Single(Assert.Single(AzureExpansion.Expand(narrow, gateway, 1).Tunnels).Connection.Children);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("100.0.1.32/27"))], child.LocalSelectors);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24"))], child.RemoteSelectors);

        string[] RulesOf(int instance) => [.. Assert.Single(AzureExpansion.Expand(environment, gateway, instance).Tunnels).Nat
            .Select(rule => $"{rule.Kind} {rule.Mode} {rule.Internal} {rule.External}")];

        static NatRule Rule(string name, VpnNatRuleType type, VpnNatRuleMode mode, string @internal, string external, string? configuration) => new()
        {
            Name = name,
            Type = type,
            Mode = mode,
            InternalMappings = [IpPrefix.Parse(@internal)],
            ExternalMappings = [IpPrefix.Parse(external)],
            IpConfigurationId = configuration,
        };
    }

    [Theory]
    [InlineData(VirtualNetworkGatewayConnectionMode.Default, true, true, StartAction.Start, 5)]
    [InlineData(VirtualNetworkGatewayConnectionMode.InitiatorOnly, true, false, StartAction.Start, 0)]
    [InlineData(VirtualNetworkGatewayConnectionMode.ResponderOnly, false, true, StartAction.None, 0)]
    public void ConnectionModeDecidesWhoBegins(VirtualNetworkGatewayConnectionMode mode, bool mayInitiate, bool mayRespond, StartAction action,
        int delaySeconds)
    {
        ConnectionConfiguration connection = Connection(SampleEnvironment.Connection with { ConnectionMode = mode });

        Assert.Equal((mayInitiate, mayRespond, action), (connection.MayInitiate, connection.MayRespond, connection.StartAction));
        if (mode != VirtualNetworkGatewayConnectionMode.ResponderOnly)
            Assert.Equal(TimeSpan.FromSeconds(delaySeconds), connection.StartDelay);
    }

    [Theory]
    [InlineData(45, 4)]
    [InlineData(30, 3)]
    [InlineData(9, 1)]
    [InlineData(3600, 4)]
    public void DeadPeerTimeoutIsIdleTimePlusRetransmissions(int timeout, int tries)
    {
        EndpointConfiguration endpoint = Expand(SampleEnvironment.Create().With(SampleEnvironment.Connection with { DpdTimeoutSeconds = timeout }));
        ConnectionConfiguration connection = endpoint.Tunnels[0].Connection;

        Assert.Equal(tries, connection.Retransmission.Tries);
        Assert.Equal(timeout, (connection.DeadPeerDetectionDelay + connection.Retransmission.TotalTime).TotalSeconds);
    }

    [Fact]
    public void PolicyBasedSelectorsAreEveryCombination()
    {
        AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Connection with { UsePolicyBasedTrafficSelectors = true });
        environment = environment with
        {
            VirtualNetworks = [environment.VirtualNetworks[0] with { AddressPrefixes = [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("172.16.0.0/16")] }],
            LocalNetworkGateways = [SampleEnvironment.LocalGateway with { AddressPrefixes = [IpPrefix.Parse("10.2.0.0/24"), IpPrefix.Parse("10.3.0.0/24")] }],
        };

        Assert.Equal(
            [
                ("hub-to-branch", "10.1.0.0-10.1.255.255", "10.2.0.0-10.2.0.255"), ("hub-to-branch-2", "10.1.0.0-10.1.255.255", "10.3.0.0-10.3.0.255"),
                ("hub-to-branch-3", "172.16.0.0-172.16.255.255", "10.2.0.0-10.2.0.255"),
                    ("hub-to-branch-4", "172.16.0.0-172.16.255.255", "10.3.0.0-10.3.0.255"),
            ],
            Expand(environment).Tunnels[0].Connection.Children.Select(child => (child.Name, Range(child.LocalSelectors[0]), Range(child.RemoteSelectors[0]))));
    }

    [Fact]
    public void TrafficSelectorPoliciesReplaceTheAddressSpaces()
    {
        TrafficSelectorPolicy policy = new([IpPrefix.Parse("10.1.1.0/24")], [IpPrefix.Parse("10.2.0.128/25")]);
        ConnectionConfiguration ranges = Connection(SampleEnvironment.Connection with
        {
            UsePolicyBasedTrafficSelectors = true,
            TrafficSelectorPolicies = [policy]
        });
        ConnectionConfiguration withoutEffect = Connection(SampleEnvironment.Connection with { TrafficSelectorPolicies = [policy] });

        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.2.0.128/25"))], Assert.Single(ranges.Children).RemoteSelectors);
        Assert.Equal([TrafficSelector.AnyV4], Assert.Single(withoutEffect.Children).RemoteSelectors);
    }

    [Fact]
    public void BothFamiliesWhereBothSidesHaveThem()
    {
        AzureEnvironment environment = SampleEnvironment.Create();
        environment = environment with
        {
            VirtualNetworks = [environment.VirtualNetworks[0] with { AddressPrefixes = [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("fd01::/48")] }],
            LocalNetworkGateways = [SampleEnvironment.LocalGateway with { AddressPrefixes = [IpPrefix.Parse("10.2.0.0/24"), IpPrefix.Parse("fd02::/48")] }],
        };

        Assert.Equal([TrafficSelector.AnyV4, TrafficSelector.AnyV6], Expand(environment).Tunnels[0].Connection.Children[0].LocalSelectors);
    }

    [Fact]
    public void SecondInstanceHasTheSecondAddress()
    {
        VirtualNetworkGateway gateway = SampleEnvironment.Gateway with
        {
            ActiveActive = true,
            IpConfigurations = [.. SampleEnvironment.Gateway.IpConfigurations, new GatewayIpConfiguration("activeActive", "hub", "GatewaySubnet", "hub-ip2")],
        };
        AzureEnvironment environment = SampleEnvironment.Create().With(gateway);

        EndpointConfiguration second = AzureExpansion.Expand(environment, gateway, 1);

        Assert.Equal([IpAddress.Parse("198.51.100.11")], second.LocalAddresses);
        Assert.Equal(Identity.From(IpAddress.Parse("198.51.100.11")), second.Tunnels[0].Connection.LocalIdentity);
    }

    [Fact]
    public void EmulationOptionsChangeWhatIsNotDocumented()
    {
        AzureEnvironment environment = SampleEnvironment.Create() with
        {
            Emulation = new EmulationOptions
            {
                AcceptAnyTrafficSelectors = false,
                RequireAddressIdentity = true,
                RekeyPercent = 50,
                MssClamp = 1350,
                IkePort = 5500
            },
        };

        EndpointConfiguration endpoint = Expand(environment);
        ConnectionConfiguration connection = endpoint.Tunnels[0].Connection;

        Assert.Equal(5500, endpoint.IkePort);
        Assert.Equal(1350, endpoint.Tunnels[0].MssClamp);
        Assert.Equal(Identity.From(IpAddress.Parse("203.0.113.5")), connection.RemoteIdentity);
        Assert.Equal(TimeSpan.FromSeconds(14_400), connection.Lifetime.RekeyTime);
        Assert.False(connection.Children[0].AcceptAnySelectors);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.1.0.0/16"))], connection.Children[0].LocalSelectors);
    }

    [Fact]
    public void VendorIdsAndPacketTooBigAreOptions()
    {
        EndpointConfiguration endpoint = Expand(SampleEnvironment.Create() with
        {
            Emulation = new EmulationOptions
            {
                VendorIds = true,
                SendPacketTooBig = true
            }
        });

        Assert.True(endpoint.Inner.SendPacketTooBig);
        // MD5 of the texts that a peer of a real gateway has logged; behind the first one the version.
        Assert.Equal(
            [[.. MD5.HashData("MS NT5 ISAKMPOAKLEY"u8), 0, 0, 0, 9], MD5.HashData("MS-Negotiation Discovery Capable"u8)],
            endpoint.Ike.VendorIds.Select(data => data.ToArray()));
    }

    [Fact]
    public void ReplayProtectionCanBeTurnedOffForTheGateway()
    {
        AzureEnvironment environment = SampleEnvironment.Create().With(SampleEnvironment.Gateway with { DisableIPSecReplayProtection = true });

        Assert.Equal(0, Expand(environment).Tunnels[0].Connection.Children[0].ReplayWindow);
    }

    [Fact]
    public void KeyIsForTheDevicesAddressAndIsACopy()
    {
        AzureEnvironment environment = SampleEnvironment.Create();
        PresharedKey key = Assert.Single(Expand(environment).PresharedKeys);

        environment.Connections[0].SharedKey!.Dispose();

        Assert.Equal("Gh7s0pQ2xV9k"u8, key.Key.Span);
        Assert.Equal(IpAddress.Parse("203.0.113.5"), key.RemoteAddress);
    }

    static EndpointConfiguration Expand(AzureEnvironment environment) => AzureExpansion.Expand(environment, environment.VirtualNetworkGateways[0], 0);

    static ConnectionConfiguration Connection(GatewayConnection connection) => Expand(SampleEnvironment.Create().With(connection)).Tunnels[0].Connection;

    static string Range(TrafficSelector selector) => $"{selector.Addresses.First}-{selector.Addresses.Last}";
}
