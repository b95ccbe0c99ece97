using System.Collections.Immutable;
using Ipsec.Endpoint.Journal;
using Ipsec.Endpoint.Routing;
using Ipsec.Esp;
using Ipsec.Ike.Outputs;
using Ipsec.Net;

namespace Ipsec.Endpoint;

/// <summary>A child SA that sends and receives.</summary>
/// <param name="MakesRoutes">Its tunnel is policy-based: its selectors are routes.</param>
sealed record InstalledChildSa(ulong Id, int Tunnel, bool MakesRoutes, string Child, ImmutableArray<TrafficSelector> RemoteSelectors);

/// <summary>The child SAs of this endpoint as the data path holds them: turns the engine's outputs into its control calls.</summary>
sealed class ChildSaTable(DataPath dataPath, EndpointTimers timers, JournalWriter? journal, ulong initialSequenceNumber = 0) : ISendingChildSas
{
    readonly Dictionary<ulong, InstalledChildSa> _sending = [];

    // Sorted, because routes are built from its enumeration.
    readonly Dictionary<int, SortedDictionary<ulong, InstalledChildSa>> _sendingByTunnel = [];
    readonly Dictionary<ulong, int> _inGrace = [];
    readonly Dictionary<int, SaCounters> _ended = [];

    /// <summary>Counts the changes that routes depend on, those of policy-based tunnels, so that a reader knows whether it has seen this state.</summary>
    public int Version { get; private set; }

    /// <summary>Counts how often a tunnel got its first SA or lost its last one.</summary>
    public int UpAndDowns { get; private set; }

    /// <summary>Those of one tunnel that send; an SA in its inbound grace no longer counts.</summary>
    public IReadOnlyCollection<InstalledChildSa> SendingIn(int tunnel) =>
        _sendingByTunnel.TryGetValue(tunnel, out SortedDictionary<ulong, InstalledChildSa>? sending) ? sending.Values : [];

    public bool Contains(ulong id) => _sending.ContainsKey(id) || _inGrace.ContainsKey(id);

    /// <summary>What a tunnel has carried since it is configured, on SAs that are gone and on those that are there.</summary>
    public SaCounters TrafficOf(int tunnel)
    {
        SaCounters sum = _ended.GetValueOrDefault(tunnel);
        foreach (InstalledChildSa child in SendingIn(tunnel))
            sum += CountersOf(child.Id);
        foreach ((ulong id, _) in _inGrace.Where(pair => pair.Value == tunnel))
            sum += CountersOf(id);
        return sum;
    }

    /// <summary>Tunnels that are no longer configured have carried nothing.</summary>
    public void Keep(TunnelTable tunnels)
    {
        foreach (int tunnel in _ended.Keys.Where(tunnel => !tunnels.TryFind(tunnel, out _)).ToArray())
            _ended.Remove(tunnel);
    }

    public void Install(InstallChildSa install, Tunnel tunnel)
    {
        TunnelSaParameters parameters = new()
        {
            Id = install.Id.Value,
            Tunnel = tunnel.Number,
            Transforms = EngineTranslation.ToTransforms(install.Suite),
            InboundSpi = install.InboundSpi,
            OutboundSpi = install.OutboundSpi,
            InboundEncryptionKey = install.InboundEncryptionKey,
            InboundIntegrityKey = install.InboundIntegrityKey,
            OutboundEncryptionKey = install.OutboundEncryptionKey,
            OutboundIntegrityKey = install.OutboundIntegrityKey,
            LocalSelectors = install.LocalSelectors,
            RemoteSelectors = install.RemoteSelectors,
            TransportMode = install.TransportMode is TransportAddresses addresses ? new TransportModeAddresses(addresses.Remote, addresses.Local) : null,
            Path = install.Path,
            OutboundWaits = install.Activation == OutboundActivation.OnFirstInbound,
            Replaces = install.Replaces?.Value,
            ReplayWindow = install.ReplayWindow,
            InitialSequenceNumber = initialSequenceNumber,
            SoftBytes = install.SoftBytes,
            HardBytes = install.Lifetime.HardBytes,
            SoftPackets = install.SoftPackets,
            HardPackets = install.Lifetime.HardPackets,
        };
        journal?.Installed(parameters);
        dataPath.Install(parameters);
        Add(new InstalledChildSa(parameters.Id, tunnel.Number, tunnel.Configuration.Routes.IsEmpty, install.Child, install.RemoteSelectors));
    }

    public void Activate(ChildSaId id)
    {
        if (!_sending.ContainsKey(id.Value))
            return;
        journal?.Activated(id.Value);
        dataPath.Activate(id.Value);
    }

    /// <summary>Stops sending at once; what arrives is accepted until the grace is over, if there is one.</summary>
    public void Remove(ChildSaId id, TimeSpan inboundGrace, Instant now)
    {
        if (_sending.Remove(id.Value, out InstalledChildSa? child))
            Forget(child);
        else if (!_inGrace.ContainsKey(id.Value))
            return;
        int tunnel = child?.Tunnel ?? _inGrace[id.Value];
        if (inboundGrace <= TimeSpan.Zero)
        {
            Discard(id.Value, tunnel);
            return;
        }
        if (!_inGrace.TryAdd(id.Value, tunnel))
            return;
        journal?.OutboundRemoved(id.Value);
        dataPath.RemoveOutbound(id.Value);
        timers.Set(new EndpointTimer(EndpointTimerKind.InboundGraceOver, id.Value), inboundGrace, now);
    }

    /// <summary>The grace of a removed SA is over.</summary>
    public void RemoveInbound(ulong id)
    {
        if (_inGrace.TryGetValue(id, out int tunnel))
            Discard(id, tunnel);
    }

    public void SetPath(ChildSaId id, NetworkPath path)
    {
        if (!_sending.ContainsKey(id.Value))
            return;
        journal?.PathSet(id.Value, path);
        dataPath.SetPath(id.Value, path);
    }

    void Add(InstalledChildSa child)
    {
        _sending.Add(child.Id, child);
        if (!_sendingByTunnel.TryGetValue(child.Tunnel, out SortedDictionary<ulong, InstalledChildSa>? ofTunnel))
        {
            _sendingByTunnel[child.Tunnel] = ofTunnel = [];
            UpAndDowns++;
        }
        ofTunnel.Add(child.Id, child);
        Version += child.MakesRoutes ? 1 : 0;
    }

    void Forget(InstalledChildSa child)
    {
        SortedDictionary<ulong, InstalledChildSa> ofTunnel = _sendingByTunnel[child.Tunnel];
        ofTunnel.Remove(child.Id);
        if (ofTunnel.Count == 0)
        {
            _sendingByTunnel.Remove(child.Tunnel);
            UpAndDowns++;
        }
        Version += child.MakesRoutes ? 1 : 0;
    }

    SaCounters CountersOf(ulong id) => dataPath.TryGetCounters(id, out SaCounters counters) ? counters : default;

    void Discard(ulong id, int tunnel)
    {
        _inGrace.Remove(id);
        // A packet that a worker is just opening on another thread may miss the sum.
        _ended[tunnel] = _ended.GetValueOrDefault(tunnel) + CountersOf(id);
        journal?.Removed(id);
        dataPath.Remove(id);
    }
}
