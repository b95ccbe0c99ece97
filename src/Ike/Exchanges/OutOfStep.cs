using System.Buffers.Binary;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Outputs;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>
/// What two peers tell each other when their states do not agree: INVALID_MESSAGE_ID (RFC 7296 §2.3) and INVALID_SPI (§1.5), each in an INFORMATIONAL request
/// of its own on the IKE SA. Sending them is optional and limited in rate; without protection neither is ever sent.
/// </summary>
sealed class OutOfStep(EstablishedIkeSa ike)
{
    TimeSpan? _told;
    TimeSpan? _acted;

    TimeSpan Interval => ike.Sa.Context.Options.OutOfStepInterval;

    /// <summary>So much time has passed since the last one, and none is waiting.</summary>
    public bool MayTell(Instant now) => Interval > TimeSpan.Zero && ike.IsLive && HasPassed(_told, now) && !ike.Requests.Has<OutOfStepExchange>();

    /// <summary>An authentic request came with that message ID, which lies ahead of our window.</summary>
    public void TellMessageId(uint messageId, Instant now) =>
        Tell(NotifyType.InvalidMessageId, messageId, $"a request with message ID {messageId} is ahead of the window", now);

    /// <summary>ESP came from where the peer is, with an SPI that we do not have.</summary>
    public void TellSpi(uint spi, Instant now) => Tell(NotifyType.InvalidSpi, spi, $"ESP came with SPI {spi:x8}, which is none of ours", now);

    /// <summary>Reads an INFORMATIONAL request of the peer's, which has been answered.</summary>
    public void Read(IkeMessage request, Instant now)
    {
        if (!ike.IsLive)
            return;
        // The request that we wait for will never be answered: it cannot get better (RFC 7296 §2.21.3).
        if (request.FindNotify(NotifyType.InvalidMessageId) is { Data: { Length: sizeof(uint) } id } && ike.Channel.IsBusy
            && BinaryPrimitives.ReadUInt32BigEndian(id.Span) == ike.Channel.NextRequestId - 1)
        {
            ike.Close([Reasons.Known("invalid-message-id",
                "The peer does not expect the message ID of our request (INVALID_MESSAGE_ID); the states of the two sides no longer agree.")],
                Farewell.None, now, ClosureCause.DeadPeer);
            return;
        }
        // Whatever the peer has lost of that child SA, a rekey finds out, and replaces it.
        if (request.FindNotify(NotifyType.InvalidSpi) is { Data: { Length: sizeof(uint) } spi } && HasPassed(_acted, now)
            && ike.Children.FindByOutboundSpi(BinaryPrimitives.ReadUInt32BigEndian(spi.Span)) is ChildSa child && child.Slot.Current == child)
        {
            _acted = now.Monotonic;
            ike.ChildUpkeep.Rekey(child, now);
        }
    }

    void Tell(NotifyType type, uint number, string why, Instant now)
    {
        if (!MayTell(now))
            return;
        _told = now.Monotonic;
        ike.Requests.Enqueue(new OutOfStepExchange(type, number, why), now);
    }

    bool HasPassed(TimeSpan? last, Instant now) => last is not TimeSpan since || now.Monotonic - since >= Interval;

    sealed class OutOfStepExchange(NotifyType type, uint number, string why) : InitiatedExchange
    {
        public override ExchangeType Exchange => ExchangeType.Informational;

        public override RequestContent Begin(EstablishedIkeSa ike, Instant now)
        {
            byte[] data = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32BigEndian(data, number);
            return new RequestContent([new NotifyPayload(type, data)], [why]);
        }

        public override void HandleResponse(EstablishedIkeSa ike, IkeMessage response, MessageKind kind, MessageTrace trace, Instant now)
        {
        }
    }
}
