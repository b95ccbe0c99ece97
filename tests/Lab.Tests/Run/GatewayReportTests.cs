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
        Assert.Equal(["virtualNetworkGateway", "connections", "logs"], Names(gateway));
        JsonElement connection = Assert.Single(gateway.GetProperty("connections").EnumerateArray());
        Assert.Equal(["name", "connectionStatus", "egressBytesTransferred", "ingressBytesTransferred", "tunnelConnectionStatus", "ikeSas"], Names(connection));
        Assert.Equal("Connected", connection.GetProperty("connectionStatus").GetString());
        Assert.True(connection.GetProperty("egressBytesTransferred").GetUInt64() > 0);
        JsonElement tunnel = Assert.Single(connection.GetProperty("tunnelConnectionStatus").EnumerateArray());
        Assert.Equal(["tunnel", "connectionStatus", "ingressBytesTransferred", "egressBytesTransferred", "lastConnectionEstablishedUtcTime", "reasons"],
            Names(tunnel));
        JsonElement sa = Assert.Single(connection.GetProperty("ikeSas").EnumerateArray());
        Assert.Equal(["localEndpoint", "remoteEndpoint", "initiatorCookie", "responderCookie", "localUdpEncapsulationPort", "remoteUdpEncapsulationPort",
            "encryption", "integrity", "dhGroup", "lifeTimeSeconds", "isSaInitiator", "elapsedTimeInseconds", "quickModeSa"], Names(sa));
        Assert.Equal(["localEndpoint", "remoteEndpoint", "encryption", "integrity", "pfsGroupId", "inboundSPI", "outboundSPI", "localTrafficSelectors",
            "remoteTrafficSelectors", "lifetimeKilobytes", "lifeTimeSeconds", "elapsedTimeInseconds"],
                Names(Assert.Single(sa.GetProperty("quickModeSa").EnumerateArray())));
        JsonElement line = Assert.Single(gateway.GetProperty("logs").GetProperty("tunnelDiagnosticLog").EnumerateArray());
        Assert.Equal(["TimeGenerated", "Category", "OperationName", "Level", "Message", "Resource", "remoteIP_s", "instance_s", "tunnel", "azureError",
            "reasons"], Names(line));
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
        Assert.Equal([("TunnelConnected", "GatewayTenantWorker_IN_0"), ("TunnelDisconnected", "GatewayTenantWorker_IN_0"),
            ("TunnelConnected", "GatewayTenantWorker_IN_1")],
            gateway.Logs.TunnelDiagnosticLog.Select(entry => (entry.OperationName, entry.Instance)));
        Assert.All(gateway.Logs.TunnelDiagnosticLog, entry => Assert.Equal("203.0.113.5", entry.RemoteIp));
        TunnelConnectionHealth tunnel = Assert.Single(Assert.Single(gateway.Connections).TunnelConnectionStatus);
        Assert.Equal(gateway.Logs.TunnelDiagnosticLog[^1].TimeGenerated, tunnel.LastConnectionEstablishedUtcTime);
        run.ShutdownToEnd();
    }

    [Fact]
    public void BytesOutliveAFailover()
    {
        const string fault = "faults: [{ at: 30s, node: hub-gw, kind: unplanned-failover, recovery: 20s }]\n";
        using LabRun run = Labs.Start(Samples.Load(Samples.Read("site-to-site.yaml") + fault));
        run.RunUntil(TimeSpan.FromSeconds(25));
        ConnectionDiagnosis before = Assert.Single(Assert.Single(run.CreateReport().Gateways).Connections);
        run.RunToEnd(TestContext.Current.CancellationToken);
        ConnectionDiagnosis after = Assert.Single(Assert.Single(run.CreateReport().Gateways).Connections);
        Assert.NotEqual(before.IkeSas[0].InitiatorCookie, after.IkeSas[0].InitiatorCookie);
        Assert.True(before.IngressBytesTransferred > 0);
        Assert.True(after.IngressBytesTransferred > before.IngressBytesTransferred);
        Assert.True(after.EgressBytesTransferred > before.EgressBytesTransferred);
        run.ShutdownToEnd();
    }

    [Fact]
    public void TheOtherLogsHaveTheLinesOfAzure()
    {
        const string fault = "faults: [{ at: 30s, node: hub-gw, kind: planned-failover, recovery: 20s }, { at: 2m, node: hub-gw, kind: maintenance, " +
            "recovery: 20s }]\n";
        using LabRun run = Labs.Start(Samples.Load(Samples.Read("site-to-site.yaml") + fault));
        run.RunToEnd(TestContext.Current.CancellationToken);
        GatewayLogs logs = Assert.Single(run.CreateReport().Gateways).Logs;
        string[] operations = [.. logs.GatewayDiagnosticLog.Select(entry => entry.OperationName)];
        Assert.Equal(["SetGatewayConfiguration", "SetConnectionConfiguration", "GatewayTenantPrimaryChanged", "SetGatewayConfiguration",
            "SetConnectionConfiguration",
            "HostMaintenanceEvent"], operations[..6]);
        Assert.Contains("GatewayTenantPrimaryChanged", operations[6..]);
        Assert.All(logs.RouteDiagnosticLog, entry => Assert.Equal(("StaticRouteUpdate", "Static routes added: 10.2.0.0/24"),
            (entry.OperationName, entry.Message)));
        Assert.NotEmpty(logs.RouteDiagnosticLog);
        Assert.StartsWith("SESSION_ID :{", logs.IKEDiagnosticLog[0].Message);
        Assert.Contains(logs.IKEDiagnosticLog, entry =>
            entry.Message.Contains("Remote 203.0.113.5:500: Local 198.51.100.10:500: [RECEIVED][SA_INIT] Received SA_INIT request 0: SA("));
        Assert.Contains(logs.IKEDiagnosticLog, entry => entry.Message.Contains("(Final Negotiated) - [Tsid 0x")
            && entry.Message.Contains("]Number of TSIs 1: StartAddress 10.2.0.0 EndAddress 10.2.0.255 PortStart 0 PortEnd 65535 Protocol 0 Number of TSRs " +
                "1: StartAddress 10.1.0.0"));
        Assert.Equal(logs.All.Count(), logs.GatewayDiagnosticLog.Length + logs.TunnelDiagnosticLog.Length + logs.RouteDiagnosticLog.Length + logs.IKEDiagnosticLog.Length);
        run.ShutdownToEnd();
    }

    [Fact]
    public void ARefusalIsInTheIkeLogWithAzuresNumberAndOurReason()
    {
        GatewayLogs logs = Assert.Single(Labs.RunToEnd(Labs.Sample("site-to-site-mismatch.yaml")).Gateways).Logs;
        DiagnosticLogEntry refusal = Assert.Single(logs.IKEDiagnosticLog.Where(entry => entry.AzureError == 13868).Take(1));
        Assert.Equal(DiagnosticLevel.Error, refusal.Level);
        Assert.Contains("[NOTIFY]", refusal.Message);
        Assert.EndsWith("[ErrorCode] 0x362C [ErrorMessage] Policy match error", refusal.Message);
        Assert.NotEmpty(refusal.Reasons);
    }

    [Fact]
    public void WhoDialsAConnectionThatOnlyInitiatesIsRefusedAsAzureDoes()
    {
        string text = Samples.Read("site-to-site.yaml");
        string changed = text.Replace("localNetworkGateway2: branch", "localNetworkGateway2: branch, connectionMode: InitiatorOnly");
        Assert.NotEqual(text, changed);
        using LabRun run = Labs.Start(Samples.Load(changed));
        run.RunToEnd(TestContext.Current.CancellationToken);
        GatewayLogs logs = Assert.Single(run.CreateReport().Gateways).Logs;
        DiagnosticLogEntry refusal = Assert.Single(logs.IKEDiagnosticLog.Where(entry => entry.AzureError == 1225).Take(1));
        Assert.Equal("only-initiates", refusal.Reasons[0].Code);
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
