using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>Our requests on one IKE SA, one at a time: the window is one until the peer says otherwise (RFC 7296 §2.3).</summary>
sealed class RequestQueue(EstablishedIkeSa ike, ProtectedChannel channel)
{
    readonly Queue<InitiatedExchange> _waiting = new();

    /// <summary>The exchange whose reply is awaited.</summary>
    public InitiatedExchange? Current { get; private set; }

    public void Enqueue(InitiatedExchange exchange, Instant now)
    {
        _waiting.Enqueue(exchange);
        Pump(now);
    }

    /// <summary>As <see cref="Enqueue"/>, in the place of one of its kind that has not been sent.</summary>
    public void Replace<TExchange>(TExchange exchange, Instant now) where TExchange : InitiatedExchange
    {
        InitiatedExchange[] others = [.. TakeWaiting().Where(waiting => waiting is not TExchange)];
        foreach (InitiatedExchange other in others)
            _waiting.Enqueue(other);
        Enqueue(exchange, now);
    }

    public bool Has<TExchange>(Func<TExchange, bool> predicate) where TExchange : InitiatedExchange =>
        Current is TExchange current && predicate(current) || _waiting.OfType<TExchange>().Any(predicate);

    public bool Has<TExchange>() where TExchange : InitiatedExchange => Has<TExchange>(_ => true);

    public void HandleResponse(IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
    {
        if (Current is not InitiatedExchange answered)
            return;
        Current = null;
        if (response.FindNotify(NotifyType.InvalidSyntax) is not null)
        {
            // RFC 7296 §2.21.3: fatal in both peers. One that has not ended the IKE SA is told.
            answered.Abandon(ike);
            ike.Close(Reasons.CalledMalformed(response.Header.Exchange), Farewell.Delete, now);
            return;
        }
        answered.HandleResponse(ike, response, kind, trace, now);
        Pump(now);
    }

    /// <summary>The exchange that was just answered goes on with another request, before anything else (RFC 9370 §2.2.4).</summary>
    public void Continue(InitiatedExchange exchange, ExchangeType type, RequestContent content, Instant now)
    {
        Current = exchange;
        channel.SendRequest(type, content.Payloads, content.Notes, now);
    }

    /// <summary>Stops waiting for the outstanding reply; the exchange has been abandoned by its owner.</summary>
    public void ForgetCurrent(Instant now)
    {
        channel.AbandonRequest();
        Current = null;
        Pump(now);
    }

    /// <summary>What goes to the successor of the IKE SA: what has not been sent, and what has but must not get lost. Anything else is abandoned.</summary>
    public IEnumerable<InitiatedExchange> TakeForSuccessor()
    {
        if (Current is { OutlivesIkeSa: true } current)
        {
            Current = null;
            yield return current;
        }
        foreach (InitiatedExchange exchange in TakeWaiting())
            yield return exchange;
    }

    IEnumerable<InitiatedExchange> TakeWaiting()
    {
        while (_waiting.TryDequeue(out InitiatedExchange? exchange))
            yield return exchange;
    }

    /// <summary>Takes over the exchange whose reply is awaited, if it is such a one; it is not abandoned then.</summary>
    public TExchange? TakeCurrent<TExchange>() where TExchange : InitiatedExchange
    {
        if (Current is not TExchange current)
            return null;
        Current = null;
        return current;
    }

    public void Abandon()
    {
        Current?.Abandon(ike);
        Current = null;
        foreach (InitiatedExchange exchange in TakeWaiting())
            exchange.Abandon(ike);
    }

    void Pump(Instant now)
    {
        while (Current is null && !channel.IsBusy && ike.IsLive && _waiting.TryDequeue(out InitiatedExchange? next))
        {
            if (next.Begin(ike, now) is not RequestContent content)
                continue;
            Current = next;
            channel.SendRequest(next.Exchange, content.Payloads, content.Notes, now);
        }
    }
}
