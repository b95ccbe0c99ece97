using System.Buffers.Binary;
using Ipsec.Net;

namespace Ipsec.Lab.Network;

/// <summary>
/// Puts fragments together again (RFC 791 §3.2, RFC 8200 §4.5). Bounded: the oldest datagram makes room for a new one, each has
/// <see cref="Timeout"/> and 65,535 octets. Overlapping fragments discard their datagram (RFC 5722 §4, for both families).
/// </summary>
sealed class FragmentReassembler
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    const int MaximumDatagrams = 64;
    const int MaximumFragments = 64;

    readonly List<Datagram> _pending = [];

    /// <summary>A whole packet passes as it is; a fragment gives the packet that it completes, or null.</summary>
    public byte[]? Add(byte[] packet, TimeSpan now)
    {
        if (!IpPacket.TryParse(packet, out IpPacket view) || !view.IsFragment)
            return packet;
        if (!TryReadFragment(view, out Key key, out bool more))
            return null;
        _pending.RemoveAll(datagram => now - datagram.Started > Timeout);
        Datagram? datagram = _pending.Find(candidate => candidate.Key == key);
        if (datagram is null)
        {
            if (_pending.Count == MaximumDatagrams)
                _pending.RemoveAt(0);
            _pending.Add(datagram = new Datagram(key, now));
        }
        bool isAccepted = datagram.TryAdd(view, more);
        if (isAccepted && !datagram.IsComplete)
            return null;
        _pending.Remove(datagram);
        return isAccepted ? datagram.Assemble() : null;
    }

    static bool TryReadFragment(IpPacket view, out Key key, out bool more)
    {
        ReadOnlySpan<byte> bytes = view.Bytes;
        uint identification;
        if (!view.IsV6)
        {
            identification = BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
            more = (bytes[6] & 0x20) != 0;
        }
        else
        {
            // Extension headers in front of the fragment header do not occur on this network.
            identification = BinaryPrimitives.ReadUInt32BigEndian(bytes[44..]);
            more = (bytes[43] & 1) != 0;
        }
        key = new Key(view.Source, view.Destination, view.Protocol, identification);
        bool fits = view.HeaderLength + view.FragmentOffset + view.Payload.Length <= ushort.MaxValue;
        return fits && (!view.IsV6 || bytes[6] == IpProtocol.Ipv6Fragment) && (!more || view.Payload.Length % 8 == 0);
    }

    readonly record struct Key(IpAddress Source, IpAddress Destination, byte Protocol, uint Identification);

    sealed class Datagram(Key key, TimeSpan started)
    {
        readonly SortedList<int, byte[]> _parts = [];
        byte[] _header = [];
        int? _length;

        public Key Key => key;
        public TimeSpan Started => started;

        public bool IsComplete
        {
            get
            {
                int next = 0;
                foreach ((int offset, byte[] part) in _parts)
                {
                    if (offset != next)
                        return false;
                    next += part.Length;
                }
                return next == _length;
            }
        }

        public bool TryAdd(IpPacket fragment, bool more)
        {
            int first = fragment.FragmentOffset;
            int end = first + fragment.Payload.Length;
            if (_parts.TryGetValue(first, out byte[]? known) && fragment.Payload.SequenceEqual(known))
                return true; // a duplicate from the wire
            foreach ((int offset, byte[] part) in _parts)
            {
                if (first < offset + part.Length && offset < end)
                    return false;
            }
            if (_parts.Count == MaximumFragments || (!more && _length is not null) || end > (_length ?? ushort.MaxValue))
                return false;
            if (!more)
                _length = end;
            if (first == 0)
                _header = fragment.Bytes[..fragment.HeaderLength].ToArray();
            _parts.Add(first, fragment.Payload.ToArray());
            return true;
        }

        public byte[] Assemble()
        {
            bool isV6 = key.Source.IsV6;
            int headerLength = isV6 ? 40 : _header.Length;
            byte[] packet = new byte[headerLength + _length!.Value];
            _header.AsSpan(0, headerLength).CopyTo(packet);
            foreach ((int offset, byte[] part) in _parts)
                part.CopyTo(packet, headerLength + offset);
            if (isV6)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)_length.Value);
                packet[6] = key.Protocol;
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
                packet.AsSpan(6, 2).Clear();
                Ipv4Header.WriteChecksum(packet.AsSpan(0, headerLength));
            }
            return packet;
        }
    }
}
