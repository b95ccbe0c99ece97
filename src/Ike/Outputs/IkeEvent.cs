using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Ike.Outputs;

/// <summary>Whether a statement about a failure is proven by what is on the wire or in our own state (D8).</summary>
public enum Certainty
{
    Known,
    Likely,
}

/// <summary>One statement about why something happened, for people.</summary>
/// <param name="Code">Stable, kebab-case: "no-proposal-chosen", "authentication-failed", "peer-not-responding".</param>
/// <param name="Text">One sentence or two, in the words of the RFC, with who must change what.</param>
public sealed record Reason(string Code, Certainty Certainty, string Text);

/// <summary>Every outcome is one typed event; log lines, metrics, the ladder, the JSON and the page are views of these.</summary>
public abstract record IkeEvent
{
    /// <summary>Null before an IKE SA is assigned to a connection.</summary>
    public string? Connection { get; init; }
    public IkeSaId? IkeSa { get; init; }
}

/// <summary>The output that carries an event.</summary>
public sealed record EventOccurred(IkeEvent Event) : IkeOutput;

/// <summary>An IKE message as it passed, after decryption: one step of the ladder.</summary>
/// <param name="Payloads">Short names in order: "SA(2)", "KE(x25519)", "Ni", "N(COOKIE)".</param>
/// <param name="Notes">What was decided because of it: "chose aes256-sha1-modp1024", "no NAT".</param>
public sealed record MessagePassed(bool Sent, bool IsRequest, string Exchange, uint MessageId, bool IsRetransmission,
    NetworkPath Path, ulong InitiatorSpi, ulong ResponderSpi, ImmutableArray<string> Payloads, ImmutableArray<string> Notes) : IkeEvent;

/// <summary>An IKE SA is up.</summary>
public sealed record IkeSaEstablished(bool IsInitiator, IkeSuite Suite, NetworkPath Path, string LocalIdentity, string RemoteIdentity, bool IsRekey) : IkeEvent;

/// <summary>An IKE SA is gone, or an attempt to set one up ended.</summary>
public sealed record IkeSaClosed(bool WasEstablished, ImmutableArray<Reason> Reasons) : IkeEvent;

/// <summary>An IKE SA goes on between other addresses or ports (RFC 4555, RFC 7296 §2.23).</summary>
public sealed record IkeSaMoved(NetworkPath From, NetworkPath To) : IkeEvent;

/// <summary>A child SA is installed.</summary>
public sealed record ChildSaEstablished(ChildSaId Id, string Child, EspSuite Suite, uint InboundSpi, uint OutboundSpi,
    ImmutableArray<TrafficSelector> LocalSelectors, ImmutableArray<TrafficSelector> RemoteSelectors, ChildSaId? Replaces) : IkeEvent;

/// <summary>A child SA is gone.</summary>
public sealed record ChildSaClosed(ChildSaId Id, string Child, ImmutableArray<Reason> Reasons) : IkeEvent;

/// <summary>A negotiation was refused, by us or by the peer, while the IKE SA may live on.</summary>
public sealed record NegotiationRefused(bool ByPeer, string Exchange, ImmutableArray<Reason> Reasons) : IkeEvent;

/// <summary>A datagram or message was at fault; counted under <paramref name="Fault"/>, answered as the RFC says, nothing else.</summary>
public sealed record PeerFaultCounted(string Fault, NetworkPath Path) : IkeEvent;

/// <summary>The keys of an IKE SA, emitted only when key logging is on; goes to the key log and nowhere else (D9).</summary>
public sealed record IkeKeysDerived(ulong InitiatorSpi, ulong ResponderSpi, IkeSuite Suite,
    Crypto.Secret EncryptionInitiator, Crypto.Secret EncryptionResponder, Crypto.Secret IntegrityInitiator, Crypto.Secret IntegrityResponder) : IkeEvent;
