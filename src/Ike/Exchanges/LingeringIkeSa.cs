using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// What is left of an IKE SA whose end we have answered: the last reply, should the peer ask again because it was lost. There are no keys
/// any more; the request must be the same octet for octet.
/// </summary>
sealed class LingeringIkeSa(IkeSa sa, ReplyCache replies) : IkeSaState(sa)
{
    EngineTimer? _timer;

    public void Start(Instant now) => _timer = Sa.Context.Timers.Schedule(now, Sa.Context.Options.HalfOpenTimeout, _ => IkeSaEnding.Remove(Sa));

    public override void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now)
    {
        if (header.IsRequest && replies.IsRepetition(header.MessageId) && MessageEnvelope.TryParse(datagram, out _, out MessageEnvelope request, out _))
            RepeatedRequest.Answer(Sa.Context, replies, request, path, replies.IsSame(datagram));
        else
            Sa.Context.Counters.Add("message-for-ended-sa");
    }

    public override void Discard() => Sa.Context.Timers.Cancel(_timer);
}
