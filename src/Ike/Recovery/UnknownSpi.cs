using System.Buffers.Binary;
using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Recovery;

/// <summary>ESP with an SPI that its receiver does not have, on either side of it (RFC 7296 §1.5, RFC 6290 §8.2).</summary>
static class UnknownSpi
{
    /// <summary>It came to us: the peer is told on the newest IKE SA that goes where it came from. Where there is none, nobody is told.</summary>
    public static void Tell(EngineContext context, uint spi, NetworkPath path, Instant now)
    {
        EstablishedIkeSa? peer = null;
        foreach (IkeSa sa in context.Sas.All)
        {
            if (sa.State is EstablishedIkeSa { IsLive: true } ike && GoesTo(ike, path))
                peer = ike;
        }
        peer?.OutOfStep.TellSpi(spi, now);
    }

    /// <summary>
    /// A message without protection says that ours came to the peer. Anybody can say that: it MUST NOT be answered, and is a hint that something may be wrong,
    /// unless the peer's own token is beside it.
    /// </summary>
    /// <returns>False for any other message.</returns>
    public static bool TryTakeHint(EngineContext context, RateLimit limit, in IkeHeader header, ReadOnlySpan<byte> datagram, NetworkPath path, Instant now)
    {
        if (header is not { Exchange: ExchangeType.Informational, IsRequest: true }
            || !MessageReader.TryParsePayloads((PayloadType)datagram[IkeHeader.NextPayloadOffset], datagram[IkeHeader.EncodedLength..],
                out ImmutableArray<Payload> payloads, out _))
            return false;
        var message = new IkeMessage(header, payloads);
        if (message.FindNotify(NotifyType.InvalidSpi) is not NotifyPayload notify)
            return false;
        context.Counters.Add("unprotected-invalid-spi");
        if (notify.Data.Length == sizeof(uint) && limit.TryTake(now)
            && Find(context, BinaryPrimitives.ReadUInt32BigEndian(notify.Data.Span), path) is EstablishedIkeSa ike)
            Doubt(ike, message, now);
        return true;
    }

    /// <summary>Perhaps it is alive and perhaps not: it is asked, unless its token proves that it has lost this IKE SA.</summary>
    static void Doubt(EstablishedIkeSa ike, IkeMessage message, Instant now)
    {
        if (CrashTokens.Proves(ike.Sa, message))
            ike.Close(Reasons.PeerCrashed, Farewell.None, now);
        else if (!ike.Channel.IsBusy)
            ike.Requests.Enqueue(new LivenessExchange(), now);
    }

    static EstablishedIkeSa? Find(EngineContext context, uint outboundSpi, NetworkPath path) =>
        context.ChildSas.Values.Where(child => child.OutboundSpi == outboundSpi && child.Owner is { IsLive: true, Sa.Path: NetworkPath own }
            && own.Remote.Address == path.Remote.Address)
            .MinBy(child => child.Id.Value)?.Owner;

    /// <summary>Behind a NAT there may be others than the peer: there the port tells them apart.</summary>
    static bool GoesTo(EstablishedIkeSa ike, NetworkPath path)
    {
        NetworkPath esp = ike.Mobility.EspPath;
        return esp.Local.Address == path.Local.Address && esp.Remote.Address == path.Remote.Address
            && (path.Encapsulation != PathEncapsulation.UdpEncapsulated || esp.Remote.Port == path.Remote.Port);
    }
}
