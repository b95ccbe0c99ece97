using Ipsec.Ike.Configuration;
using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Addresses;

/// <summary>
/// One pool and who has which of its addresses. An identity that comes back is offered the address that it had; a new one gets an address that nobody
/// had yet, and when there is none left the one that was given back longest ago.
/// </summary>
/// <param name="held">Every address that somebody has from any pool of this endpoint: pools may overlap, and an address is given once.</param>
sealed class LeasedPool(AddressPool pool, HashSet<IpAddress> held)
{
    // A bound of ours on what identities without an IKE SA may make us remember.
    internal const int MaximumRemembered = 16384;

    readonly Dictionary<IpAddress, AddressLease> _byAddress = [];
    readonly Dictionary<Identity, List<AddressLease>> _byIdentity = [];
    readonly LinkedList<AddressLease> _free = [];
    IpAddress? _next = pool.Addresses?.First;

    // The first address that was passed over because another pool had given it.
    IpAddress? _passedOver;

    public AddressPool Pool { get; private set; } = pool;

    /// <summary>Addresses that are held now.</summary>
    public int Held => _byAddress.Count - _free.Count;

    /// <summary>What is told, or the range, has changed. An address outside of a new range is nobody's any more once it is given back.</summary>
    public void Apply(AddressPool changed)
    {
        if (changed.Addresses != Pool.Addresses)
            (_next, _passedOver) = (changed.Addresses?.First, null);
        Pool = changed;
        foreach (AddressLease lease in _free.Where(lease => !IsInRange(lease.Address)).ToArray())
        {
            _free.Remove(lease);
            Forget(lease);
        }
    }

    /// <summary>Null when every address is held.</summary>
    /// <param name="wanted">An address that the peer would like to have again; null has no wish.</param>
    /// <param name="mayShare">An address that an IKE SA of the same identity holds is given again, because that one is about to go.</param>
    /// <param name="taken">Leases that the asking IKE SA has already.</param>
    public AddressLease? Acquire(Identity identity, IpAddress? wanted, bool mayShare, IReadOnlyCollection<AddressLease> taken)
    {
        AddressLease? lease = Own(identity, wanted, mayShare, taken) ?? Wanted(identity, wanted) ?? Fresh(identity) ?? PassedOver(identity) ?? Oldest(identity);
        if (lease is null)
            return null;
        lease.Holders++;
        held.Add(lease.Address);
        if (lease.Free is not null)
            _free.Remove(lease.Free);
        lease.Free = null;
        return lease;
    }

    public void Release(AddressLease lease)
    {
        if (--lease.Holders > 0)
            return;
        held.Remove(lease.Address);
        if (IsInRange(lease.Address))
            lease.Free = _free.AddLast(lease);
        else
            Forget(lease);
    }

    AddressLease? Own(Identity identity, IpAddress? wanted, bool mayShare, IReadOnlyCollection<AddressLease> taken)
    {
        if (!_byIdentity.TryGetValue(identity, out List<AddressLease>? own))
            return null;
        List<AddressLease> possible = own.FindAll(lease => (lease.Holders == 0 ? !held.Contains(lease.Address) : mayShare) && IsInRange(lease.Address)
            && !taken.Contains(lease));
        return possible.Find(lease => lease.Address == wanted) ?? (possible.Count > 0 ? possible[0] : null);
    }

    AddressLease? Wanted(Identity identity, IpAddress? wanted) =>
        wanted is IpAddress address && IsInRange(address) && !_byAddress.ContainsKey(address) && !held.Contains(address) && _free.Count < MaximumRemembered
            ? New(identity, address) : null;

    AddressLease? Fresh(Identity identity)
    {
        if (_free.Count >= MaximumRemembered)
            return null;
        while (_next is IpAddress address)
        {
            _next = address == Pool.Addresses!.Value.Last ? null : address.Plus(1);
            if (_byAddress.ContainsKey(address))
                continue;
            if (!held.Contains(address))
                return New(identity, address);
            _passedOver ??= address;
        }
        return null;
    }

    /// <summary>The range is through: from the first address that was not ours to give then.</summary>
    AddressLease? PassedOver(Identity identity)
    {
        if (_passedOver is null)
            return null;
        (_next, _passedOver) = (_passedOver, null);
        return Fresh(identity);
    }

    /// <summary>Takes it from the identity that had it last.</summary>
    AddressLease? Oldest(Identity identity)
    {
        if (_free.FirstOrDefault(free => !held.Contains(free.Address)) is not AddressLease lease)
            return null;
        Unremember(lease);
        lease.Identity = identity;
        Remember(lease);
        return lease;
    }

    AddressLease New(Identity identity, IpAddress address)
    {
        var lease = new AddressLease(this, address) { Identity = identity };
        _byAddress.Add(address, lease);
        Remember(lease);
        return lease;
    }

    void Remember(AddressLease lease)
    {
        if (!_byIdentity.TryGetValue(lease.Identity, out List<AddressLease>? own))
            _byIdentity.Add(lease.Identity, own = []);
        own.Add(lease);
    }

    void Unremember(AddressLease lease)
    {
        List<AddressLease> own = _byIdentity[lease.Identity];
        own.Remove(lease);
        if (own.Count == 0)
            _byIdentity.Remove(lease.Identity);
    }

    void Forget(AddressLease lease)
    {
        Unremember(lease);
        _byAddress.Remove(lease.Address);
    }

    bool IsInRange(IpAddress address) => Pool.Addresses is IpAddressRange range && range.IsV6 == address.IsV6 && range.Contains(address);
}
