using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Azure.Tests.Diagnostics;

public class GatewayDiagnosisTests
{
    static readonly EncryptionTransform Aes256 = new(EncryptionAlgorithm.AesCbc, 256);
    static readonly EncryptionTransform Gcm256 = new(EncryptionAlgorithm.AesGcm16, 256);
    static readonly IkeSuite Suite = new(Aes256, PseudorandomFunction.HmacSha1, IntegrityAlgorithm.HmacSha1_96, KeyExchangeMethod.Modp1024);

    [Fact]
    public void AddsUpTheTunnelsOfBothInstances()
    {
        ConnectionDiagnosis connection = Diagnose(Instance(0, Up(100, 10)), Instance(1, Up(7, 2)));
        Assert.Equal("hub-to-branch", connection.Name);
        Assert.Equal(VirtualNetworkGatewayConnectionStatus.Connected, connection.ConnectionStatus);
        Assert.Equal((107UL, 12UL), (connection.IngressBytesTransferred, connection.EgressBytesTransferred));
        Assert.Equal([("hub-to-branch_198.51.100.10", 100UL, 10UL), ("hub-to-branch_198.51.100.11", 7UL, 2UL)],
            connection.TunnelConnectionStatus.Select(tunnel => (tunnel.Tunnel, tunnel.IngressBytesTransferred, tunnel.EgressBytesTransferred)));
        Assert.Equal(2, connection.IkeSas.Length);
    }

    [Fact]
    public void AddsUpTheMachinesThatServedAnAddress()
    {
        InstanceObservation instance = Instance(0, Up(100, 10));
        instance.Diagnostics.Stopped(instance.Status, "GatewayTenantWorker_IN_0", default);
        TunnelConnectionHealth tunnel = Assert.Single(Diagnose(instance with { Status = instance.Status with { Tunnels = [Up(7, 2)] } })
            .TunnelConnectionStatus);
        Assert.Equal((107UL, 12UL), (tunnel.IngressBytesTransferred, tunnel.EgressBytesTransferred));
    }

    [Theory]
    [InlineData(TunnelState.Down, "NotConnected")]
    [InlineData(TunnelState.Connecting, "Connecting")]
    [InlineData(TunnelState.Established, "Connecting")]
    [InlineData(TunnelState.Failed, "NotConnected")]
    [InlineData(TunnelState.Closing, "NotConnected")]
    public void WithoutAChildSaNothingIsConnected(TunnelState state, string expected) =>
        Assert.Equal(expected, Diagnose(Instance(0, Tunnel(state))).ConnectionStatus.ToString());

    [Fact]
    public void AConnectionIsWhatItsBestTunnelIs()
    {
        Assert.Equal("Connected", Diagnose(Instance(0, Tunnel(TunnelState.Failed)), Instance(1, Up(1, 1))).ConnectionStatus.ToString());
        Assert.Equal("Connecting", Diagnose(Instance(0, Tunnel(TunnelState.Failed)), Instance(1, Tunnel(TunnelState.Connecting))).ConnectionStatus.ToString());
    }

    [Fact]
    public void AnInstanceWithoutAMachineIsUnknown()
    {
        ConnectionDiagnosis connection = Diagnose(Instance(0, Tunnel(TunnelState.Down)) with { IsServing = false });
        Assert.Equal(VirtualNetworkGatewayConnectionStatus.Unknown, connection.ConnectionStatus);
        Assert.Equal(VirtualNetworkGatewayConnectionStatus.Unknown, Assert.Single(connection.TunnelConnectionStatus).ConnectionStatus);
    }

    [Fact]
    public void SaysWhyWithAzuresNumber()
    {
        TunnelStatus failed = Tunnel(TunnelState.Failed) with
        {
            Reasons = [new Reason("authentication-failed", Certainty.Known, "The keys differ."), new Reason("shutdown", Certainty.Likely, "It went.")],
        };
        Assert.Equal([new ReasonReport("authentication-failed", "known", "The keys differ.", 13801), new ReasonReport("shutdown", "likely", "It went.", null)],
            Assert.Single(Diagnose(Instance(0, failed)).TunnelConnectionStatus).Reasons);
    }

    [Fact]
    public void TellsAnIkeSaAsAzureDoes()
    {
        MainModeSa sa = Assert.Single(Diagnose(Instance(0, Up(1, 2))).IkeSas);
        Assert.Equal(("198.51.100.10", "203.0.113.5", 0x8000000000000001UL, 2UL),
            (sa.LocalEndpoint, sa.RemoteEndpoint, sa.InitiatorCookie, sa.ResponderCookie));
        Assert.Equal(("AES256", "SHA1", "DHGroup2", 28_800L), (sa.Encryption, sa.Integrity, sa.DhGroup, sa.LifeTimeSeconds));
        Assert.Equal(((ushort)0, (ushort)0, true, 90L), (sa.LocalUdpEncapsulationPort, sa.RemoteUdpEncapsulationPort, sa.IsSaInitiator,
            sa.ElapsedTimeInseconds));
        QuickModeSa child = Assert.Single(sa.QuickModeSa);
        Assert.Equal(("GCMAES256", "GCMAES256", "None", 0xc0000001, 0xc0000002),
            (child.Encryption, child.Integrity, child.PfsGroupId, child.InboundSPI, child.OutboundSPI));
        Assert.Equal((27_000L, 102_400_000L, 60L), (child.LifeTimeSeconds, child.LifetimeKilobytes, child.ElapsedTimeInseconds));
        Assert.Equal(["0.0.0.0/0"], child.LocalTrafficSelectors);
        Assert.Equal(["10.2.0.0/24"], child.RemoteTrafficSelectors);
    }

    [Fact]
    public void ShowsPortsOnlyWithNatTraversal()
    {
        TunnelStatus up = Up(1, 1);
        var path = new NetworkPath(new TransportAddress(up.Local!.Value, 4500), new TransportAddress(up.Remote!.Value, 61_000),
            PathEncapsulation.UdpEncapsulated);
        MainModeSa sa = Assert.Single(Diagnose(Instance(0, up with { IkeSa = up.IkeSa! with { Path = path } })).IkeSas);
        Assert.Equal((4500, 61_000), (sa.LocalUdpEncapsulationPort, sa.RemoteUdpEncapsulationPort));
    }

    [Fact]
    public void TheLifetimesOfAChildSaAreThoseOfThePolicy()
    {
        MainModeSa sa = Assert.Single(Diagnose(Environment.With(SampleEnvironment.Connection with { IpsecPolicies = [SampleEnvironment.Policy] }),
            Instance(0, Up(1, 1))).IkeSas);
        Assert.Equal((3600L, 2048L, 28_800L), (sa.QuickModeSa[0].LifeTimeSeconds, sa.QuickModeSa[0].LifetimeKilobytes, sa.LifeTimeSeconds));
    }

    [Theory]
    [InlineData(KeyExchangeMethod.Modp2048, "DHGroup14", "PFS2048")]
    [InlineData(KeyExchangeMethod.Ecp384, "ECP384", "ECP384")]
    [InlineData(KeyExchangeMethod.Modp2048Subgroup256, "DHGroup24", "PFS24")]
    [InlineData(KeyExchangeMethod.Curve25519, "Curve25519", "Curve25519")]
    public void NamesGroupsAsArmDoes(KeyExchangeMethod method, string ike, string pfs)
    {
        Assert.Equal(ike, AlgorithmNames.Group(Suite with { KeyExchange = method }));
        Assert.Equal(pfs, AlgorithmNames.Group(new EspSuite(Gcm256, IntegrityAlgorithm.None, false, method)));
    }

    [Fact]
    public void ACombinedEncryptionShowsThePseudorandomFunction()
    {
        IkeSuite gcm = new(Gcm256, PseudorandomFunction.HmacSha384, IntegrityAlgorithm.None, KeyExchangeMethod.Ecp384);
        Assert.Equal(("GCMAES256", "SHA384"), (AlgorithmNames.Encryption(gcm), AlgorithmNames.Integrity(gcm)));
        EspSuite esp = new(Aes256, IntegrityAlgorithm.HmacSha256_128, false, KeyExchangeMethod.None);
        Assert.Equal(("AES256", "SHA256"), (AlgorithmNames.Encryption(esp), AlgorithmNames.Integrity(esp)));
    }

    [Fact]
    public void APolicyBasedGatewayWritesNoTunnelLog()
    {
        InstanceObservation instance = Instance(0, Up(1, 1));
        instance.Diagnostics.Follow(new EndpointEvent(new ChildSaEstablished(new ChildSaId(1), "hub-to-branch",
            new EspSuite(Gcm256, IntegrityAlgorithm.None, false, KeyExchangeMethod.None), 1, 2, [], [], null)
        { Connection = "hub-to-branch" }), "GatewayTenantWorker_IN_0", new Instant(TimeSpan.Zero, DateTimeOffset.UnixEpoch));
        VirtualNetworkGateway gateway = SampleEnvironment.Gateway;
        Assert.Single(GatewayDiagnosis.Of(Environment, gateway, [instance]).Logs.TunnelDiagnosticLog);
        Assert.Empty(GatewayDiagnosis.Of(Environment, gateway with { VpnType = VpnType.PolicyBased }, [instance]).Logs.TunnelDiagnosticLog);
        Assert.Equal(DateTimeOffset.UnixEpoch, Diagnose(instance).TunnelConnectionStatus[0].LastConnectionEstablishedUtcTime);
    }

    static AzureEnvironment Environment => SampleEnvironment.Create().With(SampleEnvironment.Gateway with
    {
        ActiveActive = true,
        IpConfigurations = [new GatewayIpConfiguration("a", "hub", "GatewaySubnet", "hub-ip"),
            new GatewayIpConfiguration("b", "hub", "GatewaySubnet", "hub-ip2")],
    });

    static ConnectionDiagnosis Diagnose(params ImmutableArray<InstanceObservation> instances) => Diagnose(Environment, instances);

    static ConnectionDiagnosis Diagnose(AzureEnvironment environment, params ImmutableArray<InstanceObservation> instances) =>
        Assert.Single(GatewayDiagnosis.Of(environment, environment.VirtualNetworkGateways[0], instances).Connections);

    static InstanceObservation Instance(int instance, TunnelStatus tunnel) =>
        new(instance, true, new EndpointStatus("hub-gw", [tunnel], ImmutableSortedDictionary<string, ulong>.Empty), new InstanceDiagnostics("hub-gw"));

    static TunnelStatus Tunnel(TunnelState state) =>
        new("hub-to-branch", state, IpAddress.Parse("198.51.100.10"), IpAddress.Parse("203.0.113.5"), [], null, []);

    static TunnelStatus Up(ulong octetsIn, ulong octetsOut)
    {
        TunnelStatus tunnel = Tunnel(TunnelState.Established);
        var path = new NetworkPath(new TransportAddress(tunnel.Local!.Value, 500), new TransportAddress(tunnel.Remote!.Value, 500), PathEncapsulation.Ike);
        return tunnel with
        {
            IkeSa = new IkeSaStatus(0x8000000000000001, 2, true, Suite, path, "198.51.100.10", "203.0.113.5", TimeSpan.FromSeconds(90.9), null, false, false),
            ChildSas =
            [
                new ChildSaStatus("hub-to-branch", 0xc0000001, 0xc0000002, new EspSuite(Gcm256, IntegrityAlgorithm.None, false, KeyExchangeMethod.None),
                    [TrafficSelector.AnyV4], [TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24"))], 1, 1, octetsIn, octetsOut, TimeSpan.FromSeconds(60), null),
            ],
            Traffic = new SaCounters(1, octetsIn, 1, octetsOut),
        };
    }
}
