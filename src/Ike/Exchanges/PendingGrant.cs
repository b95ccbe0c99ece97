using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// What we granted in a CREATE_CHILD_SA response and is made only when the peer's IKE_FOLLOWUP_KE exchanges are through (RFC 9370 §2.2.4). There is one
/// at a time, and it waits as long as a peer repeats its requests.
/// </summary>
sealed class PendingGrant : IDisposable
{
    // Opaque to the peer: as long as an IKE SPI is not guessed.
    const int LinkLength = 8;

    readonly EstablishedIkeSa _ike;
    readonly Queue<KeyExchangeMethod> _remaining;
    readonly AdditionalSecrets _secrets = new();
    readonly Action<Secret, Payload, Instant> _complete;
    readonly Action _discard;
    byte[] _link;
    EngineTimer? _timer;

    /// <param name="complete">Makes what was granted and answers the last request with that KE payload; the secret stays ours.</param>
    /// <param name="discard">Gives back what was held for it.</param>
    public PendingGrant(EstablishedIkeSa ike, AdditionalKeyExchanges agreed, Action<Secret, Payload, Instant> complete, Action discard, Instant now)
    {
        _ike = ike;
        _remaining = new Queue<KeyExchangeMethod>(agreed.InOrder);
        _complete = complete;
        _discard = discard;
        _link = NewLink();
        Wait(now);
    }

    EngineContext Context => _ike.Sa.Context;

    /// <summary>For the response that the next request must refer to.</summary>
    public NotifyPayload Link => new(NotifyType.AdditionalKeyExchange, _link);

    /// <summary>The request is for this.</summary>
    public bool IsFor(IkeMessage request) => request.FindNotify(NotifyType.AdditionalKeyExchange) is { } link && link.Data.Span.SequenceEqual(_link);

    /// <summary>False, and nothing is left of it, where the key exchange is not the one that was agreed on or its value is not acceptable.</summary>
    public bool TryAnswer(IkeMessage request, Instant now)
    {
        KeyExchangePayload theirs = request.Find<KeyExchangePayload>()!;
        KeyExchangeMethod method = _remaining.Dequeue();
        if (theirs.Method != (ushort)method || !KeyExchanges.TryRespond(method, Context.Random, theirs.Data.Span, out byte[]? value, out Secret? secret))
        {
            _ike.DropPendingGrant();
            return false;
        }
        _secrets.Add(secret);
        var ours = new KeyExchangePayload((ushort)method, value);
        if (_remaining.Count > 0)
        {
            _link = NewLink();
            Wait(now);
            _ike.Channel.Reply([ours, Link], [$"additional key exchange {MessageNames.Group((ushort)method)}"]);
            return true;
        }
        _ike.TakePendingGrant();
        Context.Timers.Cancel(_timer);
        _complete(_secrets.Joined, ours, now);
        _secrets.Dispose();
        return true;
    }

    public void Dispose()
    {
        Context.Timers.Cancel(_timer);
        _secrets.Dispose();
        _discard();
    }

    byte[] NewLink()
    {
        byte[] link = new byte[LinkLength];
        Context.Random.Fill(link);
        return link;
    }

    void Wait(Instant now)
    {
        Context.Timers.Cancel(_timer);
        _timer = Context.Timers.Schedule(now, _ike.Sa.Retransmission.TotalTime, _ => _ike.DropPendingGrant());
    }
}
