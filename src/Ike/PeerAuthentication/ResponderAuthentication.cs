using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.PeerAuthentication;

/// <summary>
/// How a responder learns who the peer is, decides which connection that means (D10), and proves who it is itself, in as many IKE_AUTH rounds as the
/// method needs (RFC 7296 §1.2, §2.16). Each request leads to exactly one report, at once or, where an operation is under way, in a later turn of the
/// engine; <see cref="End"/> ends the wait.
/// </summary>
abstract class ResponderAuthentication
{
    public abstract void Read(IkeMessage request, Action<ResponderRound, Instant> report, Instant now);

    /// <summary>Whatever the outcome: nothing is awaited any more, and keys are cleared.</summary>
    public abstract void End();
}

/// <summary>Where a responder's authentication stands.</summary>
abstract record ResponderRound
{
    /// <summary>The request is answered with these payloads, and another request must follow.</summary>
    public sealed record Continue(ImmutableArray<Payload> Payloads) : ResponderRound;

    /// <param name="Payloads">What proves us: IDr, [CERT,] AUTH.</param>
    /// <param name="Note">For the ladder: "psk ok".</param>
    public sealed record Succeeded(ConnectionConfiguration Connection, Identity Local, Identity Remote, ImmutableArray<Payload> Payloads, string Note)
        : ResponderRound;

    /// <summary>Whatever the reason, the peer is told the same.</summary>
    public sealed record Refused(Reason Reason) : ResponderRound;
}
