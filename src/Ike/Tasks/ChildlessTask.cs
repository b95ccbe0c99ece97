using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>CHILDLESS_IKEV2_SUPPORTED: only a responder announces it (RFC 6023 §3).</summary>
sealed class ChildlessTask : InitTask
{
    public override IEnumerable<Payload> ToPayloads(InitSituation situation)
    {
        if (situation.Request is not null && situation.Connections.Any(connection => connection.Childless != ChildlessPolicy.Never))
            yield return new NotifyPayload(NotifyType.ChildlessIkev2Supported);
    }

    public override void Read(InitSituation situation, IkeMessage message)
    {
        if (situation.Request is null && message.FindNotify(NotifyType.ChildlessIkev2Supported) is not null)
            situation.Sa.Capabilities = situation.Sa.Capabilities with { Childless = true };
    }
}
