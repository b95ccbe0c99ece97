using Ipsec.Ike.Connections;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>INITIAL_CONTACT, RFC 7296 §2.4: after a crash, or at the first start, it tells the peer to forget what it still holds.</summary>
sealed class InitialContactTask : AuthTask
{
    public override IEnumerable<Payload> Ask(AuthRequestSituation situation)
    {
        if (situation.Connection.Manager.Peers.IsFirstContact(situation.Connection, situation.Sa))
            yield return new NotifyPayload(NotifyType.InitialContact);
    }

    public override void Finish(AuthAnswerSituation situation) =>
        DuplicateResolution.Resolve(situation.Ike, IsIn(situation.Message), situation.Now);

    public static bool IsIn(IkeMessage message) => message.FindNotify(NotifyType.InitialContact) is not null;
}
