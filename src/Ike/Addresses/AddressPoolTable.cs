using System.Collections.Immutable;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Ike.Addresses;

/// <summary>Every pool of one engine by its name.</summary>
sealed class AddressPoolTable
{
    readonly HashSet<IpAddress> _held = [];
    ImmutableArray<LeasedPool> _pools = [];

    /// <summary>Takes over a configuration. A pool keeps its leases by its name: what one IKE SA holds is not given to another one, whatever changed.</summary>
    /// <returns>The pools that tell something else than before beside their addresses.</returns>
    public IReadOnlyCollection<LeasedPool> Apply(ImmutableArray<AddressPool> pools)
    {
        List<LeasedPool> changed = [];
        ImmutableArray<LeasedPool> before = _pools;
        _pools =
        [
            .. pools.Select(pool =>
            {
                LeasedPool? same = before.FirstOrDefault(candidate => candidate.Pool.Name == pool.Name);
                if (same is null)
                    return new LeasedPool(pool, _held);
                if (!same.Pool.TellsSameAs(pool))
                    changed.Add(same);
                same.Apply(pool);
                return same;
            }),
        ];
        return changed;
    }

    /// <summary>In the order of the names; a name without a pool is left out.</summary>
    public ImmutableArray<LeasedPool> Find(ImmutableArray<string> names) =>
        [.. names.Select(name => _pools.FirstOrDefault(pool => pool.Pool.Name == name)).OfType<LeasedPool>()];
}
