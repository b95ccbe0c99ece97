using System.Collections.Immutable;
using System.Globalization;
using Ipsec.Ike.Configuration;
using Ipsec.Lab.Profiles;
using Ipsec.Lab.Tests.Topology;
using Ipsec.Lab.Topology;
using Ipsec.Lab.Topology.Schema;
using Ipsec.Lab.Topology.Sites;
using Ipsec.Net;
using Ipsec.Tests.Support;

namespace Ipsec.Lab.Tests.Profiles;

/// <summary>The data files of profiles: complete, with a source for everything, and what they make of a device.</summary>
public class DeviceProfileTests
{
    public static TheoryData<string> Names => [.. DeviceProfile.Names];

    [Fact]
    public void TopologyFilesMayNameEachOfThem() =>
        Assert.Equal(DeviceProfile.Names, SchemaDocument.Topology.Definition("device").FindProperty("profile")!.Enum.Order(StringComparer.Ordinal));

    [Fact]
    public void EmbeddedSchemaIsTheOneInDocs()
    {
        using Stream embedded = typeof(DeviceProfile).Assembly.GetManifestResourceStream("device-profile.schema.json")!;
        Assert.Equal(File.ReadAllText(Path.Combine(Samples.Root, "docs", "device-profile.schema.json")), new StreamReader(embedded).ReadToEnd());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SaysEverythingThatADeviceNeedsAndWhereItIsFrom(string name)
    {
        DeviceProfile profile = DeviceProfile.Find(name)!;

        Assert.Equal(name, profile.Name);
        DeviceSettings settings = profile.Settings;
        Assert.All([settings.Proposals, settings.EspProposals], proposals => Assert.NotEmpty(proposals!.Value));
        Assert.NotNull(settings.StartAction);
        Assert.NotNull(settings.DeadPeerDetectionDelay);
        Assert.NotNull(settings.RetryDelay);
        Assert.NotNull(settings.IsRouteBased);
        Assert.InRange(settings.IkeLifetime!.RekeyTime, TimeSpan.FromMinutes(30), settings.IkeLifetime.HardTime);
        Assert.InRange(settings.ChildLifetime!.RekeyTime, TimeSpan.FromMinutes(30), settings.ChildLifetime.HardTime);
        Assert.All(profile.Sources.Values, source => Assert.StartsWith("https://", source.Url));
        Assert.Contains(profile.Origins["proposals"].Source, profile.Sources.Values);
        Assert.All(profile.Origins.Values, origin => Assert.True(origin.Source is not null || origin.Note is not null));
        Assert.All(profile.Sources.Values, source => Assert.Contains(source, profile.Origins.Values.Select(origin => origin.Source)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void IsInTheDocumentWithItsValuesAndSources(string name)
    {
        string document = File.ReadAllText(Path.Combine(Samples.Root, "docs", "devices.md"));

        string section = document[document.IndexOf($"## {name}\n", StringComparison.Ordinal)..].Split("\n## ")[0];
        DeviceProfile profile = DeviceProfile.Find(name)!;
        Assert.Contains($"[`{name}`](#{name})", document);
        Assert.All(profile.Sources.Values, source => Assert.Contains($"]({source.Url})", section));
        Assert.All(profile.Origins.Values.Select(origin => origin.Note).OfType<string>(), note => Assert.Contains(note, section));
        Assert.All([profile.Settings.IkeLifetime!, profile.Settings.ChildLifetime!],
            lifetime => Assert.Contains($"{lifetime.HardTime.TotalSeconds.ToString("N0", CultureInfo.InvariantCulture)} s", section));
        Assert.All(File.ReadAllLines(Path.Combine(Samples.Root, "src", "Lab", "Profiles", $"{name}.yaml")).Where(line => line.Contains("roposals: [")),
            line => Assert.Contains($"`{line.Split('[', ']')[1]}`", section));
    }

    [Theory]
    [InlineData("azure-sample")]
    [InlineData("strongswan")]
    public void OlderProfilesSelectTheNetworksOfBothSides(string name)
    {
        ChildConfiguration child = Device(name).Connection.Children[0];

        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24"))], child.LocalSelectors);
        Assert.Equal([TrafficSelector.From(IpPrefix.Parse("10.1.0.0/16"))], child.RemoteSelectors);
    }

    [Fact]
    public void RouteBasedDeviceSelectsEverythingAndRoutesTheNetworks()
    {
        Endpoint.TunnelConfiguration tunnel = Device("fortigate");

        Assert.Equal([TrafficSelector.AnyV4], tunnel.Connection.Children[0].LocalSelectors);
        Assert.Equal([TrafficSelector.AnyV4], tunnel.Connection.Children[0].RemoteSelectors);
        Assert.Equal([IpPrefix.Parse("10.1.0.0/16")], tunnel.Routes.Select(route => route.Prefix));
        Assert.Equal(1350, tunnel.MssClamp);
        Assert.Equal(0, tunnel.Connection.Children[0].ReplayWindow);
    }

    [Fact]
    public void FileMayMakeADevicePolicyBased() => Assert.Equal(
        [TrafficSelector.From(IpPrefix.Parse("10.2.0.0/24"))], Device("fortigate", "vpnType: PolicyBased").Connection.Children[0].LocalSelectors);

    [Fact]
    public void StrongSwanKeepsItsLifetimes()
    {
        ConnectionConfiguration connection = Device("strongswan").Connection;

        Assert.Equal((TimeSpan.FromHours(4), TimeSpan.FromMinutes(264), TimeSpan.FromMinutes(24)),
            (connection.Lifetime.RekeyTime, connection.Lifetime.HardTime, connection.Lifetime.RekeyJitter));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromMinutes(66), TimeSpan.FromMinutes(6)),
            (connection.Children[0].Lifetime.RekeyTime, connection.Children[0].Lifetime.HardTime, connection.Children[0].Lifetime.RekeyJitter));
    }

    [Fact]
    public void AsaIsTheSampleOfItsDocument()
    {
        ConnectionConfiguration connection = Device("cisco-asa").Connection;

        Assert.Equal(["aes256-sha384-modp2048s256"], connection.InitiatorProposals.Select(ProposalText.Print));
        Assert.Equal(["aes256-sha1-modp2048s256"], connection.Children[0].InitiatorProposals.Select(ProposalText.Print));
        Assert.Equal((TimeSpan.FromSeconds(86_400), TimeSpan.FromSeconds(7_200)), (connection.Lifetime.HardTime, connection.Children[0].Lifetime.HardTime));
        Assert.Equal(4_608_000ul * 1024, connection.Children[0].Lifetime.HardBytes);
    }

    [Fact]
    public void UnknownNameIsRefusedWithTheList()
    {
        TopologyError error = Assert.Single(Load("cisco-pix", "").Errors);

        Assert.Equal("sites.branch.device.profile", error.Key);
        Assert.All(DeviceProfile.Names, name => Assert.Contains(name, error.Message));
    }

    [Theory]
    [InlineData("proposals: [aes256-sha1-modp1024]", "proposals: [rot13-sha1-modp1024]", "rot13")]
    [InlineData("  dpdDelay: { note: off }\n", "", "must have the key dpdDelay")]
    [InlineData("{ note: off }", "{ source: nobody }", "names the source nobody; accepted: sample")]
    [InlineData("{ note: off }", "{ }", "must have a source, or a note")]
    [InlineData("  mssClamp: 1350", "  mssClamp: 1350\n  replayWindow: 0", "has no entry under from")]
    public void FaultOfADataFileIsNamed(string text, string changed, string fault)
    {
        Assert.Equal("test", ProfileReader.Read(Good, "test.yaml").Name);
        Assert.Contains(fault, Assert.Throws<FormatException>(() => ProfileReader.Read(Good.Replace(text, changed), "test.yaml")).Message);
    }

    const string Good = """
        name: test
        title: Test
        device: any
        sources: { sample: { title: Sample, url: "https://example.org/" } }
        settings:
          vpnType: RouteBased
          proposals: [aes256-sha1-modp1024]
          espProposals: [aes256-sha1]
          ikeLifetime: { rekey: 1h }
          childLifetime: { rekey: 1h }
          startAction: start
          dpdDelay: 0s
          mssClamp: 1350
        from:
          vpnType: { source: sample }
          proposals: { source: sample }
          espProposals: { source: sample }
          ikeLifetime: { source: sample }
          childLifetime: { source: sample }
          startAction: { source: sample }
          dpdDelay: { note: off }
          mssClamp: { source: sample }
          identity: { source: sample }
          natTraversal: { source: sample }

        """;

    static Endpoint.TunnelConfiguration Device(string profile, string more = "")
    {
        (TopologyModel? model, ImmutableArray<TopologyError> errors) = Load(profile, more);
        Assert.Empty(errors);
        return model!.Nodes.Single(node => node.Profile == profile).Endpoint.Tunnels.Single();
    }

    static (TopologyModel? Model, ImmutableArray<TopologyError> Errors) Load(string profile, string more)
    {
        TopologyFile.TryLoad(DeviceTopology.Text(profile, more), "lab.yaml", new MemorySecrets(), out TopologyModel? model,
            out ImmutableArray<TopologyError> errors);
        return (model, errors);
    }
}
