using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Ike.Wire;

/// <summary>
/// A parsed payload as a value: it exists only if it is valid (RFC 7296 §3.2 to §3.16). Each subclass stands in a file of its own
/// together with its bit diagram, parser and writer.
/// </summary>
public abstract record Payload(PayloadType Type)
{
    /// <summary>The critical bit, which matters only for payload types that the receiver does not know.</summary>
    public bool IsCritical { get; init; }
}

/// <summary>One transform of a proposal, RFC 7296 §3.3.2.</summary>
/// <param name="KeyLength">The Key Length attribute in bits, if present (RFC 7296 §3.3.5).</param>
public readonly record struct Transform(TransformType Type, ushort Id, ushort? KeyLength = null);

/// <summary>One proposal of a Security Association payload, RFC 7296 §3.3.1.</summary>
/// <param name="Number">1 for the first, then counting up; a reply carries the number that was chosen.</param>
/// <param name="Spi">0 octets in IKE_SA_INIT, 8 for IKE in a rekey, 4 for ESP.</param>
public sealed record Proposal(byte Number, ProtocolId Protocol, ReadOnlyMemory<byte> Spi, ImmutableArray<Transform> Transforms);

/// <summary>RFC 7296 §3.3.</summary>
public sealed record SecurityAssociationPayload(ImmutableArray<Proposal> Proposals) : Payload(PayloadType.SecurityAssociation);

/// <summary>RFC 7296 §3.4. The method is a number, because a peer may name one that we do not know.</summary>
public sealed record KeyExchangePayload(ushort Method, ReadOnlyMemory<byte> Data) : Payload(PayloadType.KeyExchange);

/// <summary>RFC 7296 §3.5; both IDi and IDr.</summary>
public sealed record IdentificationPayload(PayloadType Role, Identity Identity) : Payload(Role);

/// <summary>RFC 7296 §3.8.</summary>
public sealed record AuthenticationPayload(AuthenticationMethod Method, ReadOnlyMemory<byte> Data) : Payload(PayloadType.Authentication);

/// <summary>RFC 7296 §3.9: 16 to 256 octets.</summary>
public sealed record NoncePayload(ReadOnlyMemory<byte> Data) : Payload(PayloadType.Nonce);

/// <summary>RFC 7296 §3.10.</summary>
public sealed record NotifyPayload(ProtocolId Protocol, ReadOnlyMemory<byte> Spi, NotifyType NotifyType, ReadOnlyMemory<byte> Data)
    : Payload(PayloadType.Notify)
{
    public NotifyPayload(NotifyType type) : this(ProtocolId.None, default, type, default) { }
    public NotifyPayload(NotifyType type, ReadOnlyMemory<byte> data) : this(ProtocolId.None, default, type, data) { }
}

/// <summary>RFC 7296 §3.11: no SPIs for IKE, 4-octet SPIs for ESP.</summary>
public sealed record DeletePayload(ProtocolId Protocol, ImmutableArray<uint> Spis) : Payload(PayloadType.Delete);

/// <summary>RFC 7296 §3.12.</summary>
public sealed record VendorIdPayload(ReadOnlyMemory<byte> Data) : Payload(PayloadType.VendorId);

/// <summary>RFC 7296 §3.13; both TSi and TSr. At least one selector.</summary>
public sealed record TrafficSelectorPayload(PayloadType Role, ImmutableArray<TrafficSelector> Selectors) : Payload(Role);

/// <summary>A payload that is well-formed on the outside and whose content this stack does not read (certificates, configuration, EAP for now).</summary>
public sealed record OpaquePayload(PayloadType UnreadType, ReadOnlyMemory<byte> Body) : Payload(UnreadType);
