using System.Text;
using Ipsec.Azure.Resources;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Azure.Tests;

/// <summary>A gateway with one connection; each test changes what it is about.</summary>
static class SampleEnvironment
{
    public static AzureEnvironment Create() => new()
    {
        VirtualNetworks =
        [
            new VirtualNetwork
            {
                Name = "hub",
                AddressPrefixes = [IpPrefix.Parse("10.1.0.0/16")],
                Subnets = [new Subnet("GatewaySubnet", [IpPrefix.Parse("10.1.255.0/27")]), new Subnet("app", [IpPrefix.Parse("10.1.1.0/24")])],
            },
        ],
        PublicIpAddresses = [new PublicIpAddress("hub-ip", IpAddress.Parse("198.51.100.10")), new PublicIpAddress("hub-ip2", IpAddress.Parse("198.51.100.11"))],
        VirtualNetworkGateways = [Gateway],
        LocalNetworkGateways = [LocalGateway],
        Connections = [Connection],
    };

    public static VirtualNetworkGateway Gateway => new()
    {
        Name = "hub-gw",
        Sku = VirtualNetworkGatewaySkuName.VpnGw2AZ,
        IpConfigurations = [new GatewayIpConfiguration("default", "hub", "GatewaySubnet", "hub-ip")],
    };

    public static LocalNetworkGateway LocalGateway => new()
    {
        Name = "branch",
        GatewayIpAddress = IpAddress.Parse("203.0.113.5"),
        AddressPrefixes = [IpPrefix.Parse("10.2.0.0/24")],
    };

    public static GatewayConnection Connection => new()
    {
        Name = "hub-to-branch",
        VirtualNetworkGateway1 = "hub-gw",
        LocalNetworkGateway2 = "branch",
        SharedKey = Key("Gh7s0pQ2xV9k"),
    };

    public static IpsecPolicy Policy => new()
    {
        IkeEncryption = IkeEncryption.AES256,
        IkeIntegrity = IkeIntegrity.SHA384,
        DhGroup = DhGroup.ECP384,
        IpsecEncryption = IpsecEncryption.GCMAES256,
        IpsecIntegrity = IpsecIntegrity.GCMAES256,
        PfsGroup = PfsGroup.ECP384,
        SaLifeTimeSeconds = 3600,
        SaDataSizeKilobytes = 2048,
    };

    public static Secret Key(string text) => new(Encoding.UTF8.GetBytes(text));

    public static AzureEnvironment With(this AzureEnvironment environment, GatewayConnection connection) => environment with { Connections = [connection] };

    public static AzureEnvironment With(this AzureEnvironment environment, VirtualNetworkGateway gateway) =>
        environment with { VirtualNetworkGateways = [gateway] };
}
