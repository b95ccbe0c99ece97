using System.Text.Json;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Report;
using Ipsec.Lab.Tests.Support;

namespace Ipsec.Lab.Tests.Run;

public sealed class ReportJsonTests
{
    static readonly string[] TunnelNames =
        ["name", "node", "connection", "instance", "local", "remote", "ikeVersion", "state", "reasons", "ikeProposal", "childSas"];

    [Theory]
    [InlineData("site-to-site.yaml")]
    [InlineData("site-to-site-mismatch.yaml")]
    public void HasExactlyTheDocumentedMembers(string sample)
    {
        using JsonDocument document = JsonDocument.Parse(LabReportJson.Write(Labs.RunToEnd(Labs.Sample(sample))));
        JsonElement root = document.RootElement;
        Assert.Equal(["lab", "fabric", "passed", "expectations", "tunnels", "gateways"], Names(root));
        Assert.Equal("memory", root.GetProperty("fabric").GetString());
        Assert.All(root.GetProperty("expectations").EnumerateArray(), item => Assert.Equal(["description", "passed", "detail"], Names(item)));
        Assert.Equal(2, root.GetProperty("tunnels").GetArrayLength());
        foreach (JsonElement tunnel in root.GetProperty("tunnels").EnumerateArray())
        {
            Assert.Equal(TunnelNames, Names(tunnel));
            Assert.Equal(2, tunnel.GetProperty("ikeVersion").GetInt32());
            Assert.All(tunnel.GetProperty("reasons").EnumerateArray(), item => Assert.Equal(["code", "certainty", "text", "azureError"], Names(item)));
            Assert.All(tunnel.GetProperty("childSas").EnumerateArray(),
                item => Assert.Equal(["spiIn", "spiOut", "proposal", "localSelectors", "remoteSelectors", "packetsIn", "packetsOut"], Names(item)));
        }
    }

    [Fact]
    public void SaysWhatIsNotThereAsNull()
    {
        var report = new LabReport("x", "memory", false, [],
            [new TunnelReport("n/c", "n", "c", 0, null, null, 2, "down", [new ReasonReport("a", "likely", "b → c", null)], null, [])], []);
        string json = LabReportJson.Write(report);
        Assert.Contains("\"ikeProposal\": null", json);
        Assert.Contains("\"azureError\": null", json);
        Assert.Contains("b → c", json);
    }

    static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
}
