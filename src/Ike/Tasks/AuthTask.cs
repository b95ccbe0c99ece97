using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Connections;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Redirection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>
/// One extension's part in IKE_AUTH, beside the identities and what proves them. A task holds no state: what it reads goes into the IKE SA or into
/// the situation, what it adds follows from those. The payloads stand in the first request and in the response that completes authentication
/// (RFC 7296 §1.2, §2.16); nothing is read before the peer is authenticated.
/// </summary>
abstract class AuthTask
{
    /// <summary>
    /// Every task, in the order in which their payloads stand in the message and are read: what shapes the child SA comes before it
    /// (RFC 7296 appendix C).
    /// </summary>
    public static ImmutableArray<AuthTask> All { get; } =
    [
        new InitialContactTask(),
        new AuthRedirectTask(),
        new CrashTokenTask(),
        new ConfigurationTask(),
        new FirstChildTask(),
        new AuthenticationLifetimeTask(),
        new MobikeTask(),
    ];

    /// <summary>Initiator: payloads for the first request.</summary>
    public virtual IEnumerable<Payload> Ask(AuthRequestSituation situation) => [];

    /// <summary>Initiator: reads the response. The IKE SA is established.</summary>
    public virtual void ReadAnswer(AuthAnswerSituation situation)
    {
    }

    /// <summary>Responder: reads the first request and gives the payloads for the response. The IKE SA is established.</summary>
    public virtual IEnumerable<Payload> Answer(AuthAnswerSituation situation) => [];

    /// <summary>Both: after every task had its turn and, at the responder, the response is on its way. Only here may an IKE SA be ended.</summary>
    public virtual void Finish(AuthAnswerSituation situation)
    {
    }
}

/// <summary>An initiator about to send its first request.</summary>
/// <param name="Offer">The first child SA; null where none is asked for (RFC 6023).</param>
sealed record AuthRequestSituation(IkeSa Sa, ConnectionRuntime Connection, ChildOffer? Offer, Instant Now);

/// <summary>The peer is authenticated.</summary>
/// <param name="Message">The peer's: at the initiator the response, at the responder the first request.</param>
/// <param name="Messages">Their nonces serve the first child SA (RFC 7296 §2.17).</param>
/// <param name="Offer">The initiator's first child SA; null at the responder, and where none is asked for.</param>
/// <param name="Trace">Of that message.</param>
sealed record AuthAnswerSituation(EstablishedIkeSa Ike, IkeMessage Message, InitialMessages Messages, ChildOffer? Offer, MessageTrace Trace, Instant Now)
{
    /// <summary>What the tasks have to say, for the ladder.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The initiator is sent to another gateway (RFC 5685 §6): there is no child SA and no address.</summary>
    public bool IsRedirected { get; set; }

    /// <summary>Responder: why the first child SA is refused whatever it may be; null leaves it to its own task.</summary>
    public ChildAnswer.Refuse? ChildRefusal { get; set; }
}
