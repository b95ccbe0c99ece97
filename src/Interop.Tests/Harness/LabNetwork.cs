using System.Globalization;

namespace Ipsec.Interop.Tests.Harness;

/// <summary>
/// Two sites and a router between them:
/// <code>
///   ours                         router                       theirs
///   10.1.0.1 on lo                                            10.2.0.1 on lo
///   198.51.100.10 ---- 198.51.100.1 | 203.0.113.1 ---- 203.0.113.5
///   or, behind NAT:
///   192.168.77.2  ---- 192.168.77.1 | 203.0.113.1 (masquerade)
///   and beside all that IPv6:
///   fd01::1 on lo                                             fd02::1 on lo
///   2001:db8:1::10 --- 2001:db8:1::1 | 2001:db8:2::1 --- 2001:db8:2::5
/// </code>
/// </summary>
sealed class LabNetwork : IAsyncDisposable
{
    /// <summary>The router's interface towards the right side.</summary>
    internal const string RecordedInterface = "to-theirs";

    /// <summary>Its interface towards the left side.</summary>
    internal const string OurRouterInterface = "to-ours";

    /// <summary>Of either side, towards the router.</summary>
    internal const string SiteInterface = "outer";

    internal const string OurInner = "10.1.0.1";
    internal const string TheirInner = "10.2.0.1";
    internal const string OurInnerV6 = "fd01::1";
    internal const string TheirInnerV6 = "fd02::1";

    static readonly SemaphoreSlim StaleRemoval = new(1);
    static bool _staleRemoved;
    static int _count;

    readonly List<NetworkNamespace> _namespaces = [];
    readonly string _number;

    LabNetwork(string folder, string number)
    {
        Folder = folder;
        _number = number;
    }

    /// <summary>Scratch files and control sockets, with a short path: a Unix socket's name has 107 characters at most.</summary>
    internal string Folder { get; }

    internal NetworkNamespace Ours { get; private set; } = null!;

    internal NetworkNamespace Router { get; private set; } = null!;

    internal NetworkNamespace Theirs { get; private set; } = null!;

    internal static async Task<LabNetwork> CreateAsync(bool behindNat = false)
    {
        await RemoveStaleOnceAsync();
        string number = Interlocked.Increment(ref _count).ToString(CultureInfo.InvariantCulture);
        LabNetwork network = new(Path.Combine(Path.GetTempPath(), $"{NetworkNamespace.Prefix}{Environment.ProcessId}-{number}"), number);
        Directory.CreateDirectory(network.Folder);
        try
        {
            await network.BuildAsync(behindNat);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>A NAT on the other side too: what we send to the router's address on our side goes on to the peer.</summary>
    internal Task ForwardToTheirsAsync() => Router.LoadRulesAsync(Folder,
        """
        table ip forwarding {
          chain prerouting {
            type nat hook prerouting priority -100
            iifname "to-ours" ip daddr 192.168.77.1 udp dport { 500, 4500 } dnat to 203.0.113.5
          }
        }
        """);

    /// <summary>A third site beside ours, at 198.51.101.10, with this inner address.</summary>
    internal async Task<NetworkNamespace> AddSecondAsync(string inner)
    {
        NetworkNamespace second = await AddAsync(_number + "-second");
        await JoinAsync(second, "to-second", "198.51.101.10", "198.51.101.1");
        await second.IpAsync("addr", "add", inner + "/32", "dev", "lo");
        return second;
    }

    /// <summary>Lets the router drop this percentage of the UDP datagrams and ESP packets that it forwards, in both directions.</summary>
    internal Task DropAsync(int percent) => Router.LoadRulesAsync(Folder,
        $$"""
        table ip loss {
          chain forward {
            type filter hook forward priority 0
            meta l4proto { udp, esp } numgen random mod 100 < {{percent}} counter drop
          }
        }
        """);

    public async ValueTask DisposeAsync()
    {
        foreach (NetworkNamespace created in _namespaces)
            await created.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    async Task BuildAsync(bool behindNat)
    {
        Ours = await AddAsync(_number + "-ours");
        Router = await AddAsync(_number + "-router");
        Theirs = await AddAsync(_number + "-theirs");
        string ours = behindNat ? "192.168.77.2" : "198.51.100.10";
        string ourRouter = behindNat ? "192.168.77.1" : "198.51.100.1";
        await JoinAsync(Ours, OurRouterInterface, ours, ourRouter);
        await JoinAsync(Theirs, RecordedInterface, "203.0.113.5", "203.0.113.1");
        await AddV6Async(Ours, OurRouterInterface, "2001:db8:1::10", "2001:db8:1::1", OurInnerV6);
        await AddV6Async(Theirs, RecordedInterface, "2001:db8:2::5", "2001:db8:2::1", TheirInnerV6);
        await Router.RunCheckedAsync("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
        await Ours.IpAsync("addr", "add", OurInner + "/32", "dev", "lo");
        await Theirs.IpAsync("addr", "add", TheirInner + "/32", "dev", "lo");
        if (behindNat)
        {
            await Router.LoadRulesAsync(Folder,
                """
                table ip nat {
                  chain postrouting {
                    type nat hook postrouting priority 100
                    oifname "to-theirs" masquerade random
                  }
                  chain forward {
                    type filter hook forward priority 0
                    iifname "to-theirs" ct state new drop
                  }
                }
                """);
        }
    }

    async Task<NetworkNamespace> AddAsync(string suffix)
    {
        NetworkNamespace created = await NetworkNamespace.CreateAsync(suffix);
        _namespaces.Add(created);
        return created;
    }

    async Task JoinAsync(NetworkNamespace site, string routerInterface, string siteAddress, string routerAddress)
    {
        await Tool.RunCheckedAsync("ip", "link", "add", SiteInterface, "netns", site.Name, "type", "veth",
            "peer", "name", routerInterface, "netns", Router.Name);
        await site.IpAsync("addr", "add", siteAddress + "/24", "dev", SiteInterface);
        await Router.IpAsync("addr", "add", routerAddress + "/24", "dev", routerInterface);
        await site.IpAsync("link", "set", SiteInterface, "up");
        await Router.IpAsync("link", "set", routerInterface, "up");
        await site.IpAsync("route", "add", "default", "via", routerAddress);
    }

    async Task AddV6Async(NetworkNamespace site, string routerInterface, string siteAddress, string routerAddress, string inner)
    {
        await site.IpAsync("addr", "add", siteAddress + "/64", "dev", SiteInterface, "nodad");
        await Router.IpAsync("addr", "add", routerAddress + "/64", "dev", routerInterface, "nodad");
        await site.IpAsync("route", "add", "default", "via", routerAddress);
        await site.IpAsync("addr", "add", inner + "/128", "dev", "lo", "nodad");
    }

    static async Task RemoveStaleOnceAsync()
    {
        await StaleRemoval.WaitAsync();
        try
        {
            if (!_staleRemoved)
                await NetworkNamespace.RemoveStaleAsync();
            _staleRemoved = true;
        }
        finally
        {
            StaleRemoval.Release();
        }
    }
}
