using System.Globalization;
using Ipsec.EndpointHost.Processes;
using Ipsec.Lab.StrongSwan;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Charon;

/// <summary>
/// The routes into <c>ipsec0</c>, the TUN of user-space ESP, in the namespace of one charon. charon's own are never asked: they stand behind all others, since
/// with any-to-any selectors they would take what is for the site's LAN as well.
/// </summary>
/// <param name="insideInterface">Where the networks that the node protects are; what comes from there may go into a tunnel.</param>
sealed class CharonRouting(string inside, string insideInterface, StrongSwanPlan plan)
{
    internal const string Interface = "ipsec0";

    /// <summary>Packets of charon's own sockets, which must not enter a tunnel.</summary>
    const string Mark = "0x42";

    const string Table = "4500";

    /// <summary>charon's own.</summary>
    const string CharonTable = "220";

    /// <summary>Those of the fabric begin with 300: what comes out of a tunnel goes to the networks of the node first.</summary>
    const int BeforeFabric = 200;
    const int AfterNetworks = 301;

    const string Filter = "inet strongswan";

    /// <summary>The lines of strongswan.conf that go with it.</summary>
    internal const string Settings = $$"""
          make_before_break = yes
          routing_table_prio = 40000
          ignore_routing_tables = {{Table}}
          plugins {
            kernel-libipsec {
              allow_peer_ts = yes
            }
            kernel-netlink {
              fwmark = !{{Mark}}
            }
            socket-default {
              fwmark = {{Mark}}
            }
          }
        """;

    /// <summary>What does not end with the daemon: no packet for a tunnel ever leaves in clear, also while there is no charon. Once.</summary>
    internal async Task PrepareAsync()
    {
        foreach (IpAddress address in plan.SelectorAddresses)
            await AddAsync(IpPrefix.Host(address));
        foreach (IpPrefix route in plan.Routes)
            await IpAsync(route, "route", "add", "blackhole", route.ToString(), "metric", "4294967295", "table", Table);
        foreach (IpPrefix family in plan.Routes.DistinctBy(route => route.Address.IsV6))
        {
            // What the node itself says to its networks, a default route into a tunnel does not take.
            await RuleAsync(family, BeforeFabric, "iif", "lo", "lookup", "main", "suppress_prefixlength", "0");
            await RuleAsync(family, BeforeFabric + 1, "iif", "lo", "not", "fwmark", Mark, "lookup", Table);
            await RuleAsync(family, BeforeFabric + 2, "iif", insideInterface, "lookup", Table);
            if (plan.Transit)
                await RuleAsync(family, AfterNetworks, "iif", Interface, "lookup", Table);
        }
        if (plan.MssClamp is int size)
            await ClampAsync(size);
    }

    /// <summary>
    /// An address that charon sees, and that takes no packet from the host to whom it may belong: it is local in charon's own table only, which is asked last.
    /// </summary>
    async Task AddAsync(IpPrefix address)
    {
        await IpAsync(address, "addr", "add", address.ToString(), "dev", "lo");
        await IpAsync(address, "route", "del", "local", address.ToString(), "dev", "lo", "table", "local");
        await IpAsync(address, "route", "add", "local", address.ToString(), "dev", "lo", "table", CharonTable);
    }

    /// <summary>The routes, after each start of the daemon.</summary>
    /// <param name="mtu">Octets.</param>
    internal async Task RouteAsync(int mtu)
    {
        await Tool.RunCheckedAsync("ip", "-n", inside, "link", "set", Interface, "mtu", mtu.ToString(CultureInfo.InvariantCulture), "up");
        foreach (IpPrefix route in plan.Routes)
            await IpAsync(route, "route", "replace", route.ToString(), "dev", Interface, "table", Table);
    }

    async Task ClampAsync(int size)
    {
        string rule = FormattableString.Invariant($"tcp flags syn tcp option maxseg size > {size} tcp option maxseg size set {size}");
        foreach (string command in (string[])
        [
            $"add table {Filter}", $"add chain {Filter} forward {{ type filter hook forward priority mangle; }}",
            $"add rule {Filter} forward iifname {Interface} {rule}", $"add rule {Filter} forward oifname {Interface} {rule}",
        ])
        {
            await Tool.RunCheckedAsync("ip", "netns", "exec", inside, "nft", command);
        }
    }

    Task RuleAsync(IpPrefix family, int priority, params string[] rule) =>
        IpAsync(family, ["rule", "add", "pref", priority.ToString(CultureInfo.InvariantCulture), .. rule]);

    Task IpAsync(IpPrefix family, params string[] arguments) =>
        Tool.RunCheckedAsync("ip", [family.Address.IsV6 ? "-6" : "-4", "-n", inside, .. arguments]);
}
