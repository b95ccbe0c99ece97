using System.Collections.Immutable;
using Ipsec.EndpointHost.Hosting;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>A TUN in the hands of one runtime. It outlives that: until the next one reads it, what is routed into it is dropped.</summary>
sealed class LentTun(TunInnerSide tun) : IInnerSide
{
    public string Kind => tun.Kind;
    public string? InterfaceName => tun.InterfaceName;
    public int InterfaceIndex => tun.InterfaceIndex;

    public void AddOuter(IEnumerable<TransportAddress> outer) => tun.AddOuter(outer);

    public void Start(PacketWorkers workers) => tun.Start(workers);

    public IInnerWriter CreateWriter(PacketWorkers workers, int worker) => tun.CreateWriter(workers, worker);

    public string Description => tun.Description;

    public void SetLocalNetworks(ImmutableArray<IpPrefix> networks) => tun.SetLocalNetworks(networks);

    public ImmutableArray<string> SetAddresses(ImmutableArray<IpAddress> addresses) => tun.SetAddresses(addresses);

    public ImmutableArray<string> SetRoutes(ImmutableArray<IpPrefix> routes) => tun.SetRoutes(routes);

    public void SetCarried(ImmutableArray<IpPrefix> prefixes) => tun.SetCarried(prefixes);

    /// <summary>Gives it back: no tunnel is up behind it.</summary>
    public void Dispose() => tun.SetCarried([]);
}
