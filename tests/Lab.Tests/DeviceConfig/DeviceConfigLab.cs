using System.Collections.Immutable;
using Ipsec.Lab.Explanation;
using Ipsec.Lab.Swanctl;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.DeviceConfig;

/// <summary>A gateway with one branch office whose device a test describes.</summary>
static class DeviceConfigLab
{
    /// <summary>What Microsoft's sample for the ASA sets on the connection.</summary>
    public const string AsaPolicy = "usePolicyBasedTrafficSelectors: true\n      ipsecPolicies: [{ ikeEncryption: AES256, ikeIntegrity: SHA384, dhGroup: " +
        "DHGroup24, "
        + "ipsecEncryption: AES256, ipsecIntegrity: SHA1, pfsGroup: PFS24, saLifeTimeSeconds: 7200, saDataSizeKilobytes: 102400000 }]";

    public static DateTimeOffset Utc { get; } = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    /// <param name="device">Keys of the device beside its profile.</param>
    /// <param name="connection">Keys of the Azure connection beside its two ends and its key.</param>
    /// <param name="gateway">Keys of the gateway beside its network.</param>
    /// <param name="rest">Whole keys of the file.</param>
    /// <param name="networks">Of the branch.</param>
    public static TopologyModel Load(string profile, string device = "", string connection = "", string gateway = "publicIPAddresses: [198.51.100.10]",
        string key = "Gh7s0pQ2xV9k", string rest = "", string networks = "10.2.0.0/24")
    {
        Assert.True(TopologyFile.TryLoad($$"""
            name: device-config
            azure:
              virtualNetworks: { hub: { addressPrefixes: [10.1.0.0/16], subnets: { GatewaySubnet: 10.1.255.0/27, app: 10.1.1.0/24 } } }
              virtualNetworkGateways: { hub-gw: { virtualNetwork: hub, {{gateway}} } }
              localNetworkGateways: { branch: { gatewayIpAddress: 203.0.113.5, addressPrefixes: [{{networks}}] } }
              connections:
                hub-to-branch:
                  virtualNetworkGateway1: hub-gw
                  localNetworkGateway2: branch
                  sharedKey: {{key}}
                  {{connection}}
            sites:
              branch:
                networks: [{{networks}}]
                device:
                  profile: {{profile}}
                  address: 203.0.113.5
                  connections: [hub-to-branch]
                  {{device}}
            {{rest}}
            """, "lab.yaml", new MemorySecrets(), out TopologyModel? model, out ImmutableArray<TopologyError> errors), string.Join("\n", errors));
        return model;
    }

    public static NodeDefinition Device(TopologyModel model) => model.Nodes.Single(node => node.Kind == NodeKind.Device);

    public static string Swanctl(TopologyModel model) => SwanctlWriter.Write(model, Device(model), Device(model).Endpoint.Tunnels);

    /// <summary>The gateway of the model against a swanctl.conf.</summary>
    public static ExplanationReport ExplainAgainst(TopologyModel model, string swanctl)
    {
        bool isRead = PeerFile.TryLoad(swanctl, "generated.conf", new MemorySecrets(), _ => [], out PeerFile? peer, out ImmutableArray<TopologyError> errors);
        Assert.True(isRead, string.Join("\n", errors));
        TopologyModel gateways = model with { Nodes = [.. model.Nodes.Where(node => node.Kind == NodeKind.AzureGateway)] };
        return Explainer.Explain(gateways, "lab.yaml", peer!, Utc);
    }
}
