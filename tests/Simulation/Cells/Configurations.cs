using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Crypto.Signatures;
using Ipsec.Endpoint;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Simulation.Cells;

/// <summary>From a plan to what the endpoints are told.</summary>
static class Configurations
{
    // Every cell has a /24 of its own: hub .1, spokes from .2, behind NATs from .32; what changes, sixteen for each of four tunnels, from .64.
    const uint OuterBase = 100u << 24;
    const int MostCells = 1 << 16;
    const int SpiSlots = 256;

    static readonly Dictionary<(string, ProtocolId), AlgorithmProposal> Proposals = [];

    public static string ChildName(int child) => $"c{child}";

    public static IpAddress HubAddress(CellPlan cell) => Outer(cell, 1);

    public static IpAddress SpokeAddress(CellPlan cell, int tunnel) => Outer(cell, (cell.Tunnels[tunnel].IsBehindNat ? 32 : 2) + tunnel);

    /// <summary>Of a NAT in front of a spoke, or of a spoke that changes its own.</summary>
    /// <param name="move">How often the address has changed.</param>
    public static IpAddress ChangingAddress(CellPlan cell, int tunnel, int move) => Outer(cell, 64 + 16 * tunnel + move % 16);

    /// <summary>A gateway that sends spokes to the hub.</summary>
    public static IpAddress GatewayAddress(CellPlan cell) => Outer(cell, 20);

    public static IpPrefix HubNetwork(TunnelPlan plan, int tunnel, int child) => Inner(plan.Children[child].IsV6, 10, 0xfd00_0010, tunnel, child);

    public static IpPrefix SpokeNetwork(TunnelPlan plan, int tunnel, int child) => IsVirtual(plan, child) ? Extensions.PoolNetwork(plan.Children[child].IsV6)
        : Inner(plan.Children[child].IsV6, 172, 0xfd00_0172, tunnel, child);

    /// <summary>The spoke's end of this child SA is a virtual IP.</summary>
    public static bool IsVirtual(TunnelPlan plan, int child) => child == 0 && plan.Extensions.HasVirtualIp;

    public static EndpointConfiguration Hub(CellPlan cell)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cell.Number, MostCells);
        string name = $"h{cell.Number}";
        return Endpoint(name, HubAddress(cell),
            [.. cell.Tunnels.SelectMany((plan, tunnel) => plan.Children.Select((_, child) => HubNetwork(plan, tunnel, child)))],
            [.. cell.Tunnels.Select((plan, tunnel) => HubTunnel(cell, plan, tunnel))],
            [.. cell.Tunnels.Select((_, tunnel) => Key(cell, tunnel, fromHub: true))]) with
        {
            Pools = Extensions.Pools(cell),
            QuickCrashDetectionSecret = cell.Tunnels[0].Extensions.HasCrashTokens ? Extensions.CrashSecret(name) : null,
        };
    }

    /// <summary>It knows the tunnels that are redirected, as the hub does, and keeps none.</summary>
    public static EndpointConfiguration Gateway(CellPlan cell)
    {
        int[] redirected = [.. Enumerable.Range(0, cell.Tunnels.Length).Where(tunnel => cell.Tunnels[tunnel].Extensions.Redirect is not null)];
        return Endpoint($"h{cell.Number}g", GatewayAddress(cell), [],
            [.. redirected.Select(tunnel => Extensions.AtGateway(cell, cell.Tunnels[tunnel], HubTunnel(cell, cell.Tunnels[tunnel], tunnel)))],
            [.. redirected.Select(tunnel => Key(cell, tunnel, fromHub: true))]);
    }

    public static EndpointConfiguration Spoke(CellPlan cell, int tunnel)
    {
        TunnelPlan plan = cell.Tunnels[tunnel];
        string name = SpokeName(cell, tunnel);
        return Endpoint(name, SpokeAddress(cell, tunnel),
            [.. plan.Children.Select((_, child) => child).Where(child => !IsVirtual(plan, child)).Select(child => SpokeNetwork(plan, tunnel, child))],
            [SpokeTunnel(cell, plan, tunnel)], [Key(cell, tunnel, fromHub: false)]) with
        {
            QuickCrashDetectionSecret = plan.Extensions.HasCrashTokens ? Extensions.CrashSecret(name) : null,
        };
    }

    static EndpointConfiguration Endpoint(string name, IpAddress address, ImmutableArray<IpPrefix> networks, ImmutableArray<TunnelConfiguration> tunnels,
        ImmutableArray<PresharedKey> keys) => new()
        {
            Name = name,
            LocalAddresses = [address],
            LocalNetworks = networks,
            Tunnels = tunnels,
            PresharedKeys = keys,
            Ike = new IkeEngineOptions { EmitKeys = true },
            Inner = new InnerOptions { SpiSlots = SpiSlots },
        };

    static TunnelConfiguration HubTunnel(CellPlan cell, TunnelPlan plan, int tunnel) => new()
    {
        Connection = Extensions.AtHub(cell, plan, tunnel, Connection($"s{tunnel}", plan) with
        {
            LocalAddress = HubAddress(cell),
            RemoteAddress = IsAnywhere(plan) ? null : SpokeAddress(cell, tunnel),
            AcceptedRemoteAddresses = IsAnywhere(plan) ? [] : [IpPrefix.Host(SpokeAddress(cell, tunnel))],
            LocalIdentity = HubIdentity(cell, tunnel),
            RemoteIdentity = SpokeIdentity(cell, tunnel),
            LocalAuthentication = Own(plan, RawKeys.OfHub),
            RemoteAuthentication = Peers(plan, RawKeys.OfSpoke),
            Lifetime = plan.HubIkeLifetime,
            StartAction = plan.Starter switch
            {
                Starter.Hub or Starter.Both => StartAction.Start,
                Starter.BothOnTraffic => StartAction.Traffic,
                _ => StartAction.None,
            },
            DuplicatePolicy = plan.HubDuplicates,
            Fragmentation = plan.HubFragmentation,
            Children = [.. plan.Children.Select((child, i) => Child(child, i, child.HubProposal, child.HubLifetime,
                HubNetwork(plan, tunnel, i), SpokeNetwork(plan, tunnel, i)))],
        }),
    };

    static TunnelConfiguration SpokeTunnel(CellPlan cell, TunnelPlan plan, int tunnel) => new()
    {
        Connection = Extensions.AtSpoke(cell, plan, tunnel, Connection(Tunnel.NameAtSpoke, plan) with
        {
            LocalAddress = plan.IsRoaming ? null : SpokeAddress(cell, tunnel),
            RemoteAddress = HubAddress(cell),
            AcceptedRemoteAddresses = [IpPrefix.Host(HubAddress(cell))],
            LocalIdentity = SpokeIdentity(cell, tunnel),
            RemoteIdentity = HubIdentity(cell, tunnel),
            LocalAuthentication = Own(plan, RawKeys.OfSpoke),
            RemoteAuthentication = Peers(plan, RawKeys.OfHub),
            Lifetime = plan.SpokeIkeLifetime,
            StartAction = plan.Starter switch
            {
                Starter.Spoke or Starter.Both => StartAction.Start,
                Starter.SpokeOnTraffic or Starter.BothOnTraffic => StartAction.Traffic,
                _ => StartAction.None,
            },
            DuplicatePolicy = plan.SpokeDuplicates,
            Fragmentation = plan.SpokeFragmentation,
            Children = [.. plan.Children.Select((child, i) => Child(child, i, child.SpokeProposal, child.SpokeLifetime,
                SpokeNetwork(plan, tunnel, i), HubNetwork(plan, tunnel, i)))],
        }),
    };

    static ConnectionConfiguration Connection(string name, TunnelPlan plan)
    {
        ImmutableArray<AlgorithmProposal> proposals = [.. plan.IkeProposals.Select(text => Parse(text, ProtocolId.Ike))];
        return new ConnectionConfiguration
        {
            Name = name,
            InitiatorProposals = proposals,
            ResponderProposals = proposals,
            Lifetime = plan.HubIkeLifetime,
            DeadPeerDetectionDelay = plan.LivenessDelay,
            RetryDelay = plan.RetryDelay,
            ForceUdpEncapsulation = plan.ForceUdp,
            FragmentSize = plan.FragmentSize,
            Childless = plan.Childless,
            Mobike = plan.Mobike ? new MobikeOptions() : null,
            Children = [],
        };
    }

    static ChildConfiguration Child(ChildPlan plan, int index, string proposal, Lifetime lifetime, IpPrefix local, IpPrefix remote)
    {
        AlgorithmProposal parsed = Parse(proposal, ProtocolId.Esp);
        return new ChildConfiguration
        {
            Name = ChildName(index),
            InitiatorProposals = [parsed],
            ResponderProposals = [parsed],
            LocalSelectors = [TrafficSelector.From(local)],
            RemoteSelectors = [TrafficSelector.From(remote)],
            Lifetime = lifetime,
            ReplayWindow = plan.ReplayWindow,
        };
    }

    static AlgorithmProposal Parse(string text, ProtocolId protocol)
    {
        if (!Proposals.TryGetValue((text, protocol), out AlgorithmProposal? proposal))
            Proposals[(text, protocol)] = proposal = ProposalText.Parse(text, protocol);
        return proposal;
    }

    static PresharedKey Key(CellPlan cell, int tunnel, bool fromHub)
    {
        Identity hub = HubIdentity(cell, tunnel);
        Identity spoke = SpokeIdentity(cell, tunnel);
        return new PresharedKey
        {
            Key = new Secret(System.Text.Encoding.ASCII.GetBytes($"key of cell {cell.Number} tunnel {tunnel}")),
            LocalIdentity = fromHub ? hub : spoke,
            RemoteIdentity = fromHub ? spoke : hub,
        };
    }

    static LocalAuthentication Own(TunnelPlan plan, SigningKey key) =>
        plan.Signs ? new LocalAuthentication.SignatureAuthentication([new LocalSigner { Key = key }]) : LocalAuthentication.PresharedKey;

    static RemoteAuthentication Peers(TunnelPlan plan, SigningKey key) =>
        plan.Signs ? new RemoteAuthentication { TrustedKeys = [key.PublicKey] } : RemoteAuthentication.OnlyPresharedKey;

    static bool IsAnywhere(TunnelPlan plan) => plan.IsBehindNat || plan.IsRoaming;

    static Identity HubIdentity(CellPlan cell, int tunnel) =>
        Identity.Fqdn(cell.Tunnels[tunnel].Extensions.HasCertificates ? SimulatedCertificates.HubName : $"h{cell.Number}");

    static Identity SpokeIdentity(CellPlan cell, int tunnel) =>
        Identity.Fqdn(cell.Tunnels[tunnel].Extensions.HasCertificates ? SimulatedCertificates.SpokeName(tunnel) : SpokeName(cell, tunnel));

    static string SpokeName(CellPlan cell, int tunnel) => $"h{cell.Number}s{tunnel}";

    static IpAddress Outer(CellPlan cell, int host) => IpAddress.V4(OuterBase | (uint)cell.Number << 8 | (uint)host);

    static IpPrefix Inner(bool isV6, uint v4, uint v6, int tunnel, int child) => isV6
        ? new IpPrefix(IpAddress.V6((UInt128)v6 << 96 | (UInt128)(uint)(tunnel << 8 | child) << 64), 64)
        : new IpPrefix(IpAddress.V4(v4 << 24 | (uint)(16 + tunnel) << 16 | (uint)child << 8), 24);
}
