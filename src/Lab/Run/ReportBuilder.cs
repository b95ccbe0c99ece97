using System.Collections.Immutable;
using Ipsec.Azure.Diagnostics;
using Ipsec.Endpoint;
using Ipsec.Ike.Configuration;
using Ipsec.Ike.Outputs;
using Ipsec.Lab.Diagnosis;
using Ipsec.Lab.Fabric;
using Ipsec.Lab.Report;
using Ipsec.Lab.Topology;

namespace Ipsec.Lab.Run;

/// <summary>Puts the state of a lab into its report.</summary>
static class ReportBuilder
{
    const int IkeVersion = 2;

    public static LabReport Build(TopologyModel model, string fabric, ImmutableArray<ExpectationResult> expectations, ImmutableArray<ILabNode> nodes,
        SortedDictionary<string, ConnectionWatch> connections)
    {
        var tunnels = from node in nodes
                      from tunnel in node.Definition.Endpoint.Tunnels
                      select Tunnel(node, connections[tunnel.Connection.Name]);
        var gateways = from gateway in model.Azure.VpnGateways
                       select GatewayDiagnosis.Of(model.Azure, gateway, [.. from node in nodes
                                                                            where node.Definition.Kind == NodeKind.AzureGateway
                                                                                && node.Definition.Name == gateway.Name
                                                                            select Observe(node, connections)]);
        return new LabReport(model.Name, fabric, expectations.All(expectation => expectation.Passed), expectations, [.. tunnels], [.. gateways]);
    }

    /// <summary>Why a tunnel is not up, then what the lab itself can say about it; for one that is up, what will fail later.</summary>
    public static ImmutableArray<Reason> Reasons(ILabNode node, ConnectionWatch connection)
    {
        TunnelStatus status = connection.StatusOf(node);
        if (ConnectionWatch.IsUp(status))
        {
            Party self = ToParty(node, connection);
            return [.. connection.Nodes.Where(other => other != node)
                .Select(other => RekeyForecast.Check(self, ToParty(other, connection))).OfType<Reason>()];
        }
        ImmutableArray<Reason> own = status.Reasons.IsEmpty ? connection.ReasonsOf(node) : status.Reasons;
        ImmutableArray<OfferComparison> comparisons = [.. Comparisons(connection)
            .Where(comparison => comparison.Initiator == node.Label || comparison.Responder == node.Label)];
        // Guesses are worth nothing beside what is known from both sides.
        IEnumerable<Reason> known = own.Where(reason => reason.Certainty == Certainty.Known);
        if (!comparisons.IsEmpty)
            return [.. comparisons.Select(comparison => comparison.ToReason()), .. known];
        ImmutableArray<Reason> others = [.. from other in connection.Nodes
                                            where other != node
                                            from reason in connection.ReasonsOf(other)
                                            where reason.Certainty == Certainty.Known && own.Any(mine => mine.Code == reason.Code)
                                            select reason with { Text = $"{other.Label}: {reason.Text}" }];
        return others.IsEmpty ? own : [.. known, .. others];
    }

    /// <summary>Where a connection failed for want of a common proposal: the offers of who dialled, beside what the others accept.</summary>
    public static IEnumerable<OfferComparison> Comparisons(ConnectionWatch connection)
    {
        bool isMismatch = connection.Nodes.SelectMany(node => connection.ReasonsOf(node)).Any(reason => reason.Code == OfferComparison.Code);
        if (!isMismatch || connection.Dialler is not ILabNode dialler)
            return [];
        Party initiator = ToParty(dialler, connection);
        return connection.Nodes.Where(node => node != dialler)
            .Select(node => OfferComparison.Find(initiator, ToParty(node, connection))).OfType<OfferComparison>();
    }

    /// <summary>The lab sees both sides, so its reasons are better than those of the gateway alone.</summary>
    static InstanceObservation Observe(ILabNode node, SortedDictionary<string, ConnectionWatch> connections)
    {
        EndpointStatus status = node.Status;
        ImmutableArray<TunnelStatus> tunnels = [.. status.Tunnels.Select(tunnel => tunnel with { Reasons = Reasons(node, connections[tunnel.Connection]) })];
        return new InstanceObservation(node.Definition.Instance, !node.IsOff, status with { Tunnels = tunnels }, node.Diagnostics);
    }

    static TunnelReport Tunnel(ILabNode node, ConnectionWatch connection)
    {
        TunnelStatus status = connection.StatusOf(node);
        return new TunnelReport($"{node.Label}/{connection.Name}", node.Definition.Name, connection.Name, node.Definition.Instance,
            status.Local?.ToString(), status.Remote?.ToString(), IkeVersion, status.State.ToString().ToLowerInvariant(),
            [.. Reasons(node, connection).Select(ReasonReport.Of)],
            status.IkeSa is IkeSaStatus ike ? ProposalText.Print(ike.Suite) : null,
            [.. status.ChildSas.Select(ToReport)]);
    }

    static Party ToParty(ILabNode node, ConnectionWatch connection) => Party.Of(node.Definition, node.Label, connection.ConfigurationOf(node));

    static ChildSaReport ToReport(ChildSaStatus child) => new($"0x{child.InboundSpi:x8}", $"0x{child.OutboundSpi:x8}",
        ProposalText.Print(child.Suite), [.. child.LocalSelectors.Select(selector => selector.ToString())],
        [.. child.RemoteSelectors.Select(selector => selector.ToString())], child.PacketsIn, child.PacketsOut);
}
