using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.DeviceConfig;
using Ipsec.Lab.Tests.Support;

namespace Ipsec.Lab.Tests.Profiles;

/// <summary>
/// A device with a profile and nothing else, against an Azure gateway, over ten hours: all lifetimes but the IKE SAs' of Cisco's devices are shorter.
/// </summary>
public class ProfileLabTests
{
    const string Expected = """
        hosts: { vm1: { in: hub/app, address: 10.1.1.4 }, pc1: { in: branch, address: 10.2.0.10 } }
        expect: [tunnel hub-to-branch is up, ping pc1 -> vm1, ping vm1 -> pc1]
        """;

    [Theory]
    [InlineData("azure-sample", "")]
    [InlineData("cisco-ios", "")]
    [InlineData("juniper-srx", "")]
    [InlineData("fortigate", "")]
    [InlineData("palo-alto", "")]
    [InlineData("opnsense", "")]
    [InlineData("windows-rras", "")]
    [InlineData("cisco-asa", DeviceConfigLab.AsaPolicy)]
    public void CarriesTrafficOverItsLifetimes(string profile, string connection)
    {
        var options = new LabOptions { Duration = TimeSpan.FromHours(10), RepeatInterval = TimeSpan.FromMinutes(5) };

        Labs.AssertPassed(Labs.RunToEnd(DeviceConfigLab.Load(profile, connection: connection, rest: Expected), options));
    }

    [Theory]
    [InlineData("strongswan")]
    [InlineData("cisco-asa")]
    public void CannotMeetTheDefaultPolicy(string profile) => Labs.AssertPassed(Labs.RunToEnd(
        DeviceConfigLab.Load(profile, rest: "expect: [tunnel hub-to-branch fails no-proposal-chosen]")));
}
