using Ipsec.Crypto;
using Ipsec.Crypto.Registry;

namespace Ipsec.Lab.Tests.Topology;

/// <summary>Each class of bad file, by one change to the sample, with the whole sentence that a user reads.</summary>
public class TopologyErrorTests
{
    /// <summary>For IKE, on this machine.</summary>
    static IEnumerable<string> AcceptedWords =>
    [
        .. AlgorithmRegistry.Encryptions.Where(entry => entry.IsForIke).Select(entry => entry.Word),
        .. AlgorithmRegistry.PseudorandomFunctions.Select(entry => entry.Word),
        .. AlgorithmRegistry.Integrities.Select(entry => entry.Word),
        .. AlgorithmRegistry.KeyExchanges.Where(entry => KeyExchanges.IsSupported(entry.Method)).Select(entry => entry.Word),
    ];

    public static TheoryData<string, string, string> Changes => new()
    {
        // YAML
        {
            "name: site-to-site", "name: [site",
            "test.yaml:2:7: The file is not valid YAML behind this place: a bracket or brace is not closed."
        },
        {
            "name: site-to-site", "name: a\nname: b",
            "test.yaml:3:1: The file has the key name twice in one mapping."
        },
        {
            "name: site-to-site", "name: !!str a",
            "test.yaml:2:7: The file has the tag tag:yaml.org,2002:str; a topology has none."
        },
        {
            "name: site-to-site", "name: *nothing",
            "test.yaml:2:7: The file has an alias *nothing without an anchor before it."
        },
        // schema
        {
            "name: site-to-site", "title: site-to-site",
            "test.yaml:2:1: The file must have the key name." + "\n"
                + "test.yaml:2:1: title is not a known key; accepted here: name, azure, sites, hosts, wires, names, faults, expect."
        },
        {
            "name: site-to-site", "name: 12",
            "test.yaml:2:7: name must be a name of letters, digits, '-', '_' and '.', at most 63 characters, not 12."
        },
        {
            "name: site-to-site", "name: a b",
            "test.yaml:2:7: name must be a name of letters, digits, '-', '_' and '.', at most 63 characters, not 'a b'."
        },
        {
            "addressPrefixes: [10.1.0.0/16]", "adressPrefixes: [10.1.0.0/16]",
            "test.yaml:5:10: azure.virtualNetworks.hub (Microsoft.Network/virtualNetworks/hub) must have the key addressPrefixes." + "\n"
                + "test.yaml:5:12: azure.virtualNetworks.hub.adressPrefixes (Microsoft.Network/virtualNetworks/hub) is not a known key; accepted here: " +
                    "addressPrefixes, subnets."
        },
        {
            "addressPrefixes: [10.1.0.0/16]", "addressPrefixes: 10.1.0.0/16",
            "test.yaml:5:29: azure.virtualNetworks.hub.addressPrefixes (Microsoft.Network/virtualNetworks/hub properties.addressSpace.addressPrefixes) must " +
                "be a list, not '10.1.0.0/16'."
        },
        {
            "addressPrefixes: [10.1.0.0/16]", "addressPrefixes: [10.1.0.1/16]",
            "test.yaml:5:30: azure.virtualNetworks.hub.addressPrefixes[0] (Microsoft.Network/virtualNetworks/hub " +
                "properties.addressSpace.addressPrefixes[0]) must be a network in CIDR form such as 10.1.0.0/16, with no bit set behind the prefix length, " +
                    "not '10.1.0.1/16'."
        },
        {
            "sku: VpnGw2AZ", "sku: VpnGw9",
            "test.yaml:7:41: azure.virtualNetworkGateways.hub-gw.sku (Microsoft.Network/virtualNetworkGateways/hub-gw properties.sku.name) must be Basic, " +
                "Standard, HighPerformance, UltraPerformance, VpnGw1, VpnGw2, VpnGw3, VpnGw4, VpnGw5, VpnGw1AZ, VpnGw2AZ, VpnGw3AZ, VpnGw4AZ, VpnGw5AZ, " +
                    "ErGw1AZ, ErGw2AZ, ErGw3AZ or ErGwScale, not 'VpnGw9'."
        },
        {
            "sharedKey: { env: LAB_PSK, default: Gh7s0pQ2xV9k }", "sharedKey: { enf: LAB_PSK }",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) must be text in " +
                "quotes, {file: PATH} or {env: NAME, default: TEXT}, not a mapping."
        },
        {
            "sharedKey: { env: LAB_PSK, default: Gh7s0pQ2xV9k }", "sharedKey: 12345678",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) must be text in " +
                "quotes, {file: PATH} or {env: NAME, default: TEXT}, not a number."
        },
        {
            "sharedKey: { env: LAB_PSK, default: Gh7s0pQ2xV9k }", "sharedKey: { env: LAB_PSK, default: 12345678 }",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) must be text in " +
                "quotes, {file: PATH} or {env: NAME, default: TEXT}, not a mapping."
        },
        {
            "sharedKey: {", "dpdTimeoutSeconds: 5, sharedKey: {",
            "test.yaml:11:103: azure.connections.hub-to-branch.dpdTimeoutSeconds (Microsoft.Network/connections/hub-to-branch properties.dpdTimeoutSeconds) " +
                "must be 9 to 3600, not 5."
        },
        {
            "sharedKey: {", "connectionProtocol: IKEv1, sharedKey: {",
            "test.yaml:11:104: azure.connections.hub-to-branch.connectionProtocol (Microsoft.Network/connections/hub-to-branch " +
                "properties.connectionProtocol) must be IKEv2, not IKEv1, which this emulator does not speak yet."
        },
        {
            "sharedKey: {", "ipsecPolicies: [{ ikeEncryption: AES256 }], sharedKey: {",
            "test.yaml:11:100: azure.connections.hub-to-branch.ipsecPolicies[0] (Microsoft.Network/connections/hub-to-branch properties.ipsecPolicies[0]) " +
                "must have the keys ikeIntegrity, dhGroup, ipsecEncryption, ipsecIntegrity, pfsGroup, saLifeTimeSeconds, saDataSizeKilobytes."
        },
        {
            "device: { profile: strongswan", "device: { profile: cisco",
            "test.yaml:16:24: sites.branch.device.profile must be azure-sample, cisco-asa, cisco-ios, fortigate, juniper-srx, opnsense, palo-alto, " +
                "strongswan or windows-rras, not 'cisco'."
        },
        {
            "address: 203.0.113.5", "address: 203.0.113",
            "test.yaml:16:45: sites.branch.device.address must be an IPv4 or IPv6 address other than 0.0.0.0 and ::, not '203.0.113'."
        },
        {
            "connections: [hub-to-branch]", "connections: [[hub-to-branch]]",
            "test.yaml:16:72: sites.branch.device.connections[0] must be the name of a connection, or a mapping with the key name, not a list."
        },
        {
            "- ping pc1 -> vm1", "- pong pc1 -> vm1",
            "test.yaml:22:5: expect[1] must be \"[no] ping A -> B [at ADDRESS] [size N] [count N]\", \"[no] fetch A -> B [at ADDRESS] [size N]\", \"tunnel " +
                "C is up\" or \"tunnel C fails [REASON]\", not 'pong pc1 -> vm1'."
        },
        {
            "- ping pc1 -> vm1", "- ping pc1 -> vm1 count 0",
            "test.yaml:22:5: expect[1] must be \"[no] ping A -> B [at ADDRESS] [size N] [count N]\", \"[no] fetch A -> B [at ADDRESS] [size N]\", \"tunnel " +
                "C is up\" or \"tunnel C fails [REASON]\", not 'ping pc1 -> vm1 count 0'."
        },
        {
            "expect:", "wires: { branch: { loss: 20, delay: 5 } }\nexpect:",
            "test.yaml:20:26: wires.branch.loss must be a percentage such as 20% or 0.5%, at most 100%, not 20." + "\n"
                + "test.yaml:20:37: wires.branch.delay must be a duration such as 20ms, 1.5s, 30s, 5m, 1h30m or 1d, not 5."
        },
        {
            "expect:", "wires: { branch: { delay: 20s1m } }\nexpect:",
            "test.yaml:20:27: wires.branch.delay must be a duration such as 20ms, 1.5s, 30s, 5m, 1h30m or 1d, not '20s1m'."
        },
        {
            "  vm1: {", "\tvm1: {",
            "test.yaml:18:1: The file is not valid YAML: while scanning a mapping, found invalid tab as indentation."
        },
        {
            "sku: VpnGw2AZ", "sku: VpnGw2AZ, activeActive: \"true\"",
            "test.yaml:7:65: azure.virtualNetworkGateways.hub-gw.activeActive (Microsoft.Network/virtualNetworkGateways/hub-gw properties.activeActive) must be " +
                "true or false without quotes, not 'true'."
        },
        // secrets
        {
            "sharedKey: { env: LAB_PSK, default: Gh7s0pQ2xV9k }", "sharedKey: { env: LAB_PSK }",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) names the " +
                "environment variable LAB_PSK, which is not set, and has no default."
        },
        {
            "sharedKey: { env: LAB_PSK, default: Gh7s0pQ2xV9k }", "sharedKey: { file: branch.key }",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) names the key " +
                "file branch.key, which cannot be read: it does not exist."
        },
        {
            "sharedKey: { env: LAB_PSK, default: Gh7s0pQ2xV9k }", "sharedKey: \"\"",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) is empty."
        },
        // Azure's rules
        {
            "default: Gh7s0pQ2xV9k", "default: Gh7s-pQ2xV9k",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) must be " +
                "printable ASCII without space, hyphen and tilde, which character 5 is not."
        },
        {
            "default: Gh7s0pQ2xV9k", "default: Gh7sé0pQ2xV9k",
            "test.yaml:11:95: azure.connections.hub-to-branch.sharedKey (Microsoft.Network/connections/hub-to-branch properties.sharedKey) must be " +
                "printable ASCII without space, hyphen and tilde, which character 5 is not."
        },
        {
            "GatewaySubnet: 10.1.255.0/27", "GatewaySubnet: 10.1.255.0/28",
            "test.yaml:7:31: azure.virtualNetworkGateways.hub-gw.virtualNetwork (Microsoft.Network/virtualNetworkGateways/hub-gw " +
                "properties.ipConfigurations[0].properties.subnet.id) must be a GatewaySubnet of /27 or larger with the SKU VpnGw2AZ, not 10.1.255.0/28."
        },
        {
            "GatewaySubnet: 10.1.255.0/27", "gateways: 10.1.255.0/27",
            "test.yaml:7:31: azure.virtualNetworkGateways.hub-gw.virtualNetwork (Microsoft.Network/virtualNetworkGateways/hub-gw " +
                "properties.ipConfigurations[0].properties.subnet.id) must be in a virtual network with a subnet GatewaySubnet, which hub does not have."
        },
        {
            "app: 10.1.1.0/24", "app: 10.9.1.0/24",
            "test.yaml:5:90: azure.virtualNetworks.hub.subnets.app (Microsoft.Network/virtualNetworks/hub properties.subnets[1]) must be within the address " +
                "space 10.1.0.0/16, not 10.9.1.0/24 (Azure: NetcfgInvalidSubnet)."
        },
        {
            "app: 10.1.1.0/24", "app: 10.1.255.0/24",
            "test.yaml:5:90: azure.virtualNetworks.hub.subnets.app (Microsoft.Network/virtualNetworks/hub properties.subnets[1]) must not overlap the " +
                "subnet GatewaySubnet, as 10.1.255.0/24 does (Azure: NetcfgSubnetRangesOverlap)."
        },
        {
            "virtualNetwork: hub", "virtualNetwork: spoke",
            "test.yaml:7:31: azure.virtualNetworkGateways.hub-gw.virtualNetwork (Microsoft.Network/virtualNetworkGateways/hub-gw " +
                "properties.ipConfigurations[0].properties.subnet.id) must name a virtual network (hub), not spoke (Azure: InvalidResourceReference)."
        },
        {
            "publicIPAddresses: [198.51.100.10]", "publicIPAddresses: [198.51.100.10, 198.51.100.11]",
            "test.yaml:7:71: azure.virtualNetworkGateways.hub-gw.publicIPAddresses[0] (Microsoft.Network/virtualNetworkGateways/hub-gw " +
                "properties.ipConfigurations) must have 1 public IP address (2 with activeActive: true), not 2."
        },
        {
            "virtualNetworkGateway1: hub-gw", "virtualNetworkGateway1: hub",
            "test.yaml:11:46: azure.connections.hub-to-branch.virtualNetworkGateway1 (Microsoft.Network/connections/hub-to-branch " +
                "properties.virtualNetworkGateway1.id) must name a virtual network gateway (hub-gw), not hub (Azure: InvalidResourceReference)."
        },
        {
            "localNetworkGateway2: branch", "localNetworkGateway2: brunch",
            "test.yaml:11:76: azure.connections.hub-to-branch.localNetworkGateway2 (Microsoft.Network/connections/hub-to-branch " +
                "properties.localNetworkGateway2.id) must name a local network gateway (branch), not brunch (Azure: InvalidResourceReference)."
        },
        {
            "addressPrefixes: [10.2.0.0/24]", "addressPrefixes: [10.2.0.0/24, 10.2.0.0/16]",
            "test.yaml:9:77: azure.localNetworkGateways.branch.addressPrefixes[1] (Microsoft.Network/localNetworkGateways/branch " +
                "properties.localNetworkAddressSpace.addressPrefixes[1]) must not overlap 10.2.0.0/24, as 10.2.0.0/16 does."
        },
        {
            "sharedKey: {", "ipsecPolicies: [{ ikeEncryption: DES, ikeIntegrity: MD5, dhGroup: None, ipsecEncryption: None, ipsecIntegrity: SHA1, pfsGroup: " +
                "PFS24, saLifeTimeSeconds: 27000, saDataSizeKilobytes: 102400000 }], sharedKey: {",
            "test.yaml:11:150: azure.connections.hub-to-branch.ipsecPolicies[0].dhGroup (Microsoft.Network/connections/hub-to-branch " +
                "properties.ipsecPolicies[0].dhGroup) is None, which this stack does not have; accepted: DHGroup1, DHGroup2, DHGroup14, DHGroup2048, " +
                    "ECP256, ECP384, DHGroup24."
        },
        {
            "sharedKey: {", "ipsecPolicies: [{ ikeEncryption: AES256, ikeIntegrity: GCMAES256, dhGroup: DHGroup14, ipsecEncryption: GCMAES256, " +
                "ipsecIntegrity: SHA256, pfsGroup: None, saLifeTimeSeconds: 27000, saDataSizeKilobytes: 102400000 }], sharedKey: {",
            "test.yaml:11:139: azure.connections.hub-to-branch.ipsecPolicies[0].ikeIntegrity (Microsoft.Network/connections/hub-to-branch properties.ipsecPolicies[0].ikeIntegrity) must not be GCMAES256 with the ikeEncryption AES256; accepted: MD5, SHA1, SHA256, SHA384." + "\n"
                + "test.yaml:11:214: azure.connections.hub-to-branch.ipsecPolicies[0].ipsecIntegrity (Microsoft.Network/connections/hub-to-branch " +
                    "properties.ipsecPolicies[0].ipsecIntegrity) must be GCMAES256 as ipsecEncryption is, not SHA256."
        },
        {
            "  connections:\n    hub", "  emulation: { ikePort: 4500 }\n  connections:\n    hub",
            "test.yaml:10:14: azure.emulation must have an ikePort and a natTraversalPort that differ, not 4500 twice."
        },
        // sites
        {
            "proposals: [aes256-sha1-modp1024]", "proposals: [aes256-sha1-modp3073]",
            "test.yaml:16:100: sites.branch.device.proposals[0] is no proposal: 'modp3073' in the IKE proposal 'aes256-sha1-modp3073' is not supported; " +
                "accepted are "
                + string.Join(", ", AcceptedWords) + "."
        },
        {
            "proposals: [aes256-sha1-modp1024]", "proposals: []",
            "test.yaml:16:99: sites.branch.device.proposals must have at least one proposal, such as aes256-sha256-modp2048."
        },
        {
            "proposals: [aes256-sha1-modp1024]", "inactivity: 500ms",
            "test.yaml:16:100: sites.branch.device.inactivity must be 1s or more."
        },
        {
            "proposals: [aes256-sha1-modp1024]", "replayWindow: 32",
            "test.yaml:16:102: sites.branch.device.replayWindow must be 0 (off) or 64 to 4096 packets, not 32."
        },
        {
            "proposals: [aes256-sha1-modp1024]", "ikeLifetime: { rekey: 2h, hard: 1h }",
            "test.yaml:16:101: sites.branch.device.ikeLifetime must have a hard limit above its rekey limit."
        },
        {
            "connections: [hub-to-branch]", "connections: [hub-to-brunch]",
            "test.yaml:16:72: sites.branch.device.connections[0] is hub-to-brunch, which is no connection of azure (accepted: hub-to-branch); a connection " +
                "to another site has the key peer, one to a device outside this file the key peerAddress or peerName."
        },
        {
            "connections: [hub-to-branch]", "connections: [{ name: x, peer: branch, sharedKey: a }]",
            "test.yaml:16:72: sites.branch.device.connections[0] names the peer branch, which is no other site; there are no sites."
        },
        {
            "connections: [hub-to-branch]", "connections: [{ name: x, peerAddress: any, sharedKey: a }]",
            "test.yaml:16:72: sites.branch.device.connections[0] must have remoteNetworks or remoteSelectors; nothing else in the file says what is behind " +
                "the peer."
        },
        {
            "networks: [10.2.0.0/24]", "networks: []",
            "test.yaml:14:15: sites.branch.networks must have at least one network in CIDR form."
        },
        {
            "address: 203.0.113.5, connections", "address: 198.51.100.10, connections",
            "test.yaml:14:5: sites.branch must have a device address of its own, not 198.51.100.10, which is in use."
        },
        {
            "  branch:\n    networks", "  hub-gw:\n    networks",
            "test.yaml:14:5: sites.hub-gw must have another name than the virtual network gateway that is called the same."
        },
        {
            "  branch:\n    networks", "  bran ch:\n    networks",
            "test.yaml:14:5: sites.bran ch must be a name of letters, digits, '-', '_' and '.', at most 63 characters."
        },
        // what is around
        {
            "in: hub/app", "in: hub",
            "test.yaml:18:14: hosts.vm1.in must be a site or VIRTUAL-NETWORK/SUBNET; accepted: hub/app, branch; not hub."
        },
        {
            "address: 10.1.1.4", "address: 10.1.2.4",
            "test.yaml:18:32: hosts.vm1.address must be in 10.1.1.0/24, not 10.1.2.4."
        },
        {
            "- ping pc1 -> vm1", "- ping pc1 -> vm2",
            "test.yaml:22:5: expect[1] names vm2, which is no host; accepted: vm1, pc1."
        },
        {
            "- tunnel hub-to-branch is up", "- tunnel hub is up",
            "test.yaml:21:5: expect[0] names hub, which is no connection; accepted: hub-to-branch."
        },
        {
            "expect:", "wires: { brunch: { loss: 20% } }\nexpect:",
            "test.yaml:20:18: wires.brunch must be the wire of a gateway or site; accepted: hub-gw, branch; not brunch."
        },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void SaysWhatIsWrong(string original, string changed, string sentences)
    {
        string sample = Samples.Read("site-to-site.yaml");
        Assert.Contains(original, sample);
        Assert.Equal(sentences, string.Join('\n', Samples.Errors(sample.Replace(original, changed))));
    }
}
