using Ipsec.Ike.Configuration;
using Ipsec.Ike.Exchanges;
using Ipsec.Ike.Selection;
using Ipsec.Ike.Tasks;

namespace Ipsec.Ike.Associations;

/// <summary>
/// Which pairs of selectors of the configured children an IKE SA carries, whatever SAs they are in. A peer may narrow a child to some of its pairs
/// (RFC 7296 §2.9): the others are asked for one by one. And a peer whose selectors are taken as they come may ask for one SA that is wider than the child
/// that it was taken for: the pairs of other children that lie in it are not asked for as well.
/// </summary>
sealed class ChildParts(EstablishedIkeSa ike)
{
    readonly HashSet<(string Child, SelectorPair Pair)> _givenUp = [];

    /// <summary>At least a part of it is carried by an SA that stays.</summary>
    public bool IsUp(ChildConfiguration child) => IsDividable(child) ? Pairs(child).Any(pair => IsCarried(child, pair)) : HasOwn(child.Name);

    /// <summary>What is not carried and still wanted. A child of one piece is not listed.</summary>
    public IEnumerable<SelectorPair> Missing(ChildConfiguration child) =>
        IsDividable(child) ? Pairs(child).Where(pair => !_givenUp.Contains((child.Name, pair)) && !IsCarried(child, pair)) : [];

    /// <summary>An SA of this child, or one that is wider than its own, has something of the pair.</summary>
    public bool IsCarried(ChildConfiguration child, SelectorPair pair) => ike.Children.Current.Any(sa => Carries(sa, child, pair));

    /// <summary>The configured children of which that SA carries a part.</summary>
    public IEnumerable<ChildConfiguration> CarriedBy(ChildSa sa) => ike.Connection.Configuration.Children.Where(child =>
        child.Name == sa.Configuration.Name || IsDividable(child) && Pairs(child).Any(pair => Carries(sa, child, pair)));

    /// <summary>What an SA of another IKE SA with the same peer carries is carried here.</summary>
    public bool Replaces(ChildSa other)
    {
        if (!IsDividable(other.Configuration))
            return HasOwn(other.Configuration.Name);
        return IsWithinItsChild(other)
            ? ike.Children.Current.Any(sa => sa.Configuration.Name == other.Configuration.Name && SelectorNarrowing.IsWithin(other.Selectors, sa.Selectors))
            : ike.Connection.Configuration.Children.Where(IsDividable)
                .All(child => Pairs(child).All(pair => !Carries(other, child, pair) || IsCarried(child, pair)));
    }

    /// <summary>A peer whose selectors are taken as they come has not asked for more than the child is for.</summary>
    public static bool IsWithinItsChild(ChildSa sa) => !IsDividable(sa.Configuration) || SelectorNarrowing.IsWithin(sa.Selectors, Configured(sa.Configuration));

    /// <summary>The peer does not allow it, or has closed it: it is not asked for again on this IKE SA and those that rekey it.</summary>
    public void GiveUp(ChildConfiguration child, SelectorPair pair) => _givenUp.Add((child.Name, pair));

    /// <summary>What is not carried now is not asked for again.</summary>
    public void GiveUpMissing(ChildConfiguration child)
    {
        foreach (SelectorPair pair in Missing(child).ToArray())
            GiveUp(child, pair);
    }

    /// <summary>A command wants all of it.</summary>
    public void TryAgain(ChildConfiguration child) => _givenUp.RemoveWhere(one => one.Child == child.Name);

    public void MoveTo(ChildParts successor) => successor._givenUp.UnionWith(_givenUp);

    // Dynamic selectors follow an address that changes under an SA; transport mode has one pair of addresses.
    static bool IsDividable(ChildConfiguration child) =>
        child.Mode == ChildMode.Tunnel && child.DynamicLocalSelectors.IsEmpty && child.DynamicRemoteSelectors.IsEmpty;

    static IEnumerable<SelectorPair> Pairs(ChildConfiguration child) => SelectorPair.Of(Configured(child));

    static ChildSelectors Configured(ChildConfiguration child) => new(child.LocalSelectors, child.RemoteSelectors);

    bool HasOwn(string name) => ike.Children.Current.Any(sa => sa.Configuration.Name == name);

    // What two configured children have in common is meant to be there twice.
    static bool Carries(ChildSa sa, ChildConfiguration child, SelectorPair pair) => sa.Configuration.Name == child.Name
        ? pair.Overlaps(sa.Selectors)
        : pair.IsWithin(sa.Selectors) && IsDividable(sa.Configuration) && !pair.IsWithin(Configured(sa.Configuration));
}
