using Ipsec.Net;

namespace Ipsec.Esp.Inner.Nat;

/// <summary>A flow as one side of a translation sees it: the translated end first, the other one behind it.</summary>
readonly record struct NatFlow(byte Protocol, IpAddress Address, ushort Port, IpAddress OtherAddress, ushort OtherPort)
{
    public ulong HashWith(in FlowHash hash) => hash.Compute(Address, OtherAddress, Protocol, Port, OtherPort);
}

/// <summary>What has been seen of a flow, as far as its lifetime depends on it.</summary>
[Flags]
enum NatFlowSigns : byte
{
    None = 0,

    /// <summary>A packet came from the external side.</summary>
    Answered = 1,
    InternalFin = 2,
    ExternalFin = 4,
    Reset = 8,
}

/// <summary>How long a silent flow is remembered.</summary>
static class NatLifetimes
{
    // RFC 5382 §5 (REQ-5), RFC 4787 §4.3 (REQ-5: five minutes are recommended), RFC 5508 §3.2 (REQ-2).
    static readonly TimeSpan EstablishedTcp = TimeSpan.FromMinutes(124);
    static readonly TimeSpan TransitoryTcp = TimeSpan.FromMinutes(4);
    static readonly TimeSpan Udp = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Icmp = TimeSpan.FromMinutes(1);

    public static TimeSpan Of(byte protocol, NatFlowSigns signs) => protocol switch
    {
        IpProtocol.Tcp => signs == NatFlowSigns.Answered || signs == (NatFlowSigns.Answered | NatFlowSigns.InternalFin)
            || signs == (NatFlowSigns.Answered | NatFlowSigns.ExternalFin) ? EstablishedTcp : TransitoryTcp,
        IpProtocol.Udp => Udp,
        _ => Icmp,
    };
}
