using System.Collections.Immutable;
using Ipsec.Net;

namespace Ipsec.Ike.Mobility;

/// <summary>What MOBIKE remembers about an IKE SA and those that rekey it, which share it.</summary>
sealed class MobilityState
{
    /// <summary>The peer's additional addresses (RFC 4555 §3.4, §3.6), at most <see cref="AddressNotifies.MaximumAddresses"/>.</summary>
    public ImmutableArray<IpAddress> PeerAddresses { get; set; } = [];

    /// <summary>Our addresses as the peer knows them.</summary>
    public ImmutableArray<IpAddress> Announced { get; set; } = [];

    /// <summary>Where ESP goes, if that is not where the IKE SA is: the new address has not answered yet, or only ESP has moved.</summary>
    public NetworkPath? EspPath { get; set; }

    /// <summary>A return routability check decides about <see cref="EspPath"/>.</summary>
    public bool IsChecking { get; set; }

    /// <summary>An UPDATE_SA_ADDRESSES is still to be sent ("pending_update", RFC 4555 §3.5).</summary>
    public bool IsUpdatePending { get; set; }

    /// <summary>How the peer last saw us (NAT_DETECTION_DESTINATION_IP), to notice a NAT that forgot its mapping (RFC 4555 §3.8).</summary>
    public ReadOnlyMemory<byte> SeenAs { get; set; }

    /// <summary>How often the path changed: what was asked before does not speak for the path of now, be it the same one again (RFC 4555 §3.7).</summary>
    public ulong Moves { get; set; }

    /// <summary>Paths that the peer did not accept, until our addresses change; a bounded number.</summary>
    public HashSet<NetworkPath> Refused { get; } = [];

    /// <summary>UNEXPECTED_NAT_DETECTED in a row.</summary>
    public int UnexpectedNats { get; set; }
}
