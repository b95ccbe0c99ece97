namespace Ipsec.Esp.Inner;

/// <summary>The types of ICMP messages that matter here (RFC 792, RFC 4443).</summary>
static class IcmpTypes
{
    public const byte EchoReplyV4 = 0;
    public const byte EchoRequestV4 = 8;
    public const byte EchoRequestV6 = 128;
    public const byte EchoReplyV6 = 129;

    /// <summary>ICMPv6 errors have the high bit clear; the ICMP errors are those that quote a packet.</summary>
    public static bool IsError(bool isV6, byte type) => isV6 ? type < 128 : type is 3 or 4 or 5 or 11 or 12;

    public static bool IsEcho(bool isV6, byte type) => isV6 ? type is EchoRequestV6 or EchoReplyV6 : type is EchoRequestV4 or EchoReplyV4;
}
