using Ipsec.Interop.Tests.Harness;

namespace Ipsec.Interop.Tests;

/// <summary>The harness on known ground: strongSwan against strongSwan.</summary>
public sealed class HarnessTests
{
    [Fact, Trait("Tier", "1")]
    public async Task TwoStrongSwansCarryTrafficAndTheWireShowsEspOnly()
    {
        Requirements.SkipUnlessMet();
        await using LabNetwork network = await LabNetwork.CreateAsync();
        await using StrongSwanPeer right = await StrongSwanPeer.StartAsync(network.Theirs, network.Folder, ConfigurationFile("right.conf"));
        await using StrongSwanPeer left = await StrongSwanPeer.StartAsync(network.Ours, network.Folder, ConfigurationFile("left.conf"));
        await using WireCapture wire = await WireCapture.StartAsync(network);

        ToolResult initiated = await left.InitiateAsync("net");
        Assert.True(initiated.ExitCode == 0, initiated.ToString());
        Assert.True(await Traffic.PingAsync(network.Ours, LabNetwork.OurInner, LabNetwork.TheirInner));
        Assert.True(await Traffic.PingAsync(network.Theirs, LabNetwork.TheirInner, LabNetwork.OurInner));
        await Traffic.TransferAsync(network.Ours, LabNetwork.OurInner, network.Theirs, LabNetwork.TheirInner, 1_000_000);

        StrongSwanIkeSa ikeSa = Assert.Single(await left.ListSasAsync());
        Assert.True(ikeSa.IsEstablished && ikeSa.IsInitiator);
        Assert.Equal("AES_CBC-256-HMAC_SHA2_256_128-PRF_HMAC_SHA2_256-MODP_2048", ikeSa.Algorithms);
        StrongSwanChildSa child = Assert.Single(ikeSa.Children);
        Assert.True(child.IsInstalled);
        Assert.Equal("AES_GCM_16-256", child.Algorithms);
        Assert.Equal("10.1.0.0/24", child.LocalSelectors);
        Assert.True(child.PacketsIn > 10 && child.PacketsOut > 10);
        StrongSwanChildSa mirrored = Assert.Single(Assert.Single(await right.ListSasAsync()).Children);
        Assert.Equal((child.SpiIn, child.SpiOut), (mirrored.SpiOut, mirrored.SpiIn));

        await left.TerminateAsync("peer");
        Assert.Empty(await right.ListSasAsync());
        await wire.AssertOnlyProtectedTrafficAsync();
    }

    [Fact]
    public async Task WithoutATunnelTheWireShowsClearText()
    {
        // The checks of the wire can fail: what every scenario asserts the absence of is seen here.
        Requirements.SkipUnlessMet();
        await using LabNetwork network = await LabNetwork.CreateAsync();
        await network.Router.IpAsync("route", "add", "10.2.0.0/24", "via", "203.0.113.5");
        await network.Router.IpAsync("route", "add", "10.1.0.0/24", "via", "198.51.100.10");
        await using WireCapture wire = await WireCapture.StartAsync(network);
        Assert.True(await Traffic.PingAsync(network.Ours, LabNetwork.OurInner, LabNetwork.TheirInner));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(wire.AssertOnlyProtectedTrafficAsync);
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(wire.AssertNoTrafficAsync);
    }

    [Fact]
    public async Task TheRouterTranslatesAddressesAndLosesPackets()
    {
        Requirements.SkipUnlessMet();
        await using LabNetwork network = await LabNetwork.CreateAsync(behindNat: true);
        Assert.True(await Traffic.PingAsync(network.Ours, "192.168.77.2", "203.0.113.5"));
        Assert.False(await Traffic.PingAsync(network.Theirs, "203.0.113.5", "192.168.77.2", attempts: 1));
        await network.DropAsync(20);
        Assert.Contains("numgen random", await network.Router.RunCheckedAsync("nft", "list", "ruleset"), StringComparison.Ordinal);
    }

    static string ConfigurationFile(string name) => Path.Combine(AppContext.BaseDirectory, "Scenarios", "harness", name);
}
