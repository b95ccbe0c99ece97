using Ipsec.Azure.Instances;

namespace Ipsec.Azure;

/// <summary>
/// What Microsoft does not document, or what only an emulator can be told. Every default is the likeliest behaviour of a real gateway.
/// </summary>
public sealed record EmulationOptions
{
    /// <summary>
    /// Take whatever traffic selectors the device proposes (documented for every connection mode). False narrows them to the address
    /// prefixes of the virtual network and the local network gateway, as third parties have reported.
    /// </summary>
    public bool AcceptAnyTrafficSelectors { get; init; } = true;

    /// <summary>Without a custom policy accept single DES and group 1 too, as the documented table of a responder has them.</summary>
    public bool AcceptObsoleteAlgorithms { get; init; } = true;

    /// <summary>Refuse a device whose identity is not the local network gateway's address. What Azure demands is not documented.</summary>
    public bool RequireAddressIdentity { get; init; }

    /// <summary>Percent of a lifetime after which the gateway rekeys; one observation of a real gateway says 95.</summary>
    public int RekeyPercent { get; init; } = 95;

    /// <summary>Pause between two attempts to dial, and before the first one; documented as "every few seconds".</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Clamp the TCP maximum segment size in octets; null, as in Azure, leaves that to the device.</summary>
    public int? MssClamp { get; init; }

    /// <summary>Largest inner packet in octets.</summary>
    public int InnerMtu { get; init; } = 1400;

    /// <summary>Answer a larger inner packet with DF by ICMP. Azure drops it without a word.</summary>
    public bool SendPacketTooBig { get; init; }

    /// <summary>Send the Vendor IDs that were seen of an Azure point-to-site gateway; of a site-to-site gateway none are documented.</summary>
    public bool VendorIds { get; init; }

    /// <summary>The tunnels of a gateway share the bandwidth of its SKU.</summary>
    public bool LimitBandwidth { get; init; }

    /// <summary>Until both ends of an ExpressRoute circuit know that it was cut or mended; Microsoft's test says "a few seconds (&lt;10)".</summary>
    public TimeSpan ExpressRouteConvergence { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long failovers take; the documents give ranges.</summary>
    public FailoverDurations Failover { get; init; } = new();

    /// <summary>The UDP ports of every gateway in the file; Azure's are 500 and 4500.</summary>
    public ushort IkePort { get; init; } = 500;
    public ushort NatTraversalPort { get; init; } = 4500;
}
