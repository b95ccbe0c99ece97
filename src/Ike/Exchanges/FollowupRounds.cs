using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.KeyDerivation;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// Our IKE_FOLLOWUP_KE exchanges after a CREATE_CHILD_SA of ours that was granted: one for each additional key exchange, in their order, each with the
/// ADDITIONAL_KEY_EXCHANGE data of the last response (RFC 9370 §2.2.4).
/// </summary>
sealed class FollowupRounds : IDisposable
{
    readonly EngineContext _context;
    readonly Queue<KeyExchangeMethod> _remaining;
    readonly AdditionalSecrets _secrets = new();
    IKeyExchange? _keyExchange;
    ReadOnlyMemory<byte> _link;

    /// <param name="response">The CREATE_CHILD_SA response.</param>
    public FollowupRounds(EngineContext context, AdditionalKeyExchanges agreed, IkeMessage response)
    {
        _context = context;
        _remaining = new Queue<KeyExchangeMethod>(agreed.InOrder);
        TakeLink(response);
    }

    /// <summary>Why they cannot go on, where the peer did not say.</summary>
    public string? Failure { get; private set; }

    /// <summary>What the peer refused to go on with.</summary>
    public NotifyPayload? Error { get; private set; }

    public bool IsFailed => Failure is not null || Error is not null;

    public bool IsComplete => !IsFailed && _remaining.Count == 0 && _keyExchange is null;

    /// <summary>SK(1) | … | SK(n), once complete.</summary>
    public Secret Secret => _secrets.Joined;

    /// <summary>KEi(n), N(ADDITIONAL_KEY_EXCHANGE).</summary>
    public RequestContent Next()
    {
        _keyExchange = KeyExchanges.Create(_remaining.Dequeue(), _context.Random);
        return new RequestContent([new KeyExchangePayload((ushort)_keyExchange.Method, _keyExchange.PublicValue.ToArray()),
            new NotifyPayload(NotifyType.AdditionalKeyExchange, _link)], [$"additional key exchange {MessageNames.Group((ushort)_keyExchange.Method)}"]);
    }

    public void Read(IkeMessage response, MessageKind kind)
    {
        using IKeyExchange keyExchange = _keyExchange!;
        _keyExchange = null;
        if (kind == MessageKind.FollowupKeError)
            Error = response.FindErrorNotify();
        else if (TryAgree(keyExchange, response, out Secret? secret))
            _secrets.Add(secret);
        else
            Failure = $"The peer's value for the additional key exchange {MessageNames.Group((ushort)keyExchange.Method)} is not acceptable.";
        if (!IsFailed && _remaining.Count > 0)
            TakeLink(response);
    }

    public void Dispose()
    {
        _keyExchange?.Dispose();
        _secrets.Dispose();
    }

    static bool TryAgree(IKeyExchange keyExchange, IkeMessage response, [NotNullWhen(true)] out Secret? secret)
    {
        secret = null;
        return response.Find<KeyExchangePayload>() is { } theirs && theirs.Method == (ushort)keyExchange.Method
            && keyExchange.TryDeriveSharedSecret(theirs.Data.Span, out secret);
    }

    void TakeLink(IkeMessage response)
    {
        if (response.FindNotify(NotifyType.AdditionalKeyExchange) is { } notify)
            _link = notify.Data;
        else
            Failure = "The peer agreed to additional key exchanges and left out ADDITIONAL_KEY_EXCHANGE, with which they go on.";
    }
}
