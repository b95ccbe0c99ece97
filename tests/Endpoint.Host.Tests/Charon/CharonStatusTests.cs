using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Charon;
using Ipsec.EndpointHost.Configuration;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.StrongSwan;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Tests.Charon;

/// <summary>What swanctl --list-sas --raw prints (5.9.8), as an endpoint's status.</summary>
public sealed class CharonStatusTests : IDisposable
{
    const string Listing = "list-sa event {hub-to-branch {uniqueid=2 version=2 state=ESTABLISHED local-host=203.0.113.5 local-port=4500 local-id=C=CH, O=My " +
        "Company, CN=branch 1 "
        + "remote-host=198.51.100.10 remote-port=4500 remote-id=198.51.100.10 initiator=yes initiator-spi=4f1be0b3ab2da73f responder-spi=f94ad56a22eb0ab0 " +
            "nat-local=yes "
        + "encr-alg=AES_CBC encr-keysize=256 integ-alg=HMAC_SHA2_256_128 prf-alg=PRF_HMAC_SHA2_256 dh-group=MODP_1024 established=7 rekey-time=25000 " +
            "child-sas {"
        + "hub-to-branch-1 {name=hub-to-branch uniqueid=1 reqid=1 state=INSTALLED mode=TUNNEL protocol=ESP encap=yes spi-in=c3f0a1d2 spi-out=0000a1d3 " +
            "encr-alg=AES_GCM_16 "
        + "encr-keysize=256 bytes-in=84 packets-in=1 use-in=3 bytes-out=168 packets-out=2 use-out=3 rekey-time=23000 life-time=27000 install-time=7 "
        + "local-ts=[10.2.0.0/24 10.3.0.0/24] remote-ts=[0.0.0.0/0]} hub-to-branch-0 {name=hub-to-branch state=DELETED spi-in=1 spi-out=2}}}}\nlist-sas " +
            "reply {}\n";

    readonly StrongSwanPlan _plan;

    public CharonStatusTests()
    {
        TopologyModel topology = NodeFile.LoadTopology(Path.Combine(Repository(), "samples", "topologies", "01-site-to-site.yaml"));
        _plan = StrongSwanPlan.Create(topology, topology.Nodes.Single(node => node.Name == "branch"));
    }

    public void Dispose() => _plan.Dispose();

    [Fact]
    public void AnEstablishedTunnelHasItsSasSuitesAndCounters()
    {
        TunnelStatus tunnel = Assert.Single(CharonStatus.Read("branch", _plan, Listing, ImmutableDictionary<string, ImmutableArray<Reason>>.Empty).Tunnels);

        Assert.Equal((TunnelState.Established, "hub-to-branch", "203.0.113.5", "198.51.100.10"),
            (tunnel.State, tunnel.Connection, $"{tunnel.Local}", $"{tunnel.Remote}"));
        Assert.Equal((0x4f1be0b3ab2da73fUL, 0xf94ad56a22eb0ab0UL, true, true, false),
            (tunnel.IkeSa!.InitiatorSpi, tunnel.IkeSa.ResponderSpi, tunnel.IkeSa.IsInitiator, tunnel.IkeSa.LocalBehindNat, tunnel.IkeSa.RemoteBehindNat));
        Assert.Equal(("C=CH, O=My Company, CN=branch 1", "198.51.100.10"), (tunnel.IkeSa.LocalIdentity, tunnel.IkeSa.RemoteIdentity));
        Assert.Equal("aes256-sha256-modp1024", ProposalText.Print(tunnel.IkeSa.Suite));
        ChildSaStatus child = Assert.Single(tunnel.ChildSas);
        Assert.Equal((0xc3f0a1d2u, 0x0000a1d3u, 1ul, 2ul, 84ul, 168ul),
            (child.InboundSpi, child.OutboundSpi, child.PacketsIn, child.PacketsOut, child.BytesIn, child.BytesOut));
        Assert.Equal("aes256gcm16", ProposalText.Print(child.Suite));
        Assert.Equal("10.2.0.0/24 10.3.0.0/24 === 0.0.0.0/0", $"{string.Join(' ', child.LocalSelectors)} === {string.Join(' ', child.RemoteSelectors)}");
    }

    [Fact]
    public void WithoutAnSaTheLastReasonStands()
    {
        Reason reason = new("no-proposal-chosen", Certainty.Known, "strongSwan: received NO_PROPOSAL_CHOSEN notify error.");
        ImmutableDictionary<string, ImmutableArray<Reason>> reasons = ImmutableDictionary<string, ImmutableArray<Reason>>.Empty.Add("hub-to-branch", [reason]);

        TunnelStatus failed = Assert.Single(CharonStatus.Read("branch", _plan, "list-sas reply {}\n", reasons).Tunnels);
        TunnelStatus down = Assert.Single(CharonStatus.Read("branch", _plan, null, ImmutableDictionary<string, ImmutableArray<Reason>>.Empty).Tunnels);

        Assert.Equal((TunnelState.Failed, reason), (failed.State, Assert.Single(failed.Reasons)));
        Assert.Equal(TunnelState.Down, down.State);
        Assert.Null(down.IkeSa);
    }

    [Theory]
    [InlineData("AES_CBC", "128", "HMAC_SHA1_96", "PRF_HMAC_SHA1", "MODP_2048_256", "aes128-sha1-modp2048s256")]
    [InlineData("3DES_CBC", "", "HMAC_SHA2_384_192", "PRF_HMAC_SHA2_384", "ECP_256", "3des-sha384-ecp256")]
    [InlineData("CHACHA20_POLY1305", "", "", "PRF_HMAC_SHA2_512", "CURVE_25519", "chacha20poly1305-prfsha512-curve25519")]
    [InlineData("AES_GCM_16", "256", "", "PRF_AES128_CMAC", "ECP_384_BP", "aes256gcm16-prfaescmac-ecp384bp")]
    public void TheNamesOfAlgorithmsAreFoundInTheRegistry(string cipher, string bits, string integrity, string prf, string group, string suite)
    {
        string text = $"x event {{encr-alg={cipher} encr-keysize={bits} integ-alg={integrity} prf-alg={prf} dh-group={group}}}";

        Assert.Equal(suite, ProposalText.Print(CharonAlgorithms.Ike(Assert.Single(ViciSection.ReadEvents(text, "x")))));
    }

    [Fact]
    public void TheLogTellsWhoDialsAndWhyItFailed()
    {
        string file = Path.GetTempFileName();
        try
        {
            CharonLog log = new(file, _plan.Tunnels);
            File.WriteAllText(file, "12:40:01 05[IKE] <hub-to-branch|1> initiating IKE_SA hub-to-branch[1] to 198.51.100.10\n"
                + "12:40:01 06[ENC] <hub-to-branch|1> parsed IKE_SA_INIT response 0 [ N(NO_PROP) ]\n12:40:01 06[IKE] <other|2> received TS_UNACCEPTABLE " +
                    "notify\n12:40:01 06[IKE] <hub-to-b");
            Assert.IsType<MessagePassed>(Assert.Single(log.ReadNew()));
            Assert.Empty(log.ReadNew());

            File.AppendAllText(file, "ranch|1> received NO_PROPOSAL_CHOSEN notify error\n");
            NegotiationRefused refused = Assert.IsType<NegotiationRefused>(Assert.Single(log.ReadNew()));
            Assert.Equal(("hub-to-branch", true, "no-proposal-chosen"), (refused.Connection, refused.ByPeer, Assert.Single(refused.Reasons).Code));
        }
        finally
        {
            File.Delete(file);
        }
    }

    static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ipsec.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
