namespace Ipsec.EndpointHost.Netlink;

/// <summary>The attributes behind a message's fixed body, as the kernel sent them.</summary>
readonly ref struct NetlinkAttributes(ReadOnlySpan<byte> attributes)
{
    readonly ReadOnlySpan<byte> _attributes = attributes;

    public bool TryGet(ushort type, out ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> rest = _attributes;
        while (rest.Length >= 4)
        {
            int length = BitConverter.ToUInt16(rest);
            if (length < 4 || length > rest.Length)
                break;
            if ((BitConverter.ToUInt16(rest[2..]) & TypeMask) == type)
            {
                value = rest[4..length];
                return true;
            }
            rest = rest[Math.Min(rest.Length, NetlinkMessage.Align(length))..];
        }
        value = default;
        return false;
    }

    public uint GetUInt32(ushort type) => TryGet(type, out ReadOnlySpan<byte> value) && value.Length >= 4 ? BitConverter.ToUInt32(value) : 0;

    public byte GetByte(ushort type) => TryGet(type, out ReadOnlySpan<byte> value) && value.Length >= 1 ? value[0] : (byte)0;

    /// <summary>Without the "nested" and "network byte order" flags.</summary>
    const ushort TypeMask = 0x3FFF;
}
