using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Lab.Topology;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>A <see cref="NamespacePlan"/> as the lines of iproute2's batch mode (ip-batch, one command in each line) and of sysctl.</summary>
public static class NamespaceText
{
    /// <summary>Settings of a namespace under /proc/sys/net, before its interfaces are made: they begin with what stands in "default".</summary>
    public static ImmutableArray<(string Path, string Value)> Settings(NamespacePlan plan, PlannedNamespace space)
    {
        string forwards = space.Kind == NamespaceKind.Host ? "0" : "1";
        // Packets come and go by different ways on purpose, which a reverse path filter would drop. Policy 1 shares flows by addresses and ports.
        List<(string Path, string Value)> settings =
        [
            ("ipv4/ip_forward", forwards),
            ("ipv4/fib_multipath_hash_policy", "1"),
            ("ipv4/icmp_ratelimit", "0"),
            .. from scope in (string[])["all", "default"]
               from setting in ((string, string)[])[("rp_filter", "0"), ("send_redirects", "0"), ("accept_redirects", "0")]
               select ($"ipv4/conf/{scope}/{setting.Item1}", setting.Item2),
        ];
        if (plan.UsesV6)
        {
            settings.AddRange(
            [
                ("ipv6/conf/all/forwarding", forwards),
                ("ipv6/conf/default/accept_dad", "0"),
                ("ipv6/conf/default/addr_gen_mode", "1"),
                ("ipv6/conf/default/accept_ra", "0"),
                ("ipv6/fib_multipath_hash_policy", "1"),
                ("ipv6/icmp/ratelimit", "0"),
            ]);
        }
        return [.. settings];
    }

    public static IEnumerable<string> Creation(NamespacePlan plan) => plan.Namespaces.Select(space => $"netns add {space.Name}");

    /// <summary>All links; after <see cref="Settings"/>.</summary>
    public static IEnumerable<string> Links(NamespacePlan plan) => plan.Links.Select(link => FormattableString.Invariant(
        $"link add name {link.Upper.Name} mtu {link.Mtu} netns {link.Upper.Namespace} type veth peer name {link.Lower.Name} mtu {link.Mtu} netns {link.Lower.Namespace}"));

    /// <summary>Interfaces and addresses of one namespace.</summary>
    public static IEnumerable<string> Interfaces(NamespacePlan plan, PlannedNamespace space)
    {
        yield return "link set dev lo up";
        foreach (PlannedLink link in plan.Links)
        {
            foreach (PlannedInterface end in (PlannedInterface[])[link.Upper, link.Lower])
            {
                if (end.Namespace != space.Name)
                    continue;
                // Where an interface has an address of its own besides, that one is what packets come from.
                string scope = end.Name is NamespacePlan.HostInterface or NamespacePlan.Outer or NamespacePlan.Public ? " scope link" : "";
                yield return $"addr add {link.AddressOf(end, isV6: false)}/32 dev {end.Name}{scope}";
                if (plan.UsesV6)
                    yield return $"addr add {link.AddressOf(end, isV6: true)}/64 dev {end.Name} nodad";
                yield return $"link set dev {end.Name} up";
            }
        }
        foreach (PlannedAddress one in plan.Addresses.Where(one => one.Interface.Namespace == space.Name))
            yield return AddressLine("add", one);
    }

    /// <summary>Lines for both families apart: a rule does not show its own.</summary>
    public static IEnumerable<string> Rules(PlannedNamespace space) => space.Rules.Select(rule => string.Create(CultureInfo.InvariantCulture,
        $"rule add priority {rule.Priority} iif {rule.Incoming} {(rule.Table is int table ? $"lookup {table}" : "blackhole")}"));

    /// <param name="verb">"add" or "del".</param>
    public static string AddressLine(string verb, PlannedAddress one) =>
        $"addr {verb} {IpPrefix.Host(one.Address)} dev {one.Interface.Name}{(one.Address.IsV6 && verb == "add" ? " nodad" : "")}";

    /// <summary>
    /// What a wire does to packets beside losing them, as arguments of tc for each of its ends; nothing for a perfect one. Each end is for the packets that it sends. A hundred
    /// thousand packets may be under way, where tc would drop what is beyond a thousand.
    /// </summary>
    /// <param name="extraDelay">Of a fault, beyond what the file says.</param>
    public static IEnumerable<(PlannedInterface End, string Arguments)> Disciplines(NamespacePlan plan, string wire, WireDefinition conditions, TimeSpan extraDelay)
    {
        if (!NeedsDiscipline(conditions) && extraDelay == TimeSpan.Zero)
        {
            yield break;
        }
        TimeSpan delay = conditions.Delay + extraDelay;
        string netem = FormattableString.Invariant($"netem limit 100000 delay {delay.TotalMicroseconds:0}us {conditions.Jitter.TotalMicroseconds:0}us");
        if (conditions.Duplication > 0)
            netem += FormattableString.Invariant($" duplicate {conditions.Duplication * 100:0.####}%");
        if (conditions.Reordering > 0)
            netem += FormattableString.Invariant($" reorder {100 - (conditions.Reordering * 100):0.####}%");
        foreach (PlannedInterface upper in plan.WireEnds(wire))
        {
            PlannedLink link = plan.Links.First(link => link.Upper == upper);
            yield return (upper, $"qdisc replace dev {upper.Name} root {netem}");
            yield return (link.Lower, $"qdisc replace dev {link.Lower.Name} root {netem}");
        }
    }

    /// <summary>Delay, jitter, duplication and reordering are the kernel's netem; loss is not.</summary>
    public static bool NeedsDiscipline(WireDefinition wire) => wire.Delay > TimeSpan.Zero || wire.Jitter > TimeSpan.Zero || wire.Duplication > 0 || wire.Reordering > 0;

    /// <summary>By namespace, the lines that lead from one set of routes to another.</summary>
    public static SortedDictionary<string, List<string>> RouteChanges(IEnumerable<PlannedRoute> before, IEnumerable<PlannedRoute> after)
    {
        var lines = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        Dictionary<(string, int, IpPrefix), PlannedRoute> old = before.ToDictionary(KeyOf);
        PlannedRoute[] wanted = [.. after];
        HashSet<(string, int, IpPrefix)> kept = [.. wanted.Select(KeyOf)];
        foreach (PlannedRoute gone in old.Values.Where(route => !kept.Contains(KeyOf(route))))
            Of(gone).Add(Deletion(gone));
        foreach (PlannedRoute route in wanted)
        {
            PlannedRoute? previous = old.GetValueOrDefault(KeyOf(route));
            if (route.Equals(previous))
                continue;
            // For IPv6 the kernel puts some kinds of routes beside each other instead of one in the other's place.
            if (previous is not null && route.Prefix.Address.IsV6)
                Of(route).Add(Deletion(previous));
            Of(route).Add(RouteLine(route));
        }
        return lines;

        List<string> Of(PlannedRoute route)
        {
            if (!lines.TryGetValue(route.Namespace, out List<string>? list))
                lines.Add(route.Namespace, list = []);
            return list;
        }
    }

    static (string, int, IpPrefix) KeyOf(PlannedRoute route) => (route.Namespace, route.Table, route.Prefix);

    static string Deletion(PlannedRoute route) => string.Create(CultureInfo.InvariantCulture, $"route del {Kind(route)}{route.Prefix} table {route.Table}");

    static string RouteLine(PlannedRoute route)
    {
        string start = string.Create(CultureInfo.InvariantCulture, $"route replace {Kind(route)}{route.Prefix} table {route.Table}");
        return route.Hops switch
        {
            [] => start,
            [PlannedHop { Via: null } only] => $"{start} dev {only.Interface}",
            [PlannedHop only] => $"{start} via {only.Via} dev {only.Interface} onlink",
            _ => $"{start} {string.Join(' ', route.Hops.Select(hop => $"nexthop via {hop.Via} dev {hop.Interface} weight 1 onlink"))}",
        };
    }

    static string Kind(PlannedRoute route) => route.Hops.IsEmpty ? "blackhole " : "";
}
