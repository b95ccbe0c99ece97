using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>What the data path tells the engine; a closed set (D4). Small values, queued without allocation per packet.</summary>
public abstract record DataPathReport
{
    DataPathReport() { }

    /// <summary>An SA crossed its soft limit of octets, packets or sequence numbers: rekey it.</summary>
    public sealed record SoftLimit(ulong SaId) : DataPathReport;

    /// <summary>An SA crossed its hard limit and carries nothing any more.</summary>
    public sealed record HardLimit(ulong SaId) : DataPathReport;

    /// <summary>A packet was routed into a tunnel that has no SA for it. Reported once until <c>AcquireHandled</c>.</summary>
    public sealed record Acquire(int Tunnel, PacketFlow Packet) : DataPathReport;

    /// <summary>Authenticated ESP came from another address or port than expected (NAT rebinding, RFC 7296 §2.23).</summary>
    public sealed record PathChanged(ulong SaId, NetworkPath Path) : DataPathReport;

    /// <summary>The first authenticated packet arrived on a new SA.</summary>
    public sealed record FirstInbound(ulong SaId) : DataPathReport;

    /// <summary>ESP with an SPI that nobody owns. Rate-limited by the data path: at most one until <c>UnknownSpiHandled</c>.</summary>
    public sealed record UnknownSpi(uint Spi, NetworkPath Path) : DataPathReport;
}
