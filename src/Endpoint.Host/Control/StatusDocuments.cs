using System.Collections.Immutable;
using Ipsec.Endpoint;
using Ipsec.EndpointHost.Hosting;
using Ipsec.Lab.Topology;

namespace Ipsec.EndpointHost.Control;

/// <summary>Puts the state of a node that runs into the status document.</summary>
static class StatusDocuments
{
    public static async Task<StatusDocument> BuildAsync(NodeHost host, DateTimeOffset startedAt, DateTimeOffset now)
    {
        // Before the tunnels are asked: an instance that is away here has no tunnel there.
        ImmutableArray<InstanceDocument> documents = [.. host.Seats.Select(Describe)];
        (NodeSeat Seat, EndpointStatus Status)[] instances = await TakeAsync(host);
        EndpointConfiguration first = host.Seats[0].Setup.Endpoint;
        return new StatusDocument(ControlApi.ProductVersion, host.Topology, host.Name, host.Seats[0].Instance, Environment.ProcessId, host.IsReady,
            startedAt, Math.Round((now - startedAt).TotalSeconds, 3), [.. documents.SelectMany(one => one.LocalAddresses)],
            first.IkePort, first.NatTraversalPort, documents.FirstOrDefault(one => one.Inner is not null)?.Inner ?? InnerDocument.None, documents,
            [.. instances.SelectMany(one => one.Status.Tunnels.Select(tunnel => ToDocument(one.Seat, tunnel)))], Sum(instances));
    }

    /// <summary>By name, the sum over the instances.</summary>
    public static async Task<ImmutableSortedDictionary<string, ulong>> CountersAsync(NodeHost host) => Sum(await TakeAsync(host));

    static async Task<(NodeSeat, EndpointStatus)[]> TakeAsync(NodeHost host) =>
        await Task.WhenAll(host.Seats.Select(async seat => (seat, await seat.GetStatusAsync())));

    /// <summary>With what the machines before this one have carried.</summary>
    static TunnelDocument ToDocument(NodeSeat seat, TunnelStatus tunnel) =>
        DocumentMapping.ToDocument(tunnel with { Traffic = seat.Diagnostics.TrafficOf(tunnel) }, seat.Instance);

    static InstanceDocument Describe(NodeSeat seat) => new(
        seat.Instance, seat.Setup.Node.Kind == NodeKind.AzureGateway ? seat.MachineName : null, seat.IsReady,
        [.. seat.Setup.Endpoint.LocalAddresses.Select(address => address.ToString())],
        seat.Runtime is NodeRuntime runtime
            ? new InnerDocument(runtime.Inner.Kind, runtime.Inner.InterfaceName, [.. runtime.Routes.Select(route => route.ToString())])
            : null);

    static ImmutableSortedDictionary<string, ulong> Sum(IEnumerable<(NodeSeat Seat, EndpointStatus Status)> instances) =>
        Sum(instances.SelectMany(one => one.Status.Counters.Concat(one.Seat.Runtime?.HostCounters ?? [])));

    public static ImmutableSortedDictionary<string, ulong> Sum(IEnumerable<KeyValuePair<string, ulong>> counters) => counters
        .GroupBy(counter => counter.Key, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(group => group.Key, group => group.Aggregate(0UL, (sum, counter) => sum + counter.Value), StringComparer.Ordinal);
}
