using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Configuration;
using Ipsec.EndpointHost.Hosting;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>
/// The inner sides of the instances that stand before one network in one namespace: a gateway's two, or the only one of a node. What leaves that network is
/// spread
/// over those whose tunnels are up (reference §5). A TUN stays with its routes while its instance is away, so that nothing leaves in clear meanwhile.
/// </summary>
sealed class InnerSides : IDisposable
{
    readonly TunGroup _group = new();
    readonly SortedDictionary<int, TunInnerSide> _tuns = [];
    VirtualGroup? _virtual;

    /// <param name="outer">Our local addresses and UDP ports, whose packets must not enter the tunnel.</param>
    /// <exception cref="UserErrorException">No permission, no driver, the device is somebody else's.</exception>
    public IInnerSide Open(RunOptions options, NodeSetup setup, IEnumerable<TransportAddress> outer, NodeServices services)
    {
        if (options.Inner == InnerKind.Virtual)
            return new VirtualInnerSide(_virtual ??= new VirtualGroup(setup.Hosts, services.Clock));
        ChildConfiguration? transport = setup.Endpoint.Tunnels.SelectMany(tunnel => tunnel.Connection.Children)
            .FirstOrDefault(child => child.Mode == ChildMode.Transport);
        if (transport is not null)
        {
            throw new UserErrorException(
                $"The child {transport.Name} is in transport mode, whose packets a TUN cannot carry; run it with --inner virtual, or in a lab.");
        }
        if (_tuns.TryGetValue(setup.Node.Instance, out TunInnerSide? tun))
            tun.AddOuter(outer);
        else
            _tuns.Add(setup.Node.Instance, tun = TunInnerSide.Open(options.TunName, setup.Endpoint.Inner, outer, _group, services.Scope, options.Workers));
        return new LentTun(tun);
    }

    /// <summary>Takes the TUNs away.</summary>
    public void Dispose()
    {
        foreach (TunInnerSide tun in _tuns.Values)
            tun.Dispose();
        _tuns.Clear();
    }
}
