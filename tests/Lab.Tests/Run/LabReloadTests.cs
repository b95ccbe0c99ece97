using Ipsec.Ike;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;

namespace Ipsec.Lab.Tests.Run;

public class LabReloadTests
{
    /// <summary>The local network gateway does not name the site's second network yet.</summary>
    const string Before = """
        name: growing
        azure:
          virtualNetworks:
            hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } }
          virtualNetworkGateways:
            hub-gw: { virtualNetwork: hub, sku: VpnGw2AZ, publicIPAddresses: [198.51.100.10] }
          localNetworkGateways:
            branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [10.2.0.0/24] }
          connections:
            hub-to-branch: { virtualNetworkGateway1: hub-gw, localNetworkGateway2: branch, sharedKey: Xn6vC3rT8yHb1K }
        sites:
          branch:
            networks: [10.2.0.0/24, 10.2.1.0/24]
            device: { profile: azure-sample, vpnType: RouteBased, address: 203.0.113.5, connections: [hub-to-branch] }
        hosts:
          vm1: { in: hub/app, address: 10.1.1.4 }
          pc1: { in: branch, address: 10.2.0.10 }
          pc2: { in: branch, address: 10.2.1.10 }
        """;

    [Fact]
    public void ANetworkThatIsAddedIsRoutedAndTheTunnelStays()
    {
        using LabRun run = Labs.Start(Samples.Load(Before));
        run.RunUntil(TimeSpan.FromSeconds(30));
        uint spi = Spi(run);
        bool before = Ping(run, "vm1", "pc2");

        CommandResult result = run.Reload(Samples.Load(Before.Replace("[10.2.0.0/24] }", "[10.2.0.0/24, 10.2.1.0/24] }", StringComparison.Ordinal)));
        run.RunUntil(run.Now + TimeSpan.FromSeconds(1));

        Assert.Null(result.Error);
        Assert.Equal((false, true), (before, Ping(run, "vm1", "pc2")));
        Assert.Equal(spi, Spi(run));
    }

    [Fact]
    public void WhatIsSaidBehindAnExpectationFollowsTheFile()
    {
        const string file = Before + "\nexpect: [no ping vm1 -> pc2]\n";
        using LabRun run = Labs.Start(Samples.Load(file));
        run.RunUntil(TimeSpan.FromSeconds(30));
        string before = Assert.Single(run.CreateReport().Expectations).Detail;

        Assert.Null(run.Reload(Samples.Load(file.Replace("[10.2.0.0/24] }", "[10.2.0.0/24, 10.2.1.0/24] }", StringComparison.Ordinal))).Error);

        Assert.Contains("10.2.1.10 is not among the addressPrefixes", before);
        Assert.DoesNotContain("addressPrefixes", Assert.Single(run.CreateReport().Expectations).Detail);
    }

    [Fact]
    public void AKeyThatIsChangedResetsTheTunnel()
    {
        using LabRun run = Labs.Start(Samples.Load(Before));
        run.RunUntil(TimeSpan.FromSeconds(30));
        uint spi = Spi(run);

        CommandResult result = run.Reload(Samples.Load(Before.Replace("Xn6vC3rT8yHb1K", "b8Qw2ZtY5mNe", StringComparison.Ordinal)));
        run.RunUntil(run.Now + TimeSpan.FromSeconds(30));

        Assert.Null(result.Error);
        Assert.NotEqual(spi, Spi(run));
        Assert.True(Ping(run, "vm1", "pc1"));
    }

    [Theory]
    [InlineData("vm1: { in: hub/app, address: 10.1.1.4 }", "vm1: { in: hub/app, address: 10.1.1.5 }", "The hosts of a lab cannot change while it runs; run it again.")]
    [InlineData("name: growing", "name: grown", "The name of a lab cannot change while it runs; run it again.")]
    [InlineData("203.0.113.5", "203.0.113.6", "The place of branch (addresses, NAT, LAN, circuit, program) cannot change while a lab runs; run it again.")]
    [InlineData("  virtualNetworks:", "  emulation: { innerMtu: 1300 }\n  virtualNetworks:", "The inner options (MTU, fragmentation, DSCP) of 'hub-gw' cannot change while it runs; restart it.")]
    [InlineData("  virtualNetworks:", "  emulation: { failover: { planned: 10s } }\n  virtualNetworks:", "The durations of failovers of a lab cannot change while it runs; run it again.")]
    public void WhatALabCannotChangeIsRefusedAndNothingChanges(string text, string changed, string sentence)
    {
        using LabRun run = Labs.Start(Samples.Load(Before));
        run.RunUntil(TimeSpan.FromSeconds(30));
        uint spi = Spi(run);

        CommandResult result = run.Reload(Samples.Load(Before.Replace(text, changed, StringComparison.Ordinal)));
        run.RunUntil(run.Now + TimeSpan.FromSeconds(30));

        Assert.Equal(sentence, result.Error);
        Assert.Equal(spi, Spi(run));
    }

    static uint Spi(LabRun run) => Assert.Single(Assert.Single(run.Statuses[0].Status.Tunnels).ChildSas).InboundSpi;

    static bool Ping(LabRun run, string from, string to)
    {
        EchoOutcome? outcome = null;
        run.Memory.Hosts[from].Ping(run.Memory.Hosts[to].Address, 56, TimeSpan.FromSeconds(1), result => outcome = result);
        run.RunUntil(run.Now + TimeSpan.FromSeconds(2));
        return outcome!.Value.RoundTripTime is not null;
    }
}
