using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Endpoint.Routing;

/// <summary>A configured tunnel and the number by which the data path knows it.</summary>
sealed record Tunnel(int Number, TunnelConfiguration Configuration)
{
    public string Name => Configuration.Connection.Name;
}

/// <summary>The tunnels of an endpoint, in the order of its configuration. A name keeps its number as long as it is configured.</summary>
sealed class TunnelTable
{
    readonly Dictionary<string, Tunnel> _byName = new(StringComparer.Ordinal);
    readonly Dictionary<int, Tunnel> _byNumber = [];
    List<Tunnel> _all = [];
    int _nextNumber = 1;

    public TunnelTable(EndpointConfiguration configuration) => Replace(configuration);

    public IReadOnlyList<Tunnel> All => _all;

    /// <summary>Counts the changes, so that a reader knows whether it has seen this state.</summary>
    public int Version { get; private set; }

    /// <summary>Whether a prefix leads into more than one tunnel, so that routes depend on which tunnels are up.</summary>
    public bool SharesPrefixes { get; private set; }

    public Tunnel? Find(string connection) => _byName.GetValueOrDefault(connection);

    public bool TryFind(int number, [NotNullWhen(true)] out Tunnel? tunnel) => _byNumber.TryGetValue(number, out tunnel);

    public void Replace(EndpointConfiguration configuration)
    {
        _all = [.. configuration.Tunnels.Select(tunnel => new Tunnel(Find(tunnel.Connection.Name)?.Number ?? _nextNumber++, tunnel))];
        _byName.Clear();
        _byNumber.Clear();
        foreach (Tunnel tunnel in _all)
        {
            _byName.Add(tunnel.Name, tunnel);
            _byNumber.Add(tunnel.Number, tunnel);
        }
        SharesPrefixes = _all.SelectMany(tunnel => tunnel.Configuration.Routes).GroupBy(route => route.Prefix).Any(routes => routes.Skip(1).Any());
        Version++;
    }
}
