using System.Collections.Immutable;
using Ipsec.Ike.Admission;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Recovery;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Engine;

/// <summary>From a datagram to the IKE SA that it is for, or to the answer of a node that knows none (RFC 7296 §1.5, §2.21.4).</summary>
sealed class MessageRouter(EngineContext context) : IDisposable
{
    // RFC 7296 §2.21.4: answers to unprotected messages, and what is done because of them, are limited in rate.
    readonly RateLimit _answers = new(20, TimeSpan.FromMilliseconds(100));
    readonly RateLimit _hints = new(5, TimeSpan.FromSeconds(5));
    readonly InitResponder _initResponder = new(context);

    public void Handle(ReadOnlySpan<byte> datagram, NetworkPath path, Instant now)
    {
        if (!MessageEnvelope.TryParse(datagram, out IkeHeader header, out MessageEnvelope envelope, out MessageFault fault))
        {
            // RFC 7296 §1.5: that one may have no SPIs at all.
            if (fault.Fault == PeerFault.ZeroInitiatorSpi && UnknownSpi.TryTakeHint(context, _hints, header, datagram, path, now))
                return;
            context.CountFault(PeerFaults.Tag(fault.Fault), path);
            // RFC 7296 §1.5: a notify without data; the version that we speak stands in the header.
            if (fault.Fault == PeerFault.InvalidMajorVersion && header.IsRequest && _answers.TryTake(now))
                StatelessReply.Send(context, header, datagram.Length, path, [new NotifyPayload(NotifyType.InvalidMajorVersion)], []);
            return;
        }
        if (header.Exchange == ExchangeType.IkeSaInit && header.IsRequest)
        {
            if (!context.Connections.IsShuttingDown)
                _initResponder.Handle(datagram, header, path, now);
            return;
        }
        if (!context.Sas.TryFind(header, out IkeSa? sa))
        {
            if (!envelope.IsProtected && UnknownSpi.TryTakeHint(context, _hints, header, datagram, path, now))
                return;
            HandleUnknownSpi(header, datagram.Length, envelope.IsProtected, path, now);
        }
        else if (!envelope.IsProtected && header.Exchange != ExchangeType.IkeSaInit)
            HandleHint(sa, datagram, path, now);
        else
            sa.State?.HandleDatagram(datagram, header, path, now);
    }

    public void Dispose() => _initResponder.Dispose();

    /// <summary>
    /// RFC 7296 §2.21.4: a request may be answered with INVALID_IKE_SPI, a response never. RFC 6290 §4.5: to a protected request our token says that
    /// the IKE SA is lost, if the answer does not become longer than the request; §9.2: never for one that lives.
    /// </summary>
    void HandleUnknownSpi(in IkeHeader header, int length, bool isProtected, NetworkPath path, Instant now)
    {
        context.CountFault("unknown-ike-spi", path);
        if (!header.IsRequest || !_answers.TryTake(now))
            return;
        var error = new NotifyPayload(NotifyType.InvalidIkeSpi);
        bool mayTell = isProtected && header.ResponderSpi != 0 && !context.Sas.HasLocalSpi(header.InitiatorSpi)
            && !context.Sas.HasLocalSpi(header.ResponderSpi);
        ImmutableArray<Payload> proof = mayTell ? [error, .. CrashTokens.Make(context, header.InitiatorSpi, header.ResponderSpi)] : [error];
        StatelessReply.Send(context, header, length, path, StatelessReply.Fits(proof, length) ? proof : [error], []);
    }

    /// <summary>
    /// Not protected, and so perhaps forged: it changes nothing (RFC 7296 §2.21.4), but the peer may have lost its state, and is asked whether it is
    /// alive unless something is under way already. Only the peer's own token proves that it has (RFC 6290 §4.5).
    /// </summary>
    void HandleHint(IkeSa sa, ReadOnlySpan<byte> datagram, NetworkPath path, Instant now)
    {
        context.CountFault(PeerFaults.Tag(PeerFault.NotProtected), path);
        if (sa.State is not EstablishedIkeSa ike)
            return;
        if (!sa.PeerCrashToken.IsEmpty && MessageReader.TryParse(datagram, out _, out IkeMessage? message, out _) && CrashTokens.Proves(sa, message))
            ike.Close(Reasons.PeerCrashed, Farewell.None, now);
        else if (!ike.Channel.IsBusy && _hints.TryTake(now))
            ike.Requests.Enqueue(new LivenessExchange(), now);
    }
}
