using System.Collections.Immutable;
using Ipsec.Ike.Engine;
using Ipsec.Net;

namespace Ipsec.Ike.Addresses;

/// <summary>
/// What Configuration payloads gave on one IKE SA, in either direction (RFC 7296 §2.19). It lasts as long as the IKE SA and those that rekey it, and is
/// handed from one to the next.
/// </summary>
sealed class InternalConfiguration
{
    /// <summary>Addresses of our pools that the peer has.</summary>
    public List<AddressLease> Leases { get; } = [];

    /// <summary>The peer has asked for INTERNAL_DNS_DOMAIN: others are not told any (RFC 8598 §3.1).</summary>
    public bool PeerAsksForDomains { get; set; }

    /// <summary>What the peer gave us.</summary>
    public AssignedConfiguration Assigned { get; private set; } = AssignedConfiguration.None;

    public ImmutableArray<IpAddressRange> LeasedRanges => [.. Leases.Select(lease => new IpAddressRange(lease.Address, lease.Address))];

    public ImmutableArray<IpAddressRange> AssignedRanges => [.. Assigned.Addresses.Select(address => new IpAddressRange(address.Address, address.Address))];

    /// <summary>The peer of this connection gave us that.</summary>
    public void Assign(EngineContext context, string connection, AssignedConfiguration assigned)
    {
        Assigned = assigned;
        context.VirtualAddresses.Add(connection, this);
    }

    /// <summary>The IKE SA has ended: its addresses go back to where they came from.</summary>
    public void Release(EngineContext context)
    {
        foreach (AddressLease lease in Leases)
            lease.Pool.Release(lease);
        Leases.Clear();
        context.VirtualAddresses.Remove(this);
    }
}
