using System.Runtime.InteropServices;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netlink;

/// <summary>Routes of one table (linux/rtnetlink.h).</summary>
static class RouteRequests
{
    const ushort NewRoute = 24;
    const ushort DeleteRoute = 25;
    const ushort GetRoute = 26;

    const ushort RouteDestination = 1;
    const ushort RouteOutputInterface = 4;
    const ushort RoutePreferredSource = 7;
    const ushort RouteMultipath = 9;
    const ushort RouteTableNumber = 15;

    const byte TypeUnicast = 1;
    const byte TypeThrow = 9;
    const byte ScopeUniverse = 0;
    const byte ScopeLink = 253;

    [StructLayout(LayoutKind.Sequential)]
    struct RouteMessage
    {
        public byte Family;
        public byte DestinationLength;
        public byte SourceLength;
        public byte TypeOfService;
        public byte Table;
        public byte Protocol;
        public byte Scope;
        public byte Type;
        public uint Flags;
    }

    /// <summary>struct rtnexthop: length, flags, weight less one, interface.</summary>
    [StructLayout(LayoutKind.Sequential)]
    struct NextHop
    {
        public ushort Length;
        public byte Flags;
        public byte Weight;
        public int Interface;
    }

    /// <summary>A route onto an interface, replacing one to the same prefix in that table.</summary>
    /// <param name="interfaces">At least one; over several the kernel spreads flows. In IPv6 it spreads over gateways only: the first one counts there.</param>
    /// <param name="source">The address that this machine's own packets take, if one fits.</param>
    public static int Add(NetlinkSocket netlink, uint table, IpPrefix prefix, ReadOnlySpan<int> interfaces, IpAddress? source)
    {
        NetlinkMessage message = Message(NewRoute, table, prefix, TypeUnicast, prefix.Address.IsV6 ? ScopeUniverse : ScopeLink);
        if (interfaces.Length == 1 || prefix.Address.IsV6)
        {
            message.Attribute(RouteOutputInterface, (uint)interfaces[0]);
        }
        else
        {
            Span<NextHop> hops = stackalloc NextHop[interfaces.Length];
            for (int index = 0; index < hops.Length; index++)
                hops[index] = new NextHop { Length = (ushort)Marshal.SizeOf<NextHop>(), Interface = interfaces[index] };
            message.Attribute(RouteMultipath, MemoryMarshal.AsBytes(hops));
        }
        if (source is IpAddress preferred)
            message.Attribute(RoutePreferredSource, preferred.ToByteArray());
        return netlink.Request(message);
    }

    /// <summary>A route that says: go on with the next rule, as if this table had nothing for that prefix.</summary>
    public static int AddThrow(NetlinkSocket netlink, uint table, IpPrefix prefix) =>
        netlink.Request(Message(NewRoute, table, prefix, TypeThrow, ScopeUniverse));

    public static int Delete(NetlinkSocket netlink, uint table, IpPrefix prefix, bool isThrow = false) =>
        netlink.Request(Message(DeleteRoute, table, prefix, isThrow ? TypeThrow : TypeUnicast,
            isThrow || prefix.Address.IsV6 ? ScopeUniverse : ScopeLink));

    /// <summary>The prefixes for which a table has a route, and whether it is a throw route.</summary>
    public static List<(uint Table, IpPrefix Prefix, bool IsThrow)> Ours(NetlinkSocket netlink)
    {
        var routes = new List<(uint, IpPrefix, bool)>();
        netlink.Dump(new NetlinkMessage(GetRoute, 0).Body(default(RouteMessage)), (type, body) =>
        {
            if (type != NewRoute || body.Length < 12)
                return;
            RouteMessage route = MemoryMarshal.Read<RouteMessage>(body);
            var attributes = new NetlinkAttributes(body[12..]);
            if (route.Protocol != RoutingProtocol.Number || route.Family is not (SocketConstants.Inet or SocketConstants.Inet6))
                return;
            IpAddress address = attributes.TryGet(RouteDestination, out ReadOnlySpan<byte> octets) ? IpAddress.FromBytes(octets)
                : route.Family == SocketConstants.Inet6 ? IpAddress.AnyV6 : IpAddress.AnyV4;
            routes.Add((attributes.GetUInt32(RouteTableNumber), new IpPrefix(address, route.DestinationLength), route.Type == TypeThrow));
        });
        return routes;
    }

    static NetlinkMessage Message(ushort type, uint table, IpPrefix prefix, byte routeType, byte scope) =>
        new NetlinkMessage(type, type == NewRoute ? (ushort)(NetlinkFlags.Create | NetlinkFlags.Replace) : (ushort)0)
            .Body(new RouteMessage
            {
                Family = (byte)SocketAddress.FamilyOf(prefix.Address),
                DestinationLength = (byte)prefix.Length,
                Protocol = RoutingProtocol.Number,
                Scope = scope,
                Type = routeType,
            })
            .Attribute(RouteDestination, prefix.Address.ToByteArray())
            .Attribute(RouteTableNumber, table);
}

static class RoutingProtocol
{
    /// <summary>Marks routes and rules as ours, so that those of a killed predecessor are found. Unassigned in Linux' list.</summary>
    public const byte Number = 150;
}
