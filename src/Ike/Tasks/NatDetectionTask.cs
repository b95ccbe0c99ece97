using Ipsec.Ike.Admission;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>The NAT_DETECTION notifies of an IKE_SA_INIT message, both ways (RFC 7296 §2.23).</summary>
static class NatDetectionTask
{
    /// <param name="force">Report a source that cannot be ours, so that the peer sees a NAT where there is none.</param>
    public static IEnumerable<Payload> ToPayloads(ulong initiatorSpi, ulong responderSpi, NetworkPath path, bool force)
    {
        TransportAddress source = force ? path.Local with { Port = 0 } : path.Local;
        yield return new NotifyPayload(NotifyType.NatDetectionSourceIp, NatDetection.Hash(initiatorSpi, responderSpi, source));
        yield return new NotifyPayload(NotifyType.NatDetectionDestinationIp, NatDetection.Hash(initiatorSpi, responderSpi, path.Remote));
    }

    /// <summary>What the peer's hashes say about the path that its message took. A peer without NAT traversal cannot be forced into it.</summary>
    public static NatSituation Read(IkeMessage message, NetworkPath path, bool force) =>
        new(NatDetection.IsLocalBehindNat(message, path.Local), NatDetection.IsPeerBehindNat(message, path.Remote),
            force && NatDetection.IsSupportedByPeer(message));
}
