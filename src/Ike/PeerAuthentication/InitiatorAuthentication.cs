using System.Collections.Immutable;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>
/// How an initiator proves who it is and learns who the peer is, in as many IKE_AUTH rounds as the method needs (RFC 7296 §1.2, §2.16). Each call
/// leads to exactly one report, at once or, where an operation is under way, in a later turn of the engine; <see cref="End"/> ends the wait.
/// </summary>
abstract class InitiatorAuthentication
{
    /// <summary>Reports the payloads of the first IKE_AUTH request: IDi, [IDr,] and what proves IDi.</summary>
    public abstract void Begin(Action<InitiatorRound, Instant> report, Instant now);

    /// <summary>Reports what a response without an error leads to.</summary>
    public abstract void Read(IkeMessage response, Action<InitiatorRound, Instant> report, Instant now);

    /// <summary>Whatever the outcome: nothing is awaited any more, and keys are cleared.</summary>
    public abstract void End();
}

/// <summary>Where an initiator's authentication stands.</summary>
abstract record InitiatorRound
{
    /// <summary>A request with these payloads must follow.</summary>
    public sealed record Continue(ImmutableArray<Payload> Payloads) : InitiatorRound;

    /// <param name="Note">For the ladder: "psk ok".</param>
    public sealed record Succeeded(Identity Remote, string Note) : InitiatorRound;

    public sealed record Failed(ImmutableArray<Reason> Reasons) : InitiatorRound;
}
