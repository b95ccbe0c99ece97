using Ipsec.Lab.DeviceConfig;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Tests.DeviceConfig;

/// <summary>The table of a device's settings: values of the file and the profile, the device's own words, and where each is from.</summary>
public class DeviceConfiguratorTests
{
    public static TheoryData<string> Names => [.. DeviceProfile.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryProfileHasEverySettingWithItsOrigin(string profile)
    {
        DeviceConnectionReport connection = Describe(DeviceConfigLab.Load(profile));

        Assert.Equal("198.51.100.10", Row(connection, "Peer address").Value);
        Assert.Equal("10.1.0.0/16", Row(connection, "Route").Value);
        Assert.Equal("1350 octets", Row(connection, "TCP MSS").Value);
        Assert.Equal("198.51.100.10", Row(connection, "Peer's identity").Value);
        Assert.All(connection.Settings, row => Assert.NotEmpty(row.Value));
        Assert.All(connection.Settings, row => Assert.NotNull(row.Source ?? row.Note));
        Assert.All(connection.Settings, row => Assert.DoesNotContain('{', row.InDevice.Replace("{ id", "").Replace("{ ike-NAME { secret", "")));
        Assert.All(connection.Settings, row => Assert.DoesNotContain("no word", row.InDevice));
        Assert.Contains(connection.Settings, row => row.Setting.StartsWith("IKE proposal", StringComparison.Ordinal) && row.Url is not null);
    }

    [Fact]
    public void AsaSaysItInItsOwnWords()
    {
        DeviceConnectionReport connection = Describe(DeviceConfigLab.Load("cisco-asa"));

        Assert.Equal("AES_CBC 256, HMAC_SHA2_384_192, group 24 (aes256-sha384-modp2048s256)", Row(connection, "IKE proposal").Value);
        Assert.Equal("crypto ikev2 policy N: encryption aes-256, integrity sha384, prf sha384, group 24", Row(connection, "IKE proposal").InDevice);
        Assert.EndsWith("protocol esp encryption aes-256, protocol esp integrity sha-1", Row(connection, "ESP proposal").InDevice);
        Assert.Equal("crypto map … set pfs group24", Row(connection, "Perfect forward secrecy").InDevice);
        Assert.Equal(("7,200 s, rekey at 6,480 s", "crypto map … set security-association lifetime seconds 7200"),
            (Row(connection, "Child SA lifetime").Value, Row(connection, "Child SA lifetime").InDevice));
        Assert.Equal("crypto map … set security-association lifetime kilobytes 4608000", Row(connection, "Child SA lifetime in octets").InDevice);
        Assert.Equal("10.2.0.0/24 === 10.1.0.0/16", Row(connection, "Selectors").Value);
        Assert.Equal("Sample configuration: Cisco ASA device (IKEv2/no BGP)", Row(connection, "IKE proposal").Source);
        Assert.Equal(2, connection.Azure.Length);
    }

    [Theory]
    [InlineData("fortigate", "set proposal aes256gcm", "set pfs disable")]
    [InlineData("palo-alto", "IPSec Crypto: ESP, Encryption aes-256-gcm, Authentication none", "IPSec Crypto: DH Group no-pfs")]
    [InlineData("cisco-asa", "protocol esp encryption aes-gcm-256, protocol esp integrity null", "no crypto map … set pfs")]
    [InlineData("windows-rras", "-CipherTransformConstants GCMAES256 -AuthenticationTransformConstants GCMAES256", "-PfsGroup None")]
    public void CombinedModeHasItsOwnWordForIntegrity(string profile, string proposal, string pfs)
    {
        DeviceConnectionReport connection = Describe(DeviceConfigLab.Load(profile, "espProposals: [aes256gcm16]"));

        Assert.EndsWith(proposal, Row(connection, "ESP proposal").InDevice);
        Assert.Equal((pfs, "none"), (Row(connection, "Perfect forward secrecy").InDevice, Row(connection, "Perfect forward secrecy").Value));
    }

    [Fact]
    public void WhatTheTopologyFileSaysIsNotTheDocuments()
    {
        TopologyModel model = DeviceConfigLab.Load("fortigate", "proposals: [chacha20poly1305-prfsha256-curve25519]\n      dpdDelay: 10s");

        DeviceConnectionReport connection = Describe(model);

        Assert.Equal(("this topology file", null), (Row(connection, "IKE proposal").Source, Row(connection, "IKE proposal").Url));
        Assert.Contains("(chacha20poly1305: no word in this profile)", Row(connection, "IKE proposal").InDevice);
        DeviceSettingReport liveness = Row(connection, "Liveness check");
        Assert.Equal(("this topology file", "after 10 s without a packet"), (liveness.Source, liveness.Value));
        Assert.NotNull(Row(connection, "IKE lifetime").Url);
    }

    [Fact]
    public void KeyIsShownOnlyOnDemand()
    {
        TopologyModel model = DeviceConfigLab.Load("fortigate");

        DeviceConfigurationReport hidden = DeviceConfigurator.Describe(model, DeviceConfigLab.Device(model), null, showSecrets: false);
        DeviceConfigurationReport shown = DeviceConfigurator.Describe(model, DeviceConfigLab.Device(model), null, showSecrets: true);

        Assert.DoesNotContain("Gh7s0pQ2xV9k", LabReportJson.Write(hidden));
        Assert.Equal("Gh7s0pQ2xV9k", Row(shown.Connections[0], "Pre-shared key").Value);
    }

    [Fact]
    public void OneConnectionIsChosenWithAllItsInstances()
    {
        TopologyModel model = DeviceConfigLab.Load("fortigate", gateway: "publicIPAddresses: [198.51.100.10, 198.51.100.11], activeActive: true");
        NodeDefinition device = DeviceConfigLab.Device(model);

        Assert.Equal(["hub-to-branch", "hub-to-branch/1"], DeviceConfigurator.Choose(device, "hub-to-branch").Select(tunnel => tunnel.Connection.Name));
        Assert.Empty(DeviceConfigurator.Choose(device, "hub"));
    }

    [Fact]
    public void DeviceBehindANatIsTold()
    {
        TopologyModel model = DeviceConfigLab.Load("fortigate", "nat: { publicAddress: 203.0.113.9 }");

        DeviceConnectionReport connection = Describe(model);

        Assert.Equal("203.0.113.5, behind a NAT: 203.0.113.9", Row(connection, "Own address").Value);
        Assert.StartsWith("on:", Row(connection, "NAT traversal").Value);
    }

    static DeviceConnectionReport Describe(TopologyModel model) =>
        DeviceConfigurator.Describe(model, DeviceConfigLab.Device(model), null, showSecrets: false).Connections[0];

    static DeviceSettingReport Row(DeviceConnectionReport connection, string setting) => connection.Settings.Single(row => row.Setting == setting);
}
