using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>What the peer is still told when an IKE SA ends.</summary>
enum Farewell
{
    /// <summary>Nothing: the peer is gone, or has said itself that it forgets this IKE SA.</summary>
    None,

    /// <summary>A DELETE payload for the IKE SA, until it is answered (RFC 7296 §1.4.1).</summary>
    Delete,

    /// <summary>Another IKE SA has taken its place: as <see cref="Delete"/>, but its child SAs first (<see cref="RetreatingIkeSa"/>).</summary>
    Retreat,

    /// <summary>An INFORMATIONAL with AUTHENTICATION_FAILED, for a response that did not authenticate (RFC 7296 §2.21.2).</summary>
    AuthenticationFailed,

    /// <summary>The peer's last request has been answered; the answer is kept for a while in case it was lost.</summary>
    AnswerRepeated,

    /// <summary>The peer rekeyed this IKE SA and deletes it; until then it is answered.</summary>
    AwaitDelete,
}

/// <summary>From a state that ends to the one that is left of it.</summary>
static class IkeSaEnding
{
    /// <summary>Takes the channel over from the state that ends.</summary>
    /// <param name="childSpis">Our inbound ones of the child SAs that end with it.</param>
    public static void Begin(IkeSa sa, ProtectedChannel channel, Farewell farewell, Instant now, ImmutableArray<uint> childSpis = default)
    {
        switch (farewell)
        {
            case Farewell.Retreat when !childSpis.IsDefaultOrEmpty:
                new RetreatingIkeSa(sa, channel, childSpis).Begin(now);
                break;
            case Farewell.Retreat:
            case Farewell.Delete:
            case Farewell.AuthenticationFailed:
                new ClosingIkeSa(sa, channel, farewell).Begin(now);
                break;
            case Farewell.AwaitDelete:
                var retired = new RetiredIkeSa(sa, channel);
                sa.Become(retired);
                retired.Start(now);
                break;
            case Farewell.AnswerRepeated:
                Linger(sa, channel, now);
                break;
            default:
                channel.Dispose();
                Remove(sa);
                break;
        }
    }

    /// <summary>Only the last reply is kept; keys are cleared.</summary>
    public static void Linger(IkeSa sa, ProtectedChannel channel, Instant now)
    {
        ReplyCache replies = channel.Replies;
        channel.Dispose();
        var lingering = new LingeringIkeSa(sa, replies);
        sa.Become(lingering);
        lingering.Start(now);
    }

    public static void Remove(IkeSa sa)
    {
        sa.End();
        sa.Context.Sas.Remove(sa);
    }
}
