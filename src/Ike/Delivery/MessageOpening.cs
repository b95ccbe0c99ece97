using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Protection;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Delivery;

/// <summary>From protected datagrams to opened messages: one by one, or put together from fragments (RFC 7383 §2.6), requests and responses apart.</summary>
sealed class MessageOpening(IkeSa sa)
{
    Reassembly? _requests;
    Reassembly? _responses;

    /// <summary>
    /// False without a fault where the message is not complete yet. A fault here is not known to be the peer's: it is
    /// counted and never answered.
    /// </summary>
    public bool TryOpen(in MessageEnvelope envelope, MessageProtection protection, Instant now, [NotNullWhen(true)] out ReassembledMessage? message,
        out MessageFault fault)
    {
        message = null;
        fault = default;
        if (!envelope.IsProtected)
        {
            fault = new MessageFault(PeerFault.NotProtected);
            return false;
        }
        bool isRequest = envelope.Header.IsRequest;
        if (envelope.IsFragment && (!sa.Capabilities.Fragmentation || envelope.TotalFragments > WireLimits.Fragments))
        {
            fault = new MessageFault(sa.Capabilities.Fragmentation ? PeerFault.TooManyFragments : PeerFault.FragmentNotNegotiated);
            return false;
        }
        if (envelope.IsFragment && !Fragments(isRequest).Needs(envelope))
        {
            sa.Context.Counters.Add("repeated-fragment");
            return false;
        }
        if (!protection.TryOpen(envelope, out OpenedMessage? opened))
        {
            fault = new MessageFault(PeerFault.ProtectionFailed);
            return false;
        }
        if (envelope.IsFragment)
            message = Fragments(isRequest).Add(envelope, opened, now);
        else
            message = new ReassembledMessage(opened, isRequest ? MessageDigest.Of(envelope.Datagram) : default, LargestDatagram: 0);
        return message is not null;
    }

    /// <summary>The message is complete, or nobody waits for it any more: what there is of it in fragments goes.</summary>
    public void Clear(bool isRequest)
    {
        ref Reassembly? fragments = ref isRequest ? ref _requests : ref _responses;
        fragments?.Clear();
        fragments = null;
    }

    public void Clear()
    {
        Clear(isRequest: true);
        Clear(isRequest: false);
    }

    Reassembly Fragments(bool isRequest) => isRequest ? _requests ??= new Reassembly(sa) : _responses ??= new Reassembly(sa);
}
