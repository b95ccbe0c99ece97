namespace Ipsec.Esp.Inner;

/// <summary>Where the fields of TCP (RFC 9293 §3.1) and UDP (RFC 768) stand, counted from the transport header, and the flags that somebody here looks at.</summary>
static class TransportHeader
{
    public const int UdpLength = 8;
    public const int UdpLengthOffset = 4;
    public const int UdpChecksumOffset = 6;

    public const int MinimumTcpLength = 20;
    public const int TcpSequenceOffset = 4;
    public const int TcpFlagsOffset = 13;
    public const int TcpChecksumOffset = 16;

    public const byte Fin = 0x01;
    public const byte Push = 0x08;
    public const byte Acknowledgement = 0x10;

    /// <summary>RFC 3168 §6.1.2.</summary>
    public const byte CongestionWindowReduced = 0x80;
}
