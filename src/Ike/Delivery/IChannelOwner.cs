using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>The state that a protected channel delivers to. Everything delivered is fresh, authenticated and fits its exchange.</summary>
interface IChannelOwner
{
    /// <summary>Must answer with <see cref="ProtectedChannel.Reply"/>, at once or later: until then the channel ignores the peer's requests.</summary>
    void HandleRequest(IkeMessage request, MessageKind kind, MessageTrace trace, Instant now);

    /// <summary>A state that sends no requests has nothing to do with a response.</summary>
    void HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
    }

    /// <summary>
    /// The peer, authenticated, sent what it must not send. If it was a request, it has been answered. INVALID_SYNTAX is fatal
    /// to the IKE SA in both peers (RFC 7296 §2.21.3).
    /// </summary>
    void HandlePeerFault(MessageFault fault, bool inRequest, Instant now);

    /// <summary>
    /// Whether the peer would be told of a message ID that lies ahead of the window (RFC 7296 §2.3): it costs the work of opening the message.
    /// </summary>
    bool MayTellMessageId(Instant now) => false;

    /// <summary>An authentic request came with that message ID, ahead of the window. It is not answered.</summary>
    void HandleMessageIdAhead(uint messageId, Instant now)
    {
    }

    /// <summary>Our request was given up.</summary>
    void HandleUnanswered(Instant now)
    {
    }

    /// <summary>An authenticated message came from elsewhere. True: follow it.</summary>
    bool MayFollow(NetworkPath path);

    /// <summary>Paths on which an unanswered request goes out beside its own (RFC 4555 §3.10).</summary>
    /// <param name="transmissions">How often it went out.</param>
    IEnumerable<NetworkPath> OtherPaths(int transmissions) => [];

    /// <summary>The IKE SA has moved to this path; what hangs on the path moves along.</summary>
    void HandlePathFollowed(NetworkPath path, Instant now)
    {
    }
}
