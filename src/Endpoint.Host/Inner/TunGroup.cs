using Ipsec.Net;

namespace Ipsec.EndpointHost.Inner;

/// <summary>
/// The TUN devices that lead out of one network. Each has a routing table of its own, and every table leads a prefix to all devices that have it: to those
/// behind which
/// a tunnel is up for it, or, where none is, to all, so that nothing leaves in clear. So it does not matter whose table the kernel asks first, or which
/// device goes.
/// </summary>
sealed class TunGroup
{
    readonly List<InnerRouting> _members = [];

    /// <summary>Held by every member while it works.</summary>
    public Lock Lock { get; } = new();

    public void Join(InnerRouting member) => _members.Add(member);

    public void Leave(InnerRouting member) => _members.Remove(member);

    /// <summary>The kernel's indices of the devices for a prefix.</summary>
    public int[] InterfacesFor(IpPrefix prefix)
    {
        InnerRouting[] having = [.. _members.Where(member => member.Has(prefix))];
        InnerRouting[] up = [.. having.Where(member => member.Carries(prefix))];
        return [.. (up.Length > 0 ? up : having).Select(member => member.InterfaceIndex)];
    }

    /// <summary>Something changed at one of them: the routes of all others follow.</summary>
    public void Follow(InnerRouting changed)
    {
        foreach (InnerRouting member in _members.Where(member => member != changed))
            member.Apply();
    }
}
