namespace Ipsec.Lab.Network;

/// <summary>What forwarding does to a packet (RFC 1812 §5.3.1, RFC 8200 §3).</summary>
static class Forwarding
{
    /// <summary>Takes one from the TTL or hop limit; false if nothing is left of it. The packet has been parsed before.</summary>
    public static bool TryDecrementHopLimit(Span<byte> packet)
    {
        if (packet[0] >> 4 == 6)
            return packet[7] > 1 && --packet[7] > 0;
        if (packet[8] <= 1)
            return false;
        packet[8]--;
        Ipv4Header.WriteChecksum(packet[..((packet[0] & 0x0F) * 4)]);
        return true;
    }
}
