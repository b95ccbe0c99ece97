using Ipsec.EndpointHost.Native;

namespace Ipsec.EndpointHost.Netlink;

/// <summary>Tells when an address or a link of this network namespace changed (rtnetlink multicast, RFC 3549 §2.3).</summary>
sealed class AddressMonitor : IDisposable
{
    // linux/rtnetlink.h: RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR.
    const uint Groups = 0x1 | 0x10 | 0x100;

    /// <summary>A change comes as several messages: an address, its routes, the carrier.</summary>
    static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(200);

    readonly NetlinkSocket _events = new(Groups);
    readonly NetlinkSocket _requests = new();

    public IReadOnlyList<InterfaceAddress> Addresses() => LinkRequests.InterfaceAddresses(_requests);

    /// <summary>Calls back after each change until the signal is set. Blocks.</summary>
    public void Run(StopSignal stop, Action<IReadOnlyList<InterfaceAddress>> changed)
    {
        while (stop.WaitForInput(_events.Descriptor))
        {
            Thread.Sleep(SettleTime);
            _events.Discard();
            changed(Addresses());
        }
    }

    public void Dispose()
    {
        _events.Dispose();
        _requests.Dispose();
    }
}
