using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>Which connection and which key, where the peer's address alone does not say it.</summary>
public sealed class SelectionScenarios
{
    [Theory, Trait("Tier", "2")]
    [InlineData(true)]
    [InlineData(false)]
    public Task TwoConnectionsFromOneAddressAreToldApartByIdentity(bool weInitiate) => Scenario.RunAsync("two-connections", async scenario =>
    {
        await scenario.TheirNamespace.IpAsync("addr", "add", "10.2.1.1/32", "dev", "lo");
        await scenario.TheirNamespace.IpAsync("addr", "add", "10.2.2.1/32", "dev", "lo");
        foreach (string name in (string[])["second", "first"])
        {
            if (weInitiate)
            {
                HostAnswer answer = await scenario.Ours.InitiateAsync(name);
                Assert.True(answer.Ok, answer.Message);
                continue;
            }
            ToolResult result = await scenario.Theirs.InitiateAsync("net-" + name);
            Assert.True(result.ExitCode == 0, result.ToString());
        }

        HostStatus status = await scenario.Ours.GetStatusAsync();
        AssertTunnel(status, "first", "first.theirs.example", "aes256gcm16-prfsha384-ecp384", "aes256gcm16", "10.2.1.0/24");
        AssertTunnel(status, "second", "second.theirs.example", "aes128-sha256-modp2048", "aes256-sha256", "10.2.2.0/24");
        IReadOnlyList<StrongSwanIkeSa> theirs = await scenario.Theirs.ListSasAsync();
        Assert.Equal(["first", "second"], theirs.Where(sa => sa.IsEstablished).Select(sa => sa.Name).Order(StringComparer.Ordinal));

        foreach (string address in (string[])["10.2.1.1", "10.2.2.1"])
        {
            await Traffic.AssertBothWaysAsync(scenario.OurNamespace, scenario.OurInner, scenario.TheirNamespace, address, Recording.Limit(20_000_000));
        }
        await scenario.Wire.AssertOnlyProtectedTrafficAsync();
    });

    static void AssertTunnel(HostStatus status, string connection, string identity, string ike, string esp, string remote)
    {
        HostTunnel tunnel = Assert.Single(status.Tunnels, tunnel => tunnel.Connection == connection);
        Assert.Equal(identity, tunnel.IkeSa!.RemoteIdentity);
        Assert.Equal(ike, tunnel.IkeProposal);
        HostChildSa child = Assert.Single(tunnel.ChildSas);
        Assert.Equal(esp, child.Proposal);
        Assert.Equal([remote], child.RemoteSelectors);
    }
}
