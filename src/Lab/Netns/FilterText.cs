using System.Collections.Immutable;
using Ipsec.Lab.Fabric;
using Ipsec.Net;

namespace Ipsec.Lab.Netns;

/// <summary>The rule sets of nftables in a lab: NATs, and wires that lose or carry nothing.</summary>
public static class FilterText
{
    const int FirstPort = 20000;
    const int Ports = 20000;

    /// <summary>
    /// A NAT whose mappings depend on the address and port that is talked to and lets in only what answers (RFC 4787: the strictest kind). Each forgetting gives it other ports.
    /// </summary>
    /// <param name="rebindings">How often it has forgotten its mappings.</param>
    public static string Nat(IpAddress address, int rebindings)
    {
        string family = address.IsV6 ? "ip6" : "ip";
        int first = FirstPort + (rebindings % 2 * Ports);
        return FormattableString.Invariant($$"""
            table {{family}} nat
            delete table {{family}} nat
            table {{family}} nat {
              chain postrouting {
                type nat hook postrouting priority 100
                oifname "{{NamespacePlan.Public}}" meta l4proto udp snat to {{Host(address)}}:{{first}}-{{first + Ports - 1}} random
                oifname "{{NamespacePlan.Public}}" snat to {{Host(address)}}
              }
              chain forward {
                type filter hook forward priority 0
                iifname "{{NamespacePlan.Public}}" ct state new drop
              }
              chain input {
                type filter hook input priority 0
                iifname "{{NamespacePlan.Public}}" meta l4proto { udp, esp } drop
              }
            }

            """);
    }

    /// <summary>What a router does with the packets of some of its wires.</summary>
    /// <param name="wires">By interface; a wire without a fault may be missing.</param>
    public static string Wires(IEnumerable<(string Interface, bool IsDown, double Loss)> wires)
    {
        ImmutableArray<string> rules =
        [
            .. from wire in wires
               from direction in (string[])["iifname", "oifname"]
               let condition = wire.IsDown ? "" : FormattableString.Invariant($"numgen random mod 1000000 < {wire.Loss * 1_000_000:0} ")
               where wire.IsDown || wire.Loss > 0
               select $"    {direction} \"{wire.Interface}\" {condition}counter drop\n",
        ];
        return $$"""
            table inet wires
            delete table inet wires
            table inet wires {
              chain forward {
                type filter hook forward priority -10
            {{string.Concat(rules)}}  }
            }

            """;
    }

    static string Host(IpAddress address) => address.IsV6 ? $"[{address}]" : address.ToString();
}
