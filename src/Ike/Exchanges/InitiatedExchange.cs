using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>A request of ours on an established IKE SA, from the queue to its reply.</summary>
abstract class InitiatedExchange
{
    public abstract ExchangeType Exchange { get; }

    /// <summary>Builds the request when the window is free. Null: it is not needed any more.</summary>
    public abstract RequestContent? Begin(EstablishedIkeSa ike, Instant now);

    public abstract void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now);

    /// <summary>Where its IKE SA is rekeyed before the reply is there, it is asked again on the new one; otherwise it is abandoned.</summary>
    public virtual bool OutlivesIkeSa => false;

    /// <summary>No reply will come, because the IKE SA ends or was replaced: gives back what is held.</summary>
    public virtual void Abandon(EstablishedIkeSa ike)
    {
    }
}

/// <summary>The payloads of a request and what the ladder says about them.</summary>
sealed record RequestContent(ImmutableArray<Payload> Payloads, ImmutableArray<string> Notes)
{
    public RequestContent(params ImmutableArray<Payload> payloads) : this(payloads, [])
    {
    }
}
