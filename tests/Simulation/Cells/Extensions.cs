using System.Collections.Immutable;
using System.Text;
using Ipsec.Crypto;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Simulation.Cells;

/// <summary>From an <see cref="ExtensionPlan"/> to what the endpoints are told beside the rest.</summary>
static class Extensions
{
    const int PoolPrefixV4 = 24;
    const int PoolPrefixV6 = 64;

    static readonly IpAddress PoolV4 = IpAddress.V4(198u << 24 | 18u << 16);
    static readonly IpAddress PoolV6 = IpAddress.V6((UInt128)0xfd00_0198 << 96);

    /// <summary>The network in which the virtual IPs of every cell are.</summary>
    public static IpPrefix PoolNetwork(bool isV6) => isV6 ? new IpPrefix(PoolV6, PoolPrefixV6) : new IpPrefix(PoolV4, PoolPrefixV4);

    /// <summary>One for each family that is asked for, with exactly as many addresses as there are spokes that ask: none may be forgotten.</summary>
    public static ImmutableArray<AddressPool> Pools(CellPlan cell) =>
    [
        .. cell.Tunnels.Where(plan => plan.Extensions.HasVirtualIp).GroupBy(plan => plan.Children[0].IsV6).Select(family => new AddressPool
        {
            Name = PoolName(family.Key),
            Addresses = new IpAddressRange(PoolNetwork(family.Key).Address.Plus(1), PoolNetwork(family.Key).Address.Plus((UInt128)family.Count())),
        }),
    ];

    public static Secret CrashSecret(string node) => new(Encoding.ASCII.GetBytes($"what {node} makes its crash tokens from"));

    public static ConnectionConfiguration AtHub(CellPlan cell, TunnelPlan plan, int tunnel, ConnectionConfiguration connection)
    {
        ExtensionPlan extensions = plan.Extensions;
        connection = connection with
        {
            PostquantumKeys = extensions.Postquantum is PostquantumUse.None or PostquantumUse.SpokeOnly ? [] : [Key(cell, tunnel)],
            RequiresPostquantumKey = extensions.Postquantum == PostquantumUse.Required,
            ReauthenticationTime = extensions.HubReauthentication,
            CloseAction = extensions.HubEnd,
            DeadPeerAction = extensions.HubEnd,
            Pools = extensions.HasVirtualIp ? [PoolName(plan.Children[0].IsV6)] : [],
            Children = [.. connection.Children.Select((child, i) => (Configurations.IsVirtual(plan, i)
                ? child with { RemoteSelectors = [], DynamicRemoteSelectors = [DynamicSelector.Any] } : child) with
            {
                InactivityTimeout = extensions.HubInactivity,
            })],
        };
        return extensions.HasCertificates
            ? connection with { LocalAuthentication = SimulatedCertificates.OfHub, RemoteAuthentication = SimulatedCertificates.OfPeer } : connection;
    }

    public static ConnectionConfiguration AtSpoke(CellPlan cell, TunnelPlan plan, int tunnel, ConnectionConfiguration connection)
    {
        ExtensionPlan extensions = plan.Extensions;
        connection = connection with
        {
            PostquantumKeys = extensions.Postquantum is PostquantumUse.None or PostquantumUse.HubOnly ? [] : [Key(cell, tunnel)],
            RequiresPostquantumKey = extensions.Postquantum == PostquantumUse.Required,
            ReauthenticationTime = extensions.SpokeReauthentication,
            CloseAction = extensions.SpokeEnd,
            DeadPeerAction = extensions.SpokeEnd,
            VirtualIps = extensions.HasVirtualIp ? [plan.Children[0].IsV6 ? IpAddress.V6(0) : IpAddress.V4(0)] : [],
            Children = [.. connection.Children.Select((child, i) => (Configurations.IsVirtual(plan, i)
                ? child with { LocalSelectors = [], DynamicLocalSelectors = [DynamicSelector.Any] } : child) with
            {
                InactivityTimeout = extensions.SpokeInactivity,
            })],
        };
        if (extensions.Redirect is not null)
        {
            connection = connection with
            {
                RemoteAddress = Configurations.GatewayAddress(cell),
                AcceptedRemoteAddresses = [IpPrefix.Host(Configurations.GatewayAddress(cell)), IpPrefix.Host(Configurations.HubAddress(cell))],
            };
        }
        return extensions.HasCertificates
            ? connection with { LocalAuthentication = SimulatedCertificates.OfSpoke(tunnel), RemoteAuthentication = SimulatedCertificates.OfPeer } : connection;
    }

    /// <summary>The hub's tunnel where spokes are sent away from.</summary>
    public static TunnelConfiguration AtGateway(CellPlan cell, TunnelPlan plan, TunnelConfiguration atHub) => atHub with
    {
        Connection = atHub.Connection with
        {
            LocalAddress = Configurations.GatewayAddress(cell),
            RemoteAddress = null,
            StartAction = StartAction.None,
            CloseAction = EndAction.AsStarted,
            DeadPeerAction = EndAction.AsStarted,
            Pools = [],
            RedirectTo = RedirectTarget.Of(Configurations.HubAddress(cell)),
            RedirectAt = plan.Extensions.Redirect!.Value,
        },
    };

    static PostquantumKey Key(CellPlan cell, int tunnel) => new()
    {
        Identity = $"ppk of cell {cell.Number} tunnel {tunnel}",
        Key = new Secret(Encoding.ASCII.GetBytes($"post-quantum key of cell {cell.Number}, tunnel {tunnel}")),
    };

    static string PoolName(bool isV6) => isV6 ? "v6" : "v4";
}
