using Ipsec.Ike.Outputs;

namespace Ipsec.Lab.Run;

/// <summary>Which connection the child SAs of a node belong to, as its events tell it.</summary>
sealed class NodeSas
{
    readonly SortedDictionary<uint, string> _connectionsBySpi = [];
    readonly Dictionary<string, HashSet<ChildSaId>> _byConnection = new(StringComparer.Ordinal);

    /// <summary>The connection whose child SA sends with this SPI, also after its end; null for an unknown one.</summary>
    public string? ConnectionOf(uint outboundSpi) => _connectionsBySpi.GetValueOrDefault(outboundSpi);

    /// <summary>The connection has a child SA.</summary>
    public bool IsUp(string connection) => _byConnection.TryGetValue(connection, out HashSet<ChildSaId>? sas) && sas.Count > 0;

    public void Occurred(IkeEvent occurred)
    {
        switch (occurred)
        {
            case ChildSaEstablished { Connection: string connection } child:
                _connectionsBySpi[child.OutboundSpi] = connection;
                if (!_byConnection.TryGetValue(connection, out HashSet<ChildSaId>? same))
                    _byConnection[connection] = same = [];
                same.Add(child.Id);
                break;
            case ChildSaClosed { Connection: string connection } child:
                _byConnection.GetValueOrDefault(connection)?.Remove(child.Id);
                break;
        }
    }

    /// <summary>The node has lost its state.</summary>
    public void Clear()
    {
        _connectionsBySpi.Clear();
        _byConnection.Clear();
    }
}
