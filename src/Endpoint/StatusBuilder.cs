using System.Collections.Immutable;
using System.Text;
using Ipsec.Endpoint.Routing;
using Ipsec.Esp;
using Ipsec.Ike;
using Ipsec.Ike.Configuration;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>Puts the engine's snapshot and the data path's counters together.</summary>
static class StatusBuilder
{
    static readonly ImmutableArray<(DataPathCounter Counter, string Name)> DataPathCounters =
        [.. Enum.GetValues<DataPathCounter>().Select(counter => (counter, $"esp.{ToKebabCase(counter.ToString())}"))];

    public static EndpointStatus Build(EndpointConfiguration configuration, IkeStatus ike, DataPath dataPath, TunnelTable table, ChildSaTable childSas,
        ReportHandler reports)
    {
        Dictionary<string, ConnectionConfiguration> connections = new(StringComparer.Ordinal);
        foreach (TunnelConfiguration tunnel in configuration.Tunnels)
            connections[tunnel.Connection.Name] = tunnel.Connection;
        ImmutableArray<TunnelStatus> tunnels = [.. ike.Connections.Select(status =>
        {
            TunnelStatus built = BuildTunnel(status, connections.GetValueOrDefault(status.Connection), dataPath);
            return table.Find(status.Connection) is Tunnel tunnel
                ? built with { Traffic = childSas.TrafficOf(tunnel.Number), Nat = dataPath.GetNatCounters(tunnel.Number) }
                : built;
        })];

        ImmutableSortedDictionary<string, ulong>.Builder counters = ImmutableSortedDictionary.CreateBuilder<string, ulong>(StringComparer.Ordinal);
        foreach ((string name, ulong value) in ike.Counters)
            counters[$"ike.{name}"] = value;
        counters["ike.half-open"] = (ulong)ike.HalfOpen;
        foreach ((DataPathCounter counter, string name) in DataPathCounters)
            counters[name] = dataPath.GetCounter(counter);
        counters["tunnel.acquires"] = reports.Acquires;
        counters["tunnel.acquires-ignored"] = reports.AcquiresIgnored;
        counters["tunnel.path-changes"] = reports.PathChanges;
        return new EndpointStatus(configuration.Name, tunnels, counters.ToImmutable());
    }

    static TunnelStatus BuildTunnel(ConnectionStatus status, ConnectionConfiguration? connection, DataPath dataPath)
    {
        IkeSaSnapshot? newest = status.IkeSas.FirstOrDefault();
        IkeSaStatus? ikeSa = newest is null ? null : new IkeSaStatus(newest.InitiatorSpi, newest.ResponderSpi, newest.IsInitiator, newest.Suite,
            newest.Path, newest.LocalIdentity, newest.RemoteIdentity, newest.Age, newest.RekeyIn, newest.LocalBehindNat, newest.RemoteBehindNat);
        return new TunnelStatus(status.Connection, ToTunnelState(status.State),
            newest?.Path.Local.Address ?? connection?.LocalAddress, newest?.Path.Remote.Address ?? connection?.RemoteAddress,
            status.Reasons, ikeSa, [.. status.IkeSas.SelectMany(sa => sa.Children).Select(child => BuildChild(child, dataPath))]);
    }

    static ChildSaStatus BuildChild(ChildSaSnapshot child, DataPath dataPath)
    {
        dataPath.TryGetCounters(child.Id.Value, out SaCounters counters);
        return new ChildSaStatus(child.Child, child.InboundSpi, child.OutboundSpi, child.Suite, child.LocalSelectors, child.RemoteSelectors,
            counters.PacketsIn, counters.PacketsOut, counters.BytesIn, counters.BytesOut, child.Age, child.RekeyIn);
    }

    static TunnelState ToTunnelState(ConnectionState state) => state switch
    {
        ConnectionState.Down => TunnelState.Down,
        ConnectionState.Connecting => TunnelState.Connecting,
        ConnectionState.Established => TunnelState.Established,
        ConnectionState.Failed => TunnelState.Failed,
        ConnectionState.Closing => TunnelState.Closing,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    static string ToKebabCase(string pascalCase)
    {
        StringBuilder kebab = new();
        foreach (char character in pascalCase)
        {
            if (char.IsUpper(character) && kebab.Length > 0)
                kebab.Append('-');
            kebab.Append(char.ToLowerInvariant(character));
        }
        return kebab.ToString();
    }
}
