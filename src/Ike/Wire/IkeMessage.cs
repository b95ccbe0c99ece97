using System.Collections.Immutable;

namespace Ipsec.Ike.Wire;

/// <summary>
/// One IKE message as a value: the header and the payloads in their order, those of an Encrypted payload included and the
/// Encrypted payload itself left out.
/// </summary>
public sealed record IkeMessage(IkeHeader Header, ImmutableArray<Payload> Payloads)
{
    /// <summary>The first payload of that kind, or null.</summary>
    public TPayload? Find<TPayload>() where TPayload : Payload
    {
        foreach (Payload payload in Payloads)
        {
            if (payload is TPayload found)
                return found;
        }
        return null;
    }

    /// <summary>The first payload of that kind and type: tells IDi from IDr and TSi from TSr.</summary>
    public TPayload? Find<TPayload>(PayloadType type) where TPayload : Payload
    {
        foreach (Payload payload in Payloads)
        {
            if (payload is TPayload found && found.Type == type)
                return found;
        }
        return null;
    }

    /// <summary>The first notify of that type, or null.</summary>
    public NotifyPayload? FindNotify(NotifyType type)
    {
        foreach (Payload payload in Payloads)
        {
            if (payload is NotifyPayload notify && notify.NotifyType == type)
                return notify;
        }
        return null;
    }

    /// <summary>The first notify that reports an error (types below 16384, RFC 7296 §3.10.1), or null.</summary>
    public NotifyPayload? FindErrorNotify()
    {
        foreach (Payload payload in Payloads)
        {
            if (payload is NotifyPayload { IsError: true } notify)
                return notify;
        }
        return null;
    }
}
