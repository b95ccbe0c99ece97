using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Delivery;
using Ipsec.Ike.Diagnosis;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Exchanges;

/// <summary>The end of an IKE SA whose initiator did not authenticate.</summary>
static class HalfOpenEnding
{
    /// <summary>It was refused. The refusal is kept for a repeated request, and the IKE SA counts as half-open for as long.</summary>
    public static void Refused(IkeSa sa, ProtectedChannel channel, ImmutableArray<Reason> reasons, Instant now)
    {
        IkeSaEnding.Linger(sa, channel, now);
        sa.Context.Emit(new IkeSaClosed(WasEstablished: false, reasons) { Connection = sa.ConnectionName, IkeSa = sa.Id });
    }

    /// <summary>It stayed away.</summary>
    public static void Expired(IkeSa sa, ProtectedChannel channel)
    {
        channel.Dispose();
        IkeSaEnding.Remove(sa);
        sa.Context.Counters.Add("half-open-timeout");
        sa.Context.Emit(new IkeSaClosed(WasEstablished: false, Reasons.HalfOpenExpired) { Connection = sa.ConnectionName, IkeSa = sa.Id });
    }
}
