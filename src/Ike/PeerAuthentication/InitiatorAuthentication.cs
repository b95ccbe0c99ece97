using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>
/// How an initiator proves who it is and learns who the peer is, in as many IKE_AUTH rounds as the method needs (RFC 7296 §1.2, §2.16).
/// </summary>
abstract class InitiatorAuthentication
{
    /// <summary>The payloads of the first IKE_AUTH request: IDi, [IDr,] and what proves IDi.</summary>
    public abstract ImmutableArray<Payload> Begin();

    public abstract AuthenticationRound Read(IkeMessage response);
}

/// <summary>Where authentication stands after a message.</summary>
abstract record AuthenticationRound
{
    /// <summary>Another request with these payloads must follow.</summary>
    public sealed record Continue(ImmutableArray<Payload> Payloads) : AuthenticationRound;

    public sealed record Succeeded(Identity Remote, string Note) : AuthenticationRound;

    public sealed record Failed(ImmutableArray<Reason> Reasons) : AuthenticationRound;
}
