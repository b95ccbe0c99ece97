using System.Runtime.InteropServices;
using Ipsec.EndpointHost.Native;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Netlink;

/// <summary>Interfaces and their addresses (linux/if_link.h, linux/if_addr.h).</summary>
static class LinkRequests
{
    const ushort NewLink = 16;
    const ushort GetLink = 18;
    const ushort NewAddress = 20;
    const ushort DeleteAddressType = 21;
    const ushort GetAddress = 22;

    const ushort InterfaceMtu = 4;
    const ushort InterfaceQueueLength = 13;
    const ushort InterfaceFamilySpecific = 26;
    const ushort Inet6AddressGeneration = 8;
    const byte AddressGenerationNone = 1;
    const uint FlagUp = 1;

    // IFF_UP and IFF_RUNNING (linux/if.h).
    const uint FlagRunning = 0x41;

    const byte ScopeUniverse = 0;

    // IFA_F_TENTATIVE, IFA_F_DEPRECATED, IFA_F_DADFAILED (linux/if_addr.h).
    const byte FlagsUnusable = 0x40 | 0x20 | 0x08;
    const byte FlagNoDuplicateDetection = 0x02;
    const ushort AddressLocal = 2;
    const ushort AddressAddress = 1;

    [StructLayout(LayoutKind.Sequential)]
    struct InterfaceMessage
    {
        public byte Family;
        public byte Padding;
        public ushort Type;
        public int Index;
        public uint Flags;
        public uint ChangeMask;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct AddressMessage
    {
        public byte Family;
        public byte PrefixLength;
        public byte Flags;
        public byte Scope;
        public uint Index;
    }

    /// <summary>Sets the MTU and how many packets may wait, and brings the interface up. Returns 0 or an error number.</summary>
    public static int BringUp(NetlinkSocket netlink, int index, int mtu, int queueLength)
    {
        // Without this the kernel invents a link-local address and sends router solicitations into the tunnel. Where IPv6 is
        // switched off there is nothing to switch off, so that the answer does not matter.
        netlink.Request(new NetlinkMessage(NewLink, 0)
            .Body(new InterfaceMessage { Index = index })
            .Nested(InterfaceFamilySpecific, families => families
                .Nested(SocketConstants.Inet6, inet6 => inet6.Attribute(Inet6AddressGeneration, AddressGenerationNone))));
        return netlink.Request(new NetlinkMessage(NewLink, 0)
            .Body(new InterfaceMessage { Index = index, Flags = FlagUp, ChangeMask = FlagUp })
            .Attribute(InterfaceMtu, (uint)mtu)
            .Attribute(InterfaceQueueLength, (uint)queueLength));
    }

    /// <summary>Gives an interface an address of its own, without a network around it. Returns 0 or an error number.</summary>
    public static int AddAddress(NetlinkSocket netlink, int index, IpAddress address) => netlink.Request(AddressRequest(NewAddress, index, address));

    public static int DeleteAddress(NetlinkSocket netlink, int index, IpAddress address) => netlink.Request(AddressRequest(DeleteAddressType, index, address));

    // IFA_F_NODAD: nobody on the other side of a tunnel answers duplicate address detection.
    static NetlinkMessage AddressRequest(ushort type, int index, IpAddress address) => new NetlinkMessage(type, 0)
        .Body(new AddressMessage { Family = (byte)SocketAddress.FamilyOf(address), PrefixLength = (byte)address.BitLength, Flags = address.IsV6 ? FlagNoDuplicateDetection : (byte)0, Index = (uint)index })
        .Attribute(AddressLocal, address.ToByteArray())
        .Attribute(AddressAddress, address.ToByteArray());

    /// <summary>Indexes of all interfaces of this network namespace.</summary>
    public static HashSet<int> Indexes(NetlinkSocket netlink)
    {
        var indexes = new HashSet<int>();
        netlink.Dump(new NetlinkMessage(GetLink, 0).Body(default(InterfaceMessage)), (type, body) =>
        {
            if (type == NewLink && body.Length >= 16)
                indexes.Add(MemoryMarshal.Read<InterfaceMessage>(body).Index);
        });
        return indexes;
    }

    /// <summary>The addresses of this network namespace in the kernel's order, without loopback's and link-local ones.</summary>
    public static List<IpAddress> Addresses(NetlinkSocket netlink)
    {
        var addresses = new List<IpAddress>();
        Dump(netlink, (message, address) =>
        {
            if (message.Scope == ScopeUniverse)
                addresses.Add(address);
        });
        return addresses;
    }

    /// <summary>Every address with what matters about it, in the kernel's order.</summary>
    public static List<InterfaceAddress> InterfaceAddresses(NetlinkSocket netlink)
    {
        var running = new HashSet<int>();
        netlink.Dump(new NetlinkMessage(GetLink, 0).Body(default(InterfaceMessage)), (type, body) =>
        {
            if (type == NewLink && body.Length >= 16 && MemoryMarshal.Read<InterfaceMessage>(body) is var link && (link.Flags & FlagRunning) == FlagRunning)
                running.Add(link.Index);
        });
        var addresses = new List<InterfaceAddress>();
        Dump(netlink, (message, address) => addresses.Add(new InterfaceAddress(address, (int)message.Index,
            message.Scope == ScopeUniverse && (message.Flags & FlagsUnusable) == 0, running.Contains((int)message.Index))));
        return addresses;
    }

    static void Dump(NetlinkSocket netlink, Action<AddressMessage, IpAddress> handler) =>
        netlink.Dump(new NetlinkMessage(GetAddress, 0).Body(default(AddressMessage)), (type, body) =>
        {
            if (type != NewAddress || body.Length < 8)
                return;
            var attributes = new NetlinkAttributes(body[8..]);
            // On point-to-point links IFA_ADDRESS is the peer's and IFA_LOCAL is ours; IPv6 has IFA_ADDRESS only.
            if ((attributes.TryGet(AddressLocal, out ReadOnlySpan<byte> address) || attributes.TryGet(AddressAddress, out address))
                && address.Length is 4 or 16)
                handler(MemoryMarshal.Read<AddressMessage>(body), IpAddress.FromBytes(address));
        });
}

/// <summary>One address of this machine.</summary>
/// <param name="Interface">The kernel's index.</param>
/// <param name="IsGlobal">Neither loopback's nor link-local, and usable: not tentative, not deprecated, not a duplicate.</param>
/// <param name="IsUp">Its interface is up and has a carrier.</param>
readonly record struct InterfaceAddress(IpAddress Address, int Interface, bool IsGlobal, bool IsUp);
