using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>
/// A NAT between inside wires and one public wire. It translates UDP and nothing else: raw ESP is dropped, as by most access
/// routers without "IPsec passthrough", so peers behind it need RFC 3948. Fragments are put together before they are translated.
/// </summary>
sealed class NatBox(string name, IpAddress publicAddress, NatOptions options, Scheduler scheduler, INetworkObserver observer)
{
    readonly SortedDictionary<IpAddress, Wire> _inside = [];
    readonly NatTable _table = new(options);
    readonly FragmentReassembler _reassembler = new();

    /// <summary>The wire to the internet; this box is its near end. Set once, after both exist.</summary>
    public Wire? PublicWire { get; set; }

    public string Name => name;

    public int Mappings => _table.Count;

    public void AttachInside(IpAddress address, Wire wire) => _inside.Add(address, wire);

    public void DetachInside(IpAddress address) => _inside.Remove(address);

    /// <summary>Forgets all mappings: what peers knew of the inside no longer works, and new packets come from new ports.</summary>
    public void Rebind() => _table.Clear();

    public void ReceiveFromInside(byte[] packet)
    {
        if (!TryPrepare(ref packet, out IpAddress source, out IpAddress destination))
            return;
        if (_inside.TryGetValue(destination, out Wire? neighbour))
        {
            neighbour.SendFromFar(packet);
            return;
        }
        if (!TryGetUdp(packet, out Span<byte> udp))
            return;
        var inside = new TransportAddress(source, BinaryPrimitives.ReadUInt16BigEndian(udp));
        if (!_table.TryMapOutward(inside, destination, scheduler.Now, out ushort publicPort))
        {
            observer.PacketDropped(name, DropReason.NatFiltered, packet);
            return;
        }
        NatRewriter.RewriteSource(packet, udp, new TransportAddress(publicAddress, publicPort));
        PublicWire!.SendFromNear(packet);
    }

    public void ReceiveFromOutside(byte[] packet)
    {
        if (!TryPrepare(ref packet, out IpAddress source, out _) || !TryGetUdp(packet, out Span<byte> udp))
            return;
        ushort publicPort = BinaryPrimitives.ReadUInt16BigEndian(udp[2..]);
        if (!_table.TryMapInward(publicPort, source, scheduler.Now, out TransportAddress inside)
            || !_inside.TryGetValue(inside.Address, out Wire? wire))
        {
            observer.PacketDropped(name, DropReason.NatFiltered, packet);
            return;
        }
        NatRewriter.RewriteDestination(packet, udp, inside);
        wire.SendFromFar(packet);
    }

    /// <summary>Parses, reassembles and takes one from the TTL.</summary>
    bool TryPrepare(ref byte[] packet, out IpAddress source, out IpAddress destination)
    {
        source = destination = default;
        byte[]? whole = _reassembler.Add(packet, scheduler.Now);
        if (whole is null)
            return false;
        packet = whole;
        if (!IpPacket.TryParse(packet, out IpPacket view))
        {
            observer.PacketDropped(name, DropReason.Malformed, packet);
            return false;
        }
        (source, destination) = (view.Source, view.Destination);
        if (Forwarding.TryDecrementHopLimit(packet))
            return true;
        observer.PacketDropped(name, DropReason.Expired, packet);
        return false;
    }

    /// <summary>The UDP datagram inside the packet, to be changed in place.</summary>
    bool TryGetUdp(byte[] packet, out Span<byte> udp)
    {
        udp = default;
        if (!IpPacket.TryParse(packet, out IpPacket view) || view.Protocol != IpProtocol.Udp || view.Payload.Length < 8
            || view.IsV6 != publicAddress.IsV6)
        {
            observer.PacketDropped(name, DropReason.NatProtocol, packet);
            return false;
        }
        udp = packet.AsSpan(view.HeaderLength, view.Payload.Length);
        return true;
    }
}
