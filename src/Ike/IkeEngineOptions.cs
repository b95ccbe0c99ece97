using System.Collections.Immutable;

namespace Ipsec.Ike;

/// <summary>Limits and timers of one engine. Every value is local policy within what RFC 7296 allows.</summary>
public sealed record IkeEngineOptions
{
    /// <summary>Half-open SAs above which an initiator must return a cookie (RFC 7296 §2.6).</summary>
    public int CookieThreshold { get; init; } = 64;

    /// <summary>Half-open SAs above which new ones are not answered at all, with or without a cookie.</summary>
    public int MaximumHalfOpen { get; init; } = 1024;

    /// <summary>
    /// Half-open SAs for which one host (an IPv4 address, or a /64 of IPv6) has returned cookies; above that it is not answered while cookies are asked for:
    /// who returns them cannot take the room of everybody else.
    /// </summary>
    public int MaximumHalfOpenPerAddress { get; init; } = 64;

    /// <summary>How long a responder keeps a half-open SA.</summary>
    public TimeSpan HalfOpenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the first fragments of a message are kept for the rest to come (RFC 7383 §2.6).</summary>
    public TimeSpan ReassemblyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Octets that fragments of authenticated peers may take together.</summary>
    public int MaximumReassembly { get; init; } = 32 << 20;

    /// <summary>Octets that fragments of peers may take together that are not authenticated yet.</summary>
    public int MaximumHalfOpenReassembly { get; init; } = 4 << 20;

    /// <summary>NAT keepalive interval (RFC 3948 §4: 20 s by default).</summary>
    public TimeSpan NatKeepaliveInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a replaced inbound SA still accepts (D4).</summary>
    public TimeSpan ReplacedInboundGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a gateway that redirected a client waits for it to delete its IKE SA (RFC 5685 §5).</summary>
    public TimeSpan RedirectGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long <c>Shutdown</c> waits for the peers' answers to DELETE.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the engine waits for an <see cref="Outputs.OperationRequested"/>: a signature, the addresses of a name.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often an IKE SA tells its peer at most of a message ID ahead of the window or of ESP with an unknown SPI (INVALID_MESSAGE_ID, INVALID_SPI: RFC
    /// 7296 §2.3, §1.5), and acts on the peer's INVALID_SPI; zero tells nothing.
    /// </summary>
    public TimeSpan OutOfStepInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sent as Vendor ID payloads in every IKE_SA_INIT, in this order (RFC 7296 §3.12); none by default. The peer reads them if it likes.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> VendorIds { get; init; } = [];

    /// <summary>Emit <see cref="Outputs.IkeKeysDerived"/>: only for the explicit key log.</summary>
    public bool EmitKeys { get; init; }
}
