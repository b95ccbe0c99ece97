using System.Collections.Immutable;
using System.Text;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.DeviceConfig;

/// <summary>Says a device's configuration in the field's words, in the device's own, and where each setting is from.</summary>
public static class DeviceConfigurator
{
    /// <param name="topology">The file that the device is in: an Azure gateway of it is known by its address.</param>
    /// <param name="device">A node of kind device.</param>
    /// <param name="connection">One connection with all its instances; null for all.</param>
    /// <param name="showSecrets">With the pre-shared keys in clear.</param>
    public static DeviceConfigurationReport Describe(TopologyModel topology, NodeDefinition device, string? connection, bool showSecrets)
    {
        DeviceProfile profile = DeviceProfile.Find(device.Profile!)!;
        return new DeviceConfigurationReport(device.Name, profile.Name, profile.Title, profile.Device,
        [
            .. Choose(device, connection).Select(tunnel => new DeviceConnectionReport(tunnel.Connection.Name,
                new ConfigurationRows(topology, device, tunnel, profile).Build(showSecrets), profile.Azure)),
        ]);
    }

    /// <summary>The tunnels of one connection, of an active-active gateway both; null for all.</summary>
    public static IEnumerable<TunnelConfiguration> Choose(NodeDefinition device, string? connection) =>
        device.Endpoint.Tunnels.Where(tunnel => connection is null || tunnel.Connection.Name.Split('/')[0] == connection);

    /// <summary>The key of a connection in clear; null where it has none.</summary>
    internal static byte[]? KeyOf(NodeDefinition device, ConnectionConfiguration connection)
    {
        PresharedKey? found = connection.RemoteIdentity is null
            ? device.Endpoint.PresharedKeys.FirstOrDefault(key => key.RemoteIdentity is null && key.RemoteAddress == connection.RemoteAddress)
            : device.Endpoint.PresharedKeys.FirstOrDefault(key => connection.RemoteIdentity.Equals(key.RemoteIdentity));
        return found?.Key.Span.ToArray();
    }

    internal static string TextOf(byte[] key) =>
        key.All(octet => octet is >= 0x20 and < 0x7F) ? Encoding.ASCII.GetString(key) : $"0x{Convert.ToHexStringLower(key)}";

    /// <summary>What the peer calls itself: what the file demands, or the address of an Azure gateway (reference §4.2); null where nothing tells.</summary>
    internal static string? RemoteIdentity(TopologyModel topology, ConnectionConfiguration connection)
    {
        bool isGateway = topology.Nodes.Any(node => node.Kind == NodeKind.AzureGateway && node.OuterAddress == connection.RemoteAddress);
        return connection.RemoteIdentity?.ToString() ?? (isGateway ? connection.RemoteAddress.ToString() : null);
    }
}
