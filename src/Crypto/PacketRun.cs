namespace Ipsec.Crypto;

/// <summary>A view of ESP packets that stand one behind the other and have one length; the last one may be shorter.</summary>
readonly ref struct PacketRun(Span<byte> packets, int packetLength, int ivLength, int icvLength)
{
    //  | header | IV | payload | ICV |
    const int HeaderLength = 8;

    readonly Span<byte> _packets = packets;

    /// <summary>How many packets there are.</summary>
    public int Count { get; } = (packets.Length + packetLength - 1) / packetLength;

    /// <summary>Octets from one packet's start to the next one's.</summary>
    public int Stride => packetLength;

    /// <summary>Octets before the payload.</summary>
    public int PayloadOffset => HeaderLength + ivLength;

    /// <summary>False if it is too short to have all its parts.</summary>
    public bool IsWhole(int index) => Packet(index).Length >= PayloadOffset + icvLength;

    public Span<byte> Header(int index) => Packet(index)[..HeaderLength];

    public Span<byte> Iv(int index) => Packet(index)[HeaderLength..PayloadOffset];

    public Span<byte> Payload(int index) => Packet(index)[PayloadOffset..^icvLength];

    /// <summary>What a separate integrity algorithm covers: header, IV and payload.</summary>
    public Span<byte> Covered(int index) => Packet(index)[..^icvLength];

    public Span<byte> Icv(int index) => Packet(index)[^icvLength..];

    Span<byte> Packet(int index)
    {
        Span<byte> rest = _packets[(index * packetLength)..];
        return rest[..Math.Min(packetLength, rest.Length)];
    }
}
