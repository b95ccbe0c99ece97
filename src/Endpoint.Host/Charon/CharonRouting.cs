using System.Globalization;
using Ipsec.EndpointHost.Processes;
using Ipsec.Lab.StrongSwan;
using Ipsec.Net;

namespace Ipsec.EndpointHost.Charon;

/// <summary>
/// The routes into <c>ipsec0</c>, the TUN of user-space ESP, in the namespace of one charon. charon's own are never asked: they stand behind all others, since
/// with any-to-any selectors they would take what is for the site's LAN as well.
/// </summary>
sealed class CharonRouting(string inside, StrongSwanPlan plan)
{
    internal const string Interface = "ipsec0";

    /// <summary>Packets of charon's own sockets, which must not enter a tunnel.</summary>
    const string Mark = "0x42";

    /// <summary>Of a default route into a tunnel.</summary>
    const string Table = "4500";

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
        foreach (IpPrefix route in plan.Routes)
            await IpAsync(route, ["route", "add", "blackhole", route.ToString(), "metric", "4294967295", .. TableOf(route)]);
        foreach (IpPrefix everything in plan.Routes.Where(route => route.Length == 0))
        {
            await IpAsync(everything, "rule", "add", "pref", "9000", "lookup", "main", "suppress_prefixlength", "0");
            await IpAsync(everything, "rule", "add", "pref", "9001", "not", "fwmark", Mark, "lookup", Table);
        }
        string[] rules = [.. Rules()];
        foreach (string command in rules.Length == 0 ? [] : (string[])[$"add table {Filter}", $"add chain {Filter} forward {{ type filter hook forward priority mangle; }}", .. rules])
            await Tool.RunCheckedAsync("ip", "netns", "exec", inside, "nft", command);
    }

    /// <summary>The routes, after each start of the daemon.</summary>
    /// <param name="mtu">Octets.</param>
    internal async Task RouteAsync(int mtu)
    {
        await Tool.RunCheckedAsync("ip", "-n", inside, "link", "set", Interface, "mtu", mtu.ToString(CultureInfo.InvariantCulture), "up");
        foreach (IpPrefix route in plan.Routes)
            await IpAsync(route, ["route", "replace", route.ToString(), "dev", Interface, .. TableOf(route)]);
    }

    IEnumerable<string> Rules()
    {
        if (!plan.Transit)
            yield return $"add rule {Filter} forward iifname {Interface} oifname {Interface} drop";
        if (plan.MssClamp is not int size)
            yield break;
        foreach (string direction in (string[])["iifname", "oifname"])
            yield return FormattableString.Invariant($"add rule {Filter} forward {direction} {Interface} tcp flags syn tcp option maxseg size > {size} tcp option maxseg size set {size}");
    }

    static string[] TableOf(IpPrefix route) => route.Length == 0 ? ["table", Table] : [];

    Task IpAsync(IpPrefix family, params string[] arguments) =>
        Tool.RunCheckedAsync("ip", [family.Address.IsV6 ? "-6" : "-4", "-n", inside, .. arguments]);
}
