using System.Collections.Immutable;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Ike.Outputs;

/// <summary>Names a child SA for its whole life, inside one engine.</summary>
public readonly record struct ChildSaId(ulong Value);

/// <summary>Names an IKE SA for its whole life, across rekeys it gets a new one.</summary>
public readonly record struct IkeSaId(ulong Value);

/// <summary>Something the engine wants done or known. Taken in order by the owner of the engine.</summary>
public abstract record IkeOutput;

/// <summary>Send one UDP payload. It is complete: on the NAT traversal port it starts with the non-ESP marker.</summary>
public sealed record TransmitDatagram(NetworkPath Path, ReadOnlyMemory<byte> Datagram) : IkeOutput;

/// <summary>When an installed outbound SA takes over the traffic (D4, rekey without loss).</summary>
public enum OutboundActivation
{
    /// <summary>Initiator: both directions at once.</summary>
    Immediately,

    /// <summary>Responder: the old SA goes on sending until the first authenticated packet on the new one, or until the old one is removed.</summary>
    OnFirstInbound,
}

/// <summary>Install both directions of a child SA.</summary>
public sealed record InstallChildSa : IkeOutput
{
    public required ChildSaId Id { get; init; }
    public required IkeSaId IkeSa { get; init; }
    public required string Connection { get; init; }
    public required string Child { get; init; }
    public required EspSuite Suite { get; init; }

    /// <summary>The SPI that the peer writes; it was allocated by <see cref="ISpiAllocator"/>.</summary>
    public required uint InboundSpi { get; init; }
    public required uint OutboundSpi { get; init; }

    // The receiver of this output owns the keys and disposes them.
    public required Secret InboundEncryptionKey { get; init; }
    public required Secret InboundIntegrityKey { get; init; }
    public required Secret OutboundEncryptionKey { get; init; }
    public required Secret OutboundIntegrityKey { get; init; }

    public required ImmutableArray<TrafficSelector> LocalSelectors { get; init; }
    public required ImmutableArray<TrafficSelector> RemoteSelectors { get; init; }

    /// <summary>Null is tunnel mode.</summary>
    public TransportAddresses? TransportMode { get; init; }

    /// <summary>Where ESP goes; UDP-encapsulated or raw.</summary>
    public required NetworkPath Path { get; init; }
    public required OutboundActivation Activation { get; init; }

    /// <summary>The SA that this one replaces in a rekey.</summary>
    public ChildSaId? Replaces { get; init; }
    public required int ReplayWindow { get; init; }
    public required Lifetime Lifetime { get; init; }

    /// <summary>The soft limits as drawn for this SA (jitter applied); null is no limit.</summary>
    public ulong? SoftBytes { get; init; }
    public ulong? SoftPackets { get; init; }
}

/// <summary>An SA that was installed with <see cref="OutboundActivation.OnFirstInbound"/> takes over the traffic now, whatever has arrived on it.</summary>
public sealed record ActivateChildSa(ChildSaId Id) : IkeOutput;

/// <summary>Take a child SA out. The inbound side may go on accepting for a while (D4: 5 s after a rekey).</summary>
public sealed record RemoveChildSa(ChildSaId Id, TimeSpan InboundGrace) : IkeOutput;

/// <summary>The peer's (or our) address or port changed: send ESP there from now on.</summary>
public sealed record UpdateChildSaPath(ChildSaId Id, NetworkPath Path) : IkeOutput;

/// <summary>Gives out inbound SPIs, so that the data path can index by them (D4). Values below 256 are never issued.</summary>
public interface ISpiAllocator
{
    /// <summary>False when every slot is taken.</summary>
    bool TryAllocate(out uint spi);

    /// <summary>Gives back an SPI that never reached <see cref="InstallChildSa"/>.</summary>
    void Release(uint spi);
}
