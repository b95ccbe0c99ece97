using Ipsec.Ike.Outputs;

namespace Ipsec.Ike;

/// <summary>
/// What the engine asks the data path when a liveness timer fires (RFC 7296 §2.4: recent ESP proves that the peer is alive), and when it looks whether a
/// child SA is still used.
/// </summary>
public interface IChildTraffic
{
    /// <summary>Authenticated packets received on this SA since it was installed; 0 for an SA that is not known.</summary>
    ulong InboundPackets(ChildSaId id);

    /// <summary>Packets sent on this SA since it was installed; 0 for an SA that is not known.</summary>
    ulong OutboundPackets(ChildSaId id);
}
