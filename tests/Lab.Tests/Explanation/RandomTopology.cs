using System.Text;

namespace Ipsec.Lab.Tests.Explanation;

/// <summary>
/// Small topologies from a seed, most of them with something missing: a prefix, a direction, a flag, a selector, a key. Some are refused when they are read.
/// </summary>
sealed class RandomTopology(ulong seed)
{
    readonly StringBuilder _text = new();
    ulong _state = unchecked(seed * 0x9E3779B97F4A7C15 + 0x1234567);
    int _networks;
    int _sites;
    bool[] _hasGateway = [];
    bool _withNat;
    bool _withCircuit;

    /// <summary>The first two sites have a connection of their own.</summary>
    bool _withLink;

    /// <summary>The last site is a second device on the LAN of the first one.</summary>
    bool _withSecondDevice;

    public string Text()
    {
        _networks = 1 + Below(3);
        _sites = 1 + Below(3);
        _withNat = Chance(25);
        _withCircuit = Chance(20);
        _withSecondDevice = _sites > 1 && Chance(20);
        _withLink = _sites > 1 && !IsSecondDevice(1) && Chance(30);
        _hasGateway = [.. Enumerable.Range(0, _networks).Select(index => index == 0 || Chance(60))];
        Line($"name: random-{seed}");
        Line("azure:");
        Line("  virtualNetworks:");
        for (int index = 0; index < _networks; index++)
        {
            string second = Chance(30) ? $", 10.{index + 1}0.0.0/16" : "";
            string subnet = second.Length > 0 && Chance(50) ? $", far: 10.{index + 1}0.1.0/24" : "";
            Line($"    net{index}: {{ addressPrefixes: [10.{index + 1}.0.0/16{second}], subnets: {{ GatewaySubnet: 10.{index + 1}.255.0/27, app: " +
                $"10.{index + 1}.1.0/24{subnet} }} }}");
        }
        Peerings();
        Gateways();
        LocalNetworkGateways();
        Connections();
        Sites();
        Hosts();
        Line("expect: []");
        return _text.ToString();
    }

    void Peerings()
    {
        List<string> lines = [];
        for (int one = 0; one < _networks; one++)
        {
            for (int other = one + 1; other < _networks; other++)
            {
                if (!Chance(50))
                    continue;
                bool transit = _hasGateway[one] && !_hasGateway[other] && Chance(60);
                lines.Add($"    p{one}{other}: {{ virtualNetwork: net{one}, remoteVirtualNetwork: " +
                    $"net{other}{Flag("allowGatewayTransit", transit)}{Flag("allowVirtualNetworkAccess", false, Chance(10))} }}");
                if (Chance(85))
                    lines.Add($"    p{other}{one}: {{ virtualNetwork: net{other}, remoteVirtualNetwork: " +
                        $"net{one}{Flag("useRemoteGateways", transit && Chance(80))} }}");
            }
        }
        Section("virtualNetworkPeerings", lines);
    }

    void Gateways()
    {
        Line("  virtualNetworkGateways:");
        for (int index = 0; index < _networks; index++)
        {
            if (!_hasGateway[index])
                continue;
            bool isActiveActive = Chance(25);
            string ingress = string.Concat(Enumerable.Range(0, _sites)
                .Select(site => $", in{site}: {{ mode: IngressSnat, internalMappings: [10.{site + 51}.0.0/24], externalMappings: [100.{site + 51}.0.0/24] }}"));
            string nat = _withNat && index == 0
                ? $", natRules: {{ out: {{ mode: EgressSnat, {Kind(out string kind)}internalMappings: [10.1.1.0/24], externalMappings: " +
                    $"[100.1.1.0/{(kind.Length > 0 ? 26 : 24)}] }}{ingress} }}"
                : "";
            string second = isActiveActive ? $", 198.51.100.{10 * index + 11}" : "";
            string site = index == 0 && Chance(10) ? ", gatewayDefaultSite: lng0" : "";
            Line($"    gw{index}: {{ virtualNetwork: net{index}, sku: VpnGw2AZ{(isActiveActive ? ", activeActive: true" : "")}, "
                + $"publicIPAddresses: [198.51.100.{10 * index + 10}{second}]{nat}{site} }}");
        }
        if (!_withCircuit)
            return;
        Line("    er: { virtualNetwork: net0, gatewayType: ExpressRoute, sku: ErGw1AZ }");
        Line("  expressRouteCircuits:");
        Line("    circuit: { bandwidthInMbps: 1000 }");
    }

    string Kind(out string kind) => kind = Chance(40) ? "type: Dynamic, " : "";

    void LocalNetworkGateways()
    {
        Line("  localNetworkGateways:");
        for (int site = 0; site < _sites; site++)
        {
            string more = Chance(30) ? $", 10.{site + 101}.0.0/24" : "";
            int network = IsSecondDevice(site) ? 51 : site + 51;
            string first = Chance(90) ? $"10.{network}.0.0/24" : $"10.{network}.0.0/25";
            Line($"    lng{site}: {{ gatewayIpAddress: 203.0.113.{site + 5}, addressPrefixes: [{first}{more}] }}");
        }
    }

    void Connections()
    {
        List<string> lines = _withCircuit ? ["    over: { connectionType: ExpressRoute, virtualNetworkGateway1: er, peer: circuit }"] : [];
        for (int site = 0; site < _sites; site++)
        {
            string selectors = Chance(15) ? ", usePolicyBasedTrafficSelectors: true" : "";
            string nat = _withNat && selectors.Length == 0 && Chance(70) ? Chance(50) ? ", egressNatRules: [out]"
                : $", egressNatRules: [out], ingressNatRules: [in{site}]" : "";
            string mode = Chance(15) ? ", connectionMode: ResponderOnly" : Chance(10) ? ", connectionMode: InitiatorOnly" : "";
            lines.Add($"    to{site}: {{ virtualNetworkGateway1: gw0, localNetworkGateway2: lng{site}, sharedKey: Key{site}OfTheTest{selectors}{nat}{mode} }}");
        }
        for (int one = 0; one < _networks; one++)
        {
            for (int other = 0; other < _networks; other++)
            {
                if (one != other && _hasGateway[one] && _hasGateway[other] && (one + other + (int)(seed % 3)) % 2 == 1)
                    lines.Add($"    v{one}{other}: {{ connectionType: Vnet2Vnet, virtualNetworkGateway1: gw{one}, virtualNetworkGateway2: gw{other}, " +
                        "sharedKey: KeyBetweenNetworks }");
            }
        }
        Section("connections", lines);
    }

    void Sites()
    {
        Line("sites:");
        for (int site = 0; site < _sites; site++)
        {
            string[] wanted = [.. Enumerable.Range(0, _networks).Select(index => $"10.{index + 1}.0.0/16")
                .Concat(Enumerable.Range(0, _sites).Where(other => other != site).Select(other => $"10.{other + 51}.0.0/24")).Where(_ => Chance(45))];
            string remote = Chance(8) ? $"{{ name: to{site}, remoteNetworks: [0.0.0.0/0] }}"
                : wanted.Length > 0 && Chance(60) ? $"{{ name: to{site}, remoteNetworks: [{string.Join(", ", wanted)}] }}" : $"to{site}";
            if (_withLink && site < 2)
            {
                string more = Chance(60) ? $", remoteNetworks: [10.{52 - site}.0.0/24, 10.1.0.0/16]" : "";
                remote += $", {{ name: link, peer: site{1 - site}, sharedKey: KeyBetweenSites{more} }}";
            }
            string type = Chance(25) ? "PolicyBased" : "RouteBased";
            string start = Chance(15) ? ", startAction: trap" : Chance(10) ? ", startAction: none" : "";
            string proposals = Chance(10) ? ", proposals: [aes256-sha384-ecp384]" : "";
            Line($"  site{site}:");
            Line(IsSecondDevice(site) ? "    lan: site0" : $"    networks: [10.{site + 51}.0.0/24{(Chance(40) ? $", 10.{site + 101}.0.0/24" : "")}]");
            if (_withCircuit && site == 0)
                Line("    expressRoute: circuit");
            Line($"    device: {{ profile: azure-sample, vpnType: {type}, address: 203.0.113.{site + 5}{start}{proposals}, connections: [{remote}] }}");
        }
    }

    void Hosts()
    {
        Line("hosts:");
        for (int index = 0; index < _networks; index++)
        {
            Line($"  vm{index}: {{ in: net{index}/app, address: 10.{index + 1}.1.4 }}");
            if (_text.ToString().Contains($"far: 10.{index + 1}0.1.0/24"))
                Line($"  far{index}: {{ in: net{index}/far, address: 10.{index + 1}0.1.4 }}");
        }
        for (int site = 0; site < _sites; site++)
        {
            if (IsSecondDevice(site))
                continue;
            Line($"  pc{site}: {{ in: site{site}, address: 10.{site + 51}.0.{(Chance(20) ? 200 : 10)} }}");
            if (_text.ToString().Contains($"networks: [10.{site + 51}.0.0/24, 10.{site + 101}.0.0/24]"))
                Line($"  up{site}: {{ in: site{site}, address: 10.{site + 101}.0.10 }}");
        }
    }

    bool IsSecondDevice(int site) => _withSecondDevice && site == _sites - 1;

    static string Flag(string name, bool value, bool isSaid = false) => value || isSaid ? $", {name}: {(value ? "true" : "false")}" : "";

    void Section(string name, List<string> lines)
    {
        if (lines.Count == 0)
            return;
        Line($"  {name}:");
        lines.ForEach(Line);
    }

    void Line(string line) => _text.Append(line).Append('\n');

    bool Chance(int percent) => Below(100) < percent;

    /// <summary>SplitMix64.</summary>
    int Below(int bound)
    {
        unchecked
        {
            ulong mixed = _state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
            return (int)((mixed ^ mixed >> 31) % (ulong)bound);
        }
    }
}
