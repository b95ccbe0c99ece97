using System.Collections.Immutable;
using Ipsec.Ike.Associations;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Ike.Tasks;

/// <summary>What stands in for dynamic selectors, and in transport mode for every selector's addresses (RFC 7296 §2.23.1).</summary>
/// <param name="Local">The virtual IPs that we have, otherwise our outer address.</param>
/// <param name="Remote">The addresses that the peer has from our pools, otherwise its outer address.</param>
/// <param name="Path">Of the IKE SA.</param>
sealed record ChildAddresses(ImmutableArray<IpAddressRange> Local, ImmutableArray<IpAddressRange> Remote, NetworkPath Path, NatSituation Nat)
{
    static readonly ImmutableArray<IpAddressRange> Anything = [IpPrefix.AnyV4.Range, IpPrefix.AnyV6.Range];

    /// <summary>A responder that does not know yet what the peer will be given: anything may become of a dynamic selector.</summary>
    public static ChildAddresses Undecided { get; } = new(Anything, Anything, default, default) { OuterLocal = Anything, OuterRemote = Anything };

    ImmutableArray<IpAddressRange> OuterLocal { get; init; } = [Host(Path.Local.Address)];

    ImmutableArray<IpAddressRange> OuterRemote { get; init; } = [Host(Path.Remote.Address)];

    public static ChildAddresses Of(EstablishedIkeSa ike)
    {
        ImmutableArray<IpAddressRange> assigned = ike.Internal.AssignedRanges;
        ImmutableArray<IpAddressRange> leased = ike.Internal.LeasedRanges;
        NetworkPath path = ike.Sa.Path;
        return new ChildAddresses(assigned.IsEmpty ? [Host(path.Local.Address)] : assigned, leased.IsEmpty ? [Host(path.Remote.Address)] : leased, path,
            ike.Sa.Nat);
    }

    /// <summary>
    /// An initiator before the peer has assigned anything: where it asks for an address it proposes every one of that family (RFC 7296 §2.19).
    /// </summary>
    public static ChildAddresses BeforeAssignment(IkeSa sa, ConnectionConfiguration connection)
    {
        ImmutableArray<IpAddressRange> asked = [.. connection.VirtualIps.Select(address => (address.IsV6 ? IpPrefix.AnyV6 : IpPrefix.AnyV4).Range).Distinct()];
        return new ChildAddresses(asked.IsEmpty ? [Host(sa.Path.Local.Address)] : asked, [Host(sa.Path.Remote.Address)], sa.Path, sa.Nat);
    }

    /// <summary>What a child SA may carry, its dynamic selectors filled in.</summary>
    public ChildSelectors SelectorsOf(ChildConfiguration child) => child.Mode == ChildMode.Transport
        ? new ChildSelectors(At(Ports(child.DynamicLocalSelectors), OuterLocal), At(Ports(child.DynamicRemoteSelectors), OuterRemote))
        : new ChildSelectors([.. child.LocalSelectors, .. At(child.DynamicLocalSelectors, Local)],
            [.. child.RemoteSelectors, .. At(child.DynamicRemoteSelectors, Remote)]);

    /// <summary>
    /// Transport mode selectors of the peer with the addresses that this side sees where a NAT changed them (RFC 7296 §2.23.1), and the ones that the
    /// peer named. Null where a list names more than one address.
    /// </summary>
    public ChildSelectors? Substitute(ChildSelectors received, out TransportAddresses original)
    {
        original = default;
        if (OnlyAddress(received.Local) is not IpAddress local || OnlyAddress(received.Remote) is not IpAddress remote)
            return null;
        original = new TransportAddresses(remote, local);
        return new ChildSelectors(Nat.LocalBehindNat ? Move(received.Local, Path.Local.Address) : received.Local,
            Nat.RemoteBehindNat ? Move(received.Remote, Path.Remote.Address) : received.Remote);
    }

    static ImmutableArray<TrafficSelector> At(ImmutableArray<DynamicSelector> selectors, ImmutableArray<IpAddressRange> addresses) =>
        [.. selectors.SelectMany(selector => addresses.Select(selector.At))];

    static ImmutableArray<DynamicSelector> Ports(ImmutableArray<DynamicSelector> selectors) => selectors.IsEmpty ? [DynamicSelector.Any] : selectors;

    static ImmutableArray<TrafficSelector> Move(ImmutableArray<TrafficSelector> selectors, IpAddress to) =>
        [.. selectors.Select(selector => selector with { Addresses = Host(to) })];

    static IpAddress? OnlyAddress(ImmutableArray<TrafficSelector> selectors)
    {
        IpAddress? only = null;
        foreach (TrafficSelector selector in selectors)
        {
            if (selector.Addresses.First != selector.Addresses.Last || only is IpAddress other && other != selector.Addresses.First)
                return null;
            only = selector.Addresses.First;
        }
        return only;
    }

    static IpAddressRange Host(IpAddress address) => new(address, address);
}
