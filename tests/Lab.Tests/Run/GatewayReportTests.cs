using System.Text.Json;
using Ipsec.Azure.Diagnostics;
using Ipsec.Lab.Report;
using Ipsec.Lab.Run;
using Ipsec.Lab.Tests.Support;
using Ipsec.Lab.Tests.Topology;

namespace Ipsec.Lab.Tests.Run;

public class GatewayReportTests
{
    [Fact]
    public void AConnectionThatIsUpHasTheMembersOfArm()
    {
        using JsonDocument document = JsonDocument.Parse(LabReportJson.Write(Labs.RunToEnd(Labs.Sample("site-to-site.yaml"))));
        JsonElement gateway = Assert.Single(document.RootElement.GetProperty("gateways").EnumerateArray());
        Assert.Equal(["virtualNetworkGateway", "connections", "tunnelDiagnosticLog"], Names(gateway));
        JsonElement connection = Assert.Single(gateway.GetProperty("connections").EnumerateArray());
        Assert.Equal(["name", "connectionStatus", "egressBytesTransferred", "ingressBytesTransferred", "tunnelConnectionStatus", "ikeSas"], Names(connection));
        Assert.Equal("Connected", connection.GetProperty("connectionStatus").GetString());
        Assert.True(connection.GetProperty("egressBytesTransferred").GetUInt64() > 0);
        JsonElement tunnel = Assert.Single(connection.GetProperty("tunnelConnectionStatus").EnumerateArray());
        Assert.Equal(["tunnel", "connectionStatus", "ingressBytesTransferred", "egressBytesTransferred", "lastConnectionEstablishedUtcTime", "reasons"], Names(tunnel));
        JsonElement sa = Assert.Single(connection.GetProperty("ikeSas").EnumerateArray());
        Assert.Equal(["localEndpoint", "remoteEndpoint", "initiatorCookie", "responderCookie", "localUdpEncapsulationPort", "remoteUdpEncapsulationPort",
            "encryption", "integrity", "dhGroup", "lifeTimeSeconds", "isSaInitiator", "elapsedTimeInseconds", "quickModeSa"], Names(sa));
        Assert.Equal(["localEndpoint", "remoteEndpoint", "encryption", "integrity", "pfsGroupId", "inboundSPI", "outboundSPI", "localTrafficSelectors",
            "remoteTrafficSelectors", "lifetimeKilobytes", "lifeTimeSeconds", "elapsedTimeInseconds"], Names(Assert.Single(sa.GetProperty("quickModeSa").EnumerateArray())));
        JsonElement line = Assert.Single(gateway.GetProperty("tunnelDiagnosticLog").EnumerateArray());
        Assert.Equal(["TimeGenerated", "OperationName", "Message", "remoteIP_s", "instance_s", "tunnel", "azureError"], Names(line));
        Assert.Equal("TunnelConnected", line.GetProperty("OperationName").GetString());
        Assert.Equal(line.GetProperty("TimeGenerated").GetString(), tunnel.GetProperty("lastConnectionEstablishedUtcTime").GetString());
    }

    [Fact]
    public void AConnectionThatFailsSaysWhyWithAzuresNumber()
    {
        ConnectionDiagnosis connection = Assert.Single(Assert.Single(Labs.RunToEnd(Labs.Sample("site-to-site-mismatch.yaml")).Gateways).Connections);
        Assert.NotEqual(VirtualNetworkGatewayConnectionStatus.Connected, connection.ConnectionStatus);
        Assert.Empty(connection.IkeSas);
        TunnelConnectionHealth tunnel = Assert.Single(connection.TunnelConnectionStatus);
        Assert.Null(tunnel.LastConnectionEstablishedUtcTime);
        Assert.Contains(tunnel.Reasons, reason => reason.Code == "no-proposal-chosen" && reason.AzureError == 13868);
    }

    [Fact]
    public void AFailoverIsInTheLogOfBothMachines()
    {
        const string fault = "faults: [{ at: 30s, node: hub-gw, kind: unplanned-failover, recovery: 20s }]\n";
        using LabRun run = Labs.Start(Samples.Load(Samples.Read("site-to-site.yaml") + fault));
        run.RunUntil(TimeSpan.FromSeconds(60));
        GatewayDiagnosis during = Assert.Single(run.CreateReport().Gateways);
        Assert.Equal(VirtualNetworkGatewayConnectionStatus.Unknown, Assert.Single(during.Connections).ConnectionStatus);
        run.RunToEnd(TestContext.Current.CancellationToken);
        GatewayDiagnosis gateway = Assert.Single(run.CreateReport().Gateways);
        Assert.Equal([("TunnelConnected", "GatewayTenantWorker_IN_0"), ("TunnelDisconnected", "GatewayTenantWorker_IN_0"), ("TunnelConnected", "GatewayTenantWorker_IN_1")],
            gateway.TunnelDiagnosticLog.Select(entry => (entry.OperationName, entry.Instance)));
        Assert.All(gateway.TunnelDiagnosticLog, entry => Assert.Equal("203.0.113.5", entry.RemoteIp));
        TunnelConnectionHealth tunnel = Assert.Single(Assert.Single(gateway.Connections).TunnelConnectionStatus);
        Assert.Equal(gateway.TunnelDiagnosticLog[^1].TimeGenerated, tunnel.LastConnectionEstablishedUtcTime);
        run.ShutdownToEnd();
    }

    [Fact]
    public void EveryInstanceHasATunnelToEveryInstanceOfTheOtherGateway()
    {
        LabReport report = Labs.RunToEnd(Labs.Sample("topologies/07-vnet-to-vnet.yaml"));
        Assert.Equal(2, report.Gateways.Length);
        Assert.All(report.Gateways, gateway => Assert.All(gateway.Connections, connection =>
        {
            Assert.Equal(VirtualNetworkGatewayConnectionStatus.Connected, connection.ConnectionStatus);
            Assert.Equal(connection.TunnelConnectionStatus.Length, connection.TunnelConnectionStatus.Select(tunnel => tunnel.Tunnel).Distinct().Count());
            Assert.Equal(connection.TunnelConnectionStatus.Length, connection.IkeSas.Length);
        }));
    }

    [Fact]
    public void DevicesAreNoGateways()
    {
        Assert.Empty(Labs.RunToEnd(Labs.Sample("device-to-device.yaml")).Gateways);
    }

    static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];
}
