using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Esp;

/// <summary>Everything the data path needs to carry one child SA, both directions (RFC 4301 §4.4.2).</summary>
public sealed record TunnelSaParameters
{
    /// <summary>Given by the owner of the data path; names the pair of associations in calls and reports.</summary>
    public required ulong Id { get; init; }

    /// <summary>The tunnel (one per connection) whose routes lead to this SA.</summary>
    public required int Tunnel { get; init; }

    public required EspTransforms Transforms { get; init; }

    /// <summary>An SPI that this data path allocated.</summary>
    public required uint InboundSpi { get; init; }
    public required uint OutboundSpi { get; init; }

    // Copied into native cipher contexts at installation; the caller still owns and disposes them.
    public required Secret InboundEncryptionKey { get; init; }
    public required Secret InboundIntegrityKey { get; init; }
    public required Secret OutboundEncryptionKey { get; init; }
    public required Secret OutboundIntegrityKey { get; init; }

    public required ImmutableArray<TrafficSelector> LocalSelectors { get; init; }
    public required ImmutableArray<TrafficSelector> RemoteSelectors { get; init; }
    public required NetworkPath Path { get; init; }

    /// <summary>Null is tunnel mode. In transport mode both lists of selectors hold the two addresses of the path alone.</summary>
    public TransportModeAddresses? TransportMode { get; init; }

    /// <summary>True: the outbound side waits until the first authenticated packet arrives on this SA, or until <see cref="Replaces"/> is removed.</summary>
    public bool OutboundWaits { get; init; }

    public ulong? Replaces { get; init; }

    /// <summary>64 to 4096 packets; 0 turns anti-replay off.</summary>
    public int ReplayWindow { get; init; } = 1024;

    /// <summary>The sequence number before the first one sent; 0 except when state moves between hosts.</summary>
    public ulong InitialSequenceNumber { get; init; }

    /// <summary>Counted per direction over inner octets; crossing one is reported once. Null is no limit.</summary>
    public ulong? SoftBytes { get; init; }
    public ulong? HardBytes { get; init; }
    public ulong? SoftPackets { get; init; }
    public ulong? HardPackets { get; init; }
}
