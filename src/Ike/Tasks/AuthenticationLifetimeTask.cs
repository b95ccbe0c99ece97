using System.Buffers.Binary;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>AUTH_LIFETIME, RFC 4478: the original responder says in seconds when the initiator has to authenticate again.</summary>
sealed class AuthenticationLifetimeTask : AuthTask
{
    public override void ReadAnswer(AuthAnswerSituation situation)
    {
        situation.Ike.Reauthentication.Plan(situation.Now);
        Read(situation.Ike, situation.Message, situation.Now);
    }

    public override IEnumerable<Payload> Answer(AuthAnswerSituation situation)
    {
        situation.Ike.Reauthentication.Plan(situation.Now);
        if (situation.Ike.Connection.Configuration.ReauthenticationTime is not TimeSpan time)
            yield break;
        byte[] seconds = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(seconds, (uint)Math.Min(uint.MaxValue, time.TotalSeconds));
        yield return new NotifyPayload(NotifyType.AuthLifetime, seconds);
    }

    public override void Finish(AuthAnswerSituation situation)
    {
        // A task before this one may have found it of no use: then it renews nothing.
        if (situation.Ike.Origin.IsInitiator && situation.Ike.IsLive)
            Reauthentication.HandleSuccessor(situation.Ike, situation.Now);
    }

    /// <summary>In the IKE_AUTH response, or in an INFORMATIONAL request of the original responder (RFC 4478 §3).</summary>
    public static void Read(EstablishedIkeSa ike, IkeMessage message, Instant now)
    {
        if (message.FindNotify(NotifyType.AuthLifetime) is NotifyPayload notify)
            ike.Reauthentication.HandlePeerLimit(TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(notify.Data.Span)), now);
    }
}
