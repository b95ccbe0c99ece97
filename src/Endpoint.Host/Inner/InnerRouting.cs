using System.Collections.Immutable;
using Ipsec.EndpointHost.CommandLine;
using Ipsec.EndpointHost.Native;
using Ipsec.EndpointHost.Netlink;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>
/// Leads the remote networks into the TUN device, and our own outer packets past it. Everything stands in a routing table of
/// its own, numbered after the TUN's interface index, behind policy routing rules that carry our protocol number:
/// <code>
/// 211  from LOCAL udp sport 500 / udp sport 4500 / esp   goto 215         what we send ourselves
/// 212  lookup TABLE suppress_prefixlength 0              remote networks; "throw" for the networks on our side
/// 213  lookup main suppress_prefixlength 0               only with a default route into the tunnel: links of this machine stay
/// 214  lookup TABLE                                      only with a default route into the tunnel
/// 215  nop
/// </code>
/// Address and port, not a socket mark, because the kernel's reverse path filter asks these rules about packets that
/// arrive too, and those have no mark; and because it needs no more than the TUN needs, CAP_NET_ADMIN in this namespace.
/// A TUN vanishes with its process and takes its routes along; rules stay behind after SIGKILL, and the next start finds
/// them by our protocol number and an interface index that no longer exists.
/// </summary>
sealed class InnerRouting : IDisposable
{
    const uint BypassPriority = 211;
    const uint TunnelPriority = 212;
    const uint MainPriority = 213;
    const uint DefaultPriority = 214;
    const uint LandingPriority = 215;

    const uint MainTable = 254;
    const uint FirstTable = 0x49500000;
    const uint LastTable = 0x495FFFFF;

    static readonly int[] Families = [SocketConstants.Inet, SocketConstants.Inet6];

    readonly NetlinkSocket _netlink;
    readonly TunDevice _tun;
    readonly TunGroup _group;
    readonly uint _table;
    readonly List<RoutingRule> _rules = [];
    readonly List<IpPrefix> _throws = [];
    ImmutableArray<IpPrefix> _localNetworks = [];
    ImmutableArray<IpPrefix> _routes = [];
    ImmutableArray<IpPrefix> _carried = [];
    ImmutableArray<IpAddress> _addresses = [];

    InnerRouting(NetlinkSocket netlink, TunDevice tun, TunGroup group)
    {
        (_netlink, _tun, _group) = (netlink, tun, group);
        _table = FirstTable + (uint)tun.Index;
    }

    /// <summary>Cleans up behind a killed predecessor and lets our own packets pass.</summary>
    /// <param name="outer">Our local addresses and UDP ports.</param>
    /// <param name="group">The devices that lead out of the same network.</param>
    /// <exception cref="UserErrorException">The kernel refuses.</exception>
    public static InnerRouting Start(NetlinkSocket netlink, TunDevice tun, IEnumerable<TransportAddress> outer, TunGroup group)
    {
        lock (group.Lock)
            return StartAlone(netlink, tun, outer, group);
    }

    static InnerRouting StartAlone(NetlinkSocket netlink, TunDevice tun, IEnumerable<TransportAddress> outer, TunGroup group)
    {
        var routing = new InnerRouting(netlink, tun, group);
        routing.RemoveStale();
        try
        {
            routing.AddOuter(outer);
            group.Join(routing);
            return routing;
        }
        catch
        {
            routing.Dispose();
            throw;
        }
    }

    /// <summary>Lets the packets of further local addresses and UDP ports pass.</summary>
    /// <exception cref="UserErrorException">The kernel refuses.</exception>
    public void AddOuter(IEnumerable<TransportAddress> outer)
    {
        lock (_group.Lock)
            Pass(outer);
    }

    void Pass(IEnumerable<TransportAddress> outer)
    {
        foreach (TransportAddress local in outer)
            Ensure(Bypass(local.Address, IpProtocol.Udp, local.Port), wanted: true);
        foreach (IpAddress address in outer.Select(local => local.Address).Distinct())
            Ensure(Bypass(address, IpProtocol.Esp, 0), wanted: true);
        foreach (int family in outer.Select(local => SocketAddress.FamilyOf(local.Address)).Distinct())
            Ensure(new RoutingRule(family, LandingPriority, RuleAction.Nothing, _table), wanted: true);
    }

    /// <summary>The networks on our side: never into the TUN, whatever wider route leads there.</summary>
    public void SetLocalNetworks(ImmutableArray<IpPrefix> networks)
    {
        lock (_group.Lock)
        {
            _localNetworks = networks;
            Apply();
        }
    }

    public int InterfaceIndex => _tun.Index;

    /// <summary>The network is among the remote ones.</summary>
    public bool Has(IpPrefix prefix) => _routes.Contains(prefix);

    /// <summary>A tunnel is up for the network.</summary>
    public bool Carries(IpPrefix prefix) => _carried.Contains(prefix);

    /// <summary>Of the remote networks, those behind a tunnel that is up.</summary>
    public void SetCarried(ImmutableArray<IpPrefix> prefixes)
    {
        lock (_group.Lock)
        {
            if (_carried.SequenceEqual(prefixes))
                return;
            _carried = prefixes;
            Apply();
            _group.Follow(this);
        }
    }

    /// <summary>
    /// Makes these the TUN's own addresses, each for itself: what leads to the peer's network is a matter of routes. Packets into the tunnel come from
    /// them. Returns a sentence for each that the kernel refused.
    /// </summary>
    public ImmutableArray<string> SetAddresses(ImmutableArray<IpAddress> addresses)
    {
        lock (_group.Lock)
            return Assign(addresses);
    }

    ImmutableArray<string> Assign(ImmutableArray<IpAddress> addresses)
    {
        foreach (IpAddress gone in _addresses.Except(addresses))
            LinkRequests.DeleteAddress(_netlink, _tun.Index, gone);
        ImmutableArray<string>.Builder refusals = ImmutableArray.CreateBuilder<string>();
        foreach (IpAddress address in addresses.Except(_addresses))
        {
            int error = LinkRequests.AddAddress(_netlink, _tun.Index, address);
            if (error != 0)
                refusals.Add($"Address {address} on {_tun.Name} was refused: {LibC.Describe(error)}.");
        }
        _addresses = addresses;
        refusals.AddRange(Apply());
        return refusals.ToImmutable();
    }

    /// <summary>Makes these the remote networks; a complete list. Returns a sentence for each that the kernel refused.</summary>
    public ImmutableArray<string> SetRoutes(ImmutableArray<IpPrefix> routes)
    {
        lock (_group.Lock)
        {
            foreach (IpPrefix gone in _routes.Except(routes))
                RouteRequests.Delete(_netlink, _table, gone);
            _routes = routes;
            ImmutableArray<string> refusals = Apply();
            _group.Follow(this);
            return refusals;
        }
    }

    /// <summary>Puts the routes into the kernel as they and those of the other devices of the group are now. Under the group's lock.</summary>
    public ImmutableArray<string> Apply()
    {
        ImmutableArray<IpPrefix> routes = _routes;
        ImmutableArray<string>.Builder refusals = ImmutableArray.CreateBuilder<string>();
        // A network that is both remote and ours is ours only where it is the longer prefix, as in the data path's own table.
        IpPrefix[] throws = [.. _localNetworks.Except(routes).Where(local => routes.Any(route => route.Contains(local)))];
        foreach (IpPrefix gone in _throws.Except(throws).ToArray())
            RouteRequests.Delete(_netlink, _table, gone, isThrow: true);
        try
        {
            EnsureRules(routes);
        }
        catch (UserErrorException refusal)
        {
            refusals.Add(refusal.Message);
        }
        foreach (IpPrefix local in throws)
            RouteRequests.AddThrow(_netlink, _table, local);
        List<IpAddress> own = LinkRequests.Addresses(_netlink);
        foreach (IpPrefix route in routes)
        {
            int error = RouteRequests.Add(_netlink, _table, route, _group.InterfacesFor(route), SourceFor(route, own));
            if (error != 0)
                refusals.Add($"Route {route} onto {_tun.Name} was refused: {LibC.Describe(error)}.");
        }
        _throws.Clear();
        _throws.AddRange(throws);
        return refusals.ToImmutable();
    }

    public void Dispose()
    {
        lock (_group.Lock)
        {
            TakeDown();
            _group.Leave(this);
            _group.Follow(this);
        }
    }

    void TakeDown()
    {
        foreach (IpPrefix route in _routes)
            RouteRequests.Delete(_netlink, _table, route);
        foreach (IpPrefix local in _throws)
            RouteRequests.Delete(_netlink, _table, local, isThrow: true);
        foreach (RoutingRule rule in Enumerable.Reverse(_rules))
            RuleRequests.Delete(_netlink, rule);
        _rules.Clear();
        _routes = [];
    }

    /// <summary>What our own packets into the tunnel should come from: an address that a peer gave us, or one of this machine inside our own
    /// networks.</summary>
    IpAddress? SourceFor(IpPrefix route, List<IpAddress> own)
    {
        foreach (IpAddress address in _addresses)
        {
            if (address.IsV6 == route.Address.IsV6)
                return address;
        }
        foreach (IpAddress address in own)
        {
            if (address.IsV6 == route.Address.IsV6 && _localNetworks.Any(network => network.Contains(address)))
                return address;
        }
        return null;
    }

    void EnsureRules(ImmutableArray<IpPrefix> routes)
    {
        foreach (int family in Families)
        {
            bool hasRoutes = routes.Any(route => SocketAddress.FamilyOf(route.Address) == family);
            bool hasDefault = routes.Any(route => route.Length == 0 && SocketAddress.FamilyOf(route.Address) == family);
            Ensure(new RoutingRule(family, TunnelPriority, RuleAction.LookUpTable, _table) { SuppressDefaultRoute = true }, hasRoutes);
            Ensure(new RoutingRule(family, MainPriority, RuleAction.LookUpTable, MainTable) { SuppressDefaultRoute = true }, hasDefault);
            Ensure(new RoutingRule(family, DefaultPriority, RuleAction.LookUpTable, _table), hasDefault);
        }
    }

    void Ensure(RoutingRule rule, bool wanted)
    {
        if (wanted == _rules.Contains(rule))
            return;
        if (wanted)
        {
            Require(rule);
        }
        else
        {
            RuleRequests.Delete(_netlink, rule);
            _rules.Remove(rule);
        }
    }

    void Require(RoutingRule rule)
    {
        int error = RuleRequests.Add(_netlink, rule);
        if (error != 0)
            throw new UserErrorException($"A policy routing rule for {_tun.Name} was refused: {LibC.Describe(error)}.");
        _rules.Add(rule);
    }

    RoutingRule Bypass(IpAddress source, byte protocol, ushort port) =>
        new(SocketAddress.FamilyOf(source), BypassPriority, RuleAction.GoTo, _table)
        {
            Source = source,
            IpProtocol = protocol,
            SourcePort = port,
            GoToPriority = LandingPriority,
        };

    /// <summary>
    /// Removes what belongs to interfaces that are gone, and everything in our own table: whoever had this persistent TUN
    /// before has it no more, since we have it.
    /// </summary>
    void RemoveStale()
    {
        HashSet<int> interfaces = LinkRequests.Indexes(_netlink);
        bool IsStale(uint table) => table is >= FirstTable and <= LastTable
            && (table == _table || !interfaces.Contains((int)(table - FirstTable)));

        List<RoutingRule> rules = RuleRequests.Ours(_netlink);
        foreach (RoutingRule rule in rules.Where(rule => IsStale(rule.Table)))
            RuleRequests.Delete(_netlink, rule);
        // Rules that look up main carry nobody's table: each belongs to one living default route of the same family.
        foreach (IGrouping<int, RoutingRule> family in rules.Where(rule => rule.Priority == MainPriority && rule.Table == MainTable).GroupBy(rule => rule.Family))
        {
            int living = rules.Count(rule => rule.Priority == DefaultPriority && rule.Family == family.Key && !IsStale(rule.Table));
            foreach (RoutingRule surplus in family.Skip(living))
                RuleRequests.Delete(_netlink, surplus);
        }
        foreach ((uint table, IpPrefix prefix, bool isThrow) in RouteRequests.Ours(_netlink).Where(route => IsStale(route.Table)))
            RouteRequests.Delete(_netlink, table, prefix, isThrow);
    }
}
