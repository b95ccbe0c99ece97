using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Addresses;

/// <summary>One address of a pool that an identity has, or had last.</summary>
sealed class AddressLease(LeasedPool pool, IpAddress address)
{
    public LeasedPool Pool { get; } = pool;
    public IpAddress Address { get; } = address;

    /// <summary>Whose it is.</summary>
    public required Identity Identity { get; set; }

    /// <summary>IKE SAs that hold it; more than one only while a newer one takes the place of an older one.</summary>
    public int Holders { get; set; }

    /// <summary>Its place in the row of those that nobody holds; null while somebody does.</summary>
    public LinkedListNode<AddressLease>? Free { get; set; }
}
