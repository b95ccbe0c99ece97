using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>USE_PPK, RFC 8784 §3: both sides are ready to use a post-quantum preshared key.</summary>
sealed class PostquantumKeyTask : InitTask
{
    public override IEnumerable<Payload> ToPayloads(InitSituation situation)
    {
        if (IsReady(situation) && (situation.Request is null || situation.Request.FindNotify(NotifyType.UsePpk) is not null))
            yield return new NotifyPayload(NotifyType.UsePpk);
    }

    public override void Read(InitSituation situation, IkeMessage message) => situation.Sa.Capabilities = situation.Sa.Capabilities with
    {
        PostquantumPresharedKey = IsReady(situation) && message.FindNotify(NotifyType.UsePpk) is not null,
    };

    static bool IsReady(InitSituation situation) => situation.Connections.Any(connection => !connection.PostquantumKeys.IsDefaultOrEmpty);
}
