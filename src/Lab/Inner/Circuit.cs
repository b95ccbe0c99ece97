using System.Collections.Immutable;
using Ipsec.Lab.Network;
using Ipsec.Net;

namespace Ipsec.Lab.Inner;

/// <summary>
/// An ExpressRoute circuit: a routed link between a site and the ExpressRoute gateways that are connected to it. It can be cut; that takes its routes away a
/// little later on both sides, and a mended one brings them back as late, which is BGP's part in real Azure (the reference, §10).
/// </summary>
sealed class Circuit(string name, Wire wire, Scheduler scheduler, TimeSpan convergence, Action announcementsChanged)
{
    ImmutableArray<IpPrefix> _toSite = [];

    public string Name => name;

    /// <summary>Near is the site, far is Azure.</summary>
    public Wire Wire => wire;

    /// <summary>Both ends know its routes.</summary>
    public bool IsAnnounced { get; private set; } = true;

    /// <summary>The prefixes of the virtual networks at its other end.</summary>
    public void AnnounceToSite(ImmutableArray<IpPrefix> prefixes) => _toSite = prefixes;

    /// <summary>The length of the longest prefix for an address that the site has over it; null where there is none.</summary>
    public int? AnnouncedToSite(IpAddress destination) => IsAnnounced
        ? _toSite.Where(prefix => prefix.Contains(destination)).Select(prefix => (int?)prefix.Length).Max()
        : null;

    public void SendFromSite(byte[] packet) => wire.SendFromNear(packet);

    public void SendFromAzure(byte[] packet) => wire.SendFromFar(packet);

    /// <summary>Cuts it for a while.</summary>
    public void Cut(TimeSpan duration)
    {
        wire.IsDown = true;
        scheduler.After(convergence, Converge);
        scheduler.After(duration, () =>
        {
            wire.IsDown = false;
            scheduler.After(convergence, Converge);
        });
    }

    void Converge()
    {
        if (IsAnnounced != wire.IsDown)
            return;
        IsAnnounced = !wire.IsDown;
        announcementsChanged();
    }
}
