using Ipsec.Ike.Recovery;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Tasks;

/// <summary>QCD_TOKEN in IKE_AUTH, both ways (RFC 6290 §4.2).</summary>
sealed class CrashTokenTask : AuthTask
{
    public override IEnumerable<Payload> Ask(AuthRequestSituation situation) => CrashTokens.Make(situation.Sa);

    public override void ReadAnswer(AuthAnswerSituation situation) => CrashTokens.Take(situation.Ike.Sa, situation.Message);

    public override IEnumerable<Payload> Answer(AuthAnswerSituation situation)
    {
        CrashTokens.Take(situation.Ike.Sa, situation.Message);
        return CrashTokens.Make(situation.Ike.Sa);
    }
}
