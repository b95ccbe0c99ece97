using Ipsec.Ike.Admission;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>The NAT_DETECTION notifies, both ways (RFC 7296 §2.23).</summary>
sealed class NatDetectionTask : InitTask
{
    public override IEnumerable<Payload> ToPayloads(InitSituation situation)
    {
        // A peer without NAT traversal gets none.
        if (situation.Request is not null && !NatDetection.IsSupportedByPeer(situation.Request))
            yield break;
        IkeSa sa = situation.Sa;
        // A source that cannot be ours, so that the peer sees a NAT where there is none.
        TransportAddress source = IsForced(situation) ? situation.Path.Local with { Port = 0 } : situation.Path.Local;
        yield return new NotifyPayload(NotifyType.NatDetectionSourceIp, NatDetection.Hash(sa.InitiatorSpi, sa.ResponderSpi, source));
        yield return new NotifyPayload(NotifyType.NatDetectionDestinationIp, NatDetection.Hash(sa.InitiatorSpi, sa.ResponderSpi, situation.Path.Remote));
    }

    /// <summary>What the peer's hashes say about the path that its message took. A peer without NAT traversal cannot be forced into it.</summary>
    public override void Read(InitSituation situation, IkeMessage message)
    {
        bool isSupported = NatDetection.IsSupportedByPeer(message);
        situation.Sa.Capabilities = situation.Sa.Capabilities with { NatTraversal = isSupported };
        situation.Sa.Nat = new NatSituation(NatDetection.IsLocalBehindNat(message, situation.Path.Local),
            NatDetection.IsPeerBehindNat(message, situation.Path.Remote), IsForced(situation) && isSupported);
    }

    static bool IsForced(InitSituation situation) => situation.Connections.Any(connection => connection.ForceUdpEncapsulation);
}
