using System.Buffers.Binary;
using System.Security.Cryptography;
using Ipsec.Crypto;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Recovery;

/// <summary>
/// Tokens of quick crash detection (RFC 6290). Ours follow from the configured secret and the SPIs of the IKE SA (§5.1), so that they are the same after
/// a restart and nothing needs to be stored; those of peers are kept with the IKE SA and compared in constant time.
/// </summary>
static class CrashTokens
{
    /// <summary>
    /// Octets of a token of ours: the first ones of HMAC-SHA-256, no more than RFC 6290 §5 asks for, so that the answer which presents it is not longer than
    /// an empty request (<see cref="Protection.MessageProtection.ShortestMessage"/>).
    /// </summary>
    const int Length = 16;

    /// <summary>RFC 6290 §4.5: a token taker supports at least four in one message. More are not looked at.</summary>
    const int MostInMessage = 4;

    /// <summary>QCD_TOKEN for an IKE SA; nothing where no secret is configured.</summary>
    public static IEnumerable<Payload> Make(EngineContext context, ulong initiatorSpi, ulong responderSpi)
    {
        if (context.Configuration.QuickCrashDetectionSecret is not Secret secret)
            yield break;
        byte[] token = new byte[32];
        byte[] spis = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(spis, initiatorSpi);
        BinaryPrimitives.WriteUInt64BigEndian(spis.AsSpan(8), responderSpi);
        Prf.Compute(PseudorandomFunction.HmacSha256, secret.Span, spis, token);
        yield return new NotifyPayload(NotifyType.QuickCrashDetection, token.AsMemory(0, Length));
    }

    public static IEnumerable<Payload> Make(IkeSa sa) => Make(sa.Context, sa.InitiatorSpi, sa.ResponderSpi);

    /// <summary>Remembers the token of a protected message, if it has one (RFC 6290 §4.4: also one that nobody asked for).</summary>
    public static void Take(IkeSa sa, IkeMessage message)
    {
        if (message.FindNotify(NotifyType.QuickCrashDetection) is NotifyPayload token)
            sa.PeerCrashToken = token.Data;
    }

    /// <summary>Does an unprotected message prove that the peer has lost the IKE SA (RFC 6290 §4.5, §8.2)?</summary>
    public static bool Proves(IkeSa sa, IkeMessage message)
    {
        if (sa.PeerCrashToken.IsEmpty || (message.FindNotify(NotifyType.InvalidIkeSpi) ?? message.FindNotify(NotifyType.InvalidSpi)) is null)
            return false;
        return message.Payloads.OfType<NotifyPayload>().Where(notify => notify.NotifyType == NotifyType.QuickCrashDetection).Take(MostInMessage)
            .Any(token => CryptographicOperations.FixedTimeEquals(token.Data.Span, sa.PeerCrashToken.Span));
    }
}
