using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Ipsec.EndpointHost.Netlink;

/// <summary>
/// One rtnetlink message being built (RFC 3549 §2.3): the netlink header, a fixed body, attributes padded to four octets.
/// Numbers are in host order.
/// </summary>
sealed class NetlinkMessage
{
    public const int HeaderLength = 16;

    readonly byte[] _buffer = new byte[512];
    int _length = HeaderLength;

    /// <param name="flags">In addition to NLM_F_REQUEST.</param>
    public NetlinkMessage(ushort type, ushort flags)
    {
        BitConverter.TryWriteBytes(_buffer.AsSpan(4), type);
        BitConverter.TryWriteBytes(_buffer.AsSpan(6), (ushort)(flags | NetlinkFlags.Request));
    }

    public NetlinkMessage Body<T>(T body) where T : unmanaged
    {
        MemoryMarshal.Write(_buffer.AsSpan(_length), in body);
        _length = Align(_length + Marshal.SizeOf<T>());
        return this;
    }

    public NetlinkMessage Attribute(ushort type, ReadOnlySpan<byte> value)
    {
        BitConverter.TryWriteBytes(_buffer.AsSpan(_length), (ushort)(4 + value.Length));
        BitConverter.TryWriteBytes(_buffer.AsSpan(_length + 2), type);
        value.CopyTo(_buffer.AsSpan(_length + 4));
        _length = Align(_length + 4 + value.Length);
        return this;
    }

    public NetlinkMessage Attribute(ushort type, uint value)
    {
        Span<byte> octets = stackalloc byte[4];
        BitConverter.TryWriteBytes(octets, value);
        return Attribute(type, octets);
    }

    public NetlinkMessage Attribute(ushort type, byte value) => Attribute(type, [value]);

    /// <summary>Attributes inside an attribute.</summary>
    public NetlinkMessage Nested(ushort type, Action<NetlinkMessage> content)
    {
        int start = _length;
        _length += 4;
        content(this);
        BitConverter.TryWriteBytes(_buffer.AsSpan(start), (ushort)(_length - start));
        BitConverter.TryWriteBytes(_buffer.AsSpan(start + 2), type);
        return this;
    }

    /// <summary>The finished message.</summary>
    public ReadOnlySpan<byte> Finish(uint sequence, ushort moreFlags)
    {
        BitConverter.TryWriteBytes(_buffer.AsSpan(0), (uint)_length);
        ushort flags = BitConverter.ToUInt16(_buffer.AsSpan(6));
        BitConverter.TryWriteBytes(_buffer.AsSpan(6), (ushort)(flags | moreFlags));
        BitConverter.TryWriteBytes(_buffer.AsSpan(8), sequence);
        return _buffer.AsSpan(0, _length);
    }

    public static int Align(int length) => (length + 3) & ~3;
}

static class NetlinkFlags
{
    public const ushort Request = 1;
    public const ushort Acknowledge = 4;
    public const ushort Dump = 0x300;
    public const ushort Replace = 0x100;
    public const ushort Create = 0x400;
}
