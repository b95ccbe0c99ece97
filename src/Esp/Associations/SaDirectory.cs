using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto;
using Ipsec.Net;

namespace Ipsec.Esp.Associations;

/// <summary>
/// All SAs of a data path. Changes come from the control face and are made one at a time; workers see immutable policies and
/// single slots of the SPI table.
/// </summary>
sealed class SaDirectory(int spiSlots, IRandomSource random)
{
    readonly Lock _control = new();
    readonly ConcurrentDictionary<ulong, TunnelSa> _byId = new();
    readonly ConcurrentDictionary<int, TunnelState> _tunnels = new();
    readonly HashSet<ulong> _sending = [];
    readonly Dictionary<ulong, List<TunnelSa>> _successors = [];
    readonly SpiTable _spis = new(spiSlots, random);

    /// <summary>Installed SAs, those in their inbound grace included.</summary>
    public int Count => _byId.Count;

    public int AllocatedSpis
    {
        get
        {
            lock (_control)
                return _spis.Allocated;
        }
    }

    public InboundAssociation? Find(uint spi) => _spis.Find(spi);

    public bool TryFind(ulong id, [NotNullWhen(true)] out TunnelSa? sa) => _byId.TryGetValue(id, out sa);

    public TunnelState Tunnel(int tunnel) =>
        _tunnels.TryGetValue(tunnel, out TunnelState? state) ? state : _tunnels.GetOrAdd(tunnel, static _ => new TunnelState());

    public bool TryAllocateSpi(out uint spi)
    {
        lock (_control)
            return _spis.TryAllocate(out spi);
    }

    public void ReleaseSpi(uint spi)
    {
        lock (_control)
        {
            if (_spis.IsFree(spi))
                _spis.Release(spi);
        }
    }

    public void Install(TunnelSaParameters parameters)
    {
        lock (_control)
        {
            if (_byId.ContainsKey(parameters.Id))
                throw new ArgumentException($"SA {parameters.Id} is installed already.", nameof(parameters));
            if (!_spis.IsFree(parameters.InboundSpi))
                throw new ArgumentException("The inbound SPI was not allocated by this data path or is in use.", nameof(parameters));
            if (parameters.ReplayWindow is not (0 or (>= 64 and <= 4096)))
                throw new ArgumentException("A replay window has 64 to 4096 packets, or 0 for none.", nameof(parameters));
            // There must be something to wait for; a first SA sends at once.
            bool waits = parameters.OutboundWaits && parameters.Replaces is ulong replaced && _sending.Contains(replaced);
            var sa = new TunnelSa(parameters, isActive: !waits, random);
            _byId[sa.Id] = sa;
            _spis.Install(sa.Inbound);
            _sending.Add(sa.Id);
            if (waits)
                AddSuccessor(parameters.Replaces!.Value, sa);
            Tunnel(sa.Tunnel).Policy.Add(sa);
        }
    }

    public void RemoveOutbound(ulong id)
    {
        lock (_control)
        {
            if (_byId.TryGetValue(id, out TunnelSa? sa))
                StopSending(sa);
        }
    }

    public void Remove(ulong id)
    {
        lock (_control)
        {
            if (!_byId.TryRemove(id, out TunnelSa? sa))
                return;
            _spis.Release(sa.Inbound.Spi);
            StopSending(sa);
            sa.Inbound.Ciphers.Close();
        }
    }

    public void RemoveAll()
    {
        foreach (ulong id in _byId.Keys)
            Remove(id);
    }

    void AddSuccessor(ulong replaced, TunnelSa successor)
    {
        if (!_successors.TryGetValue(replaced, out List<TunnelSa>? successors))
            _successors[replaced] = successors = [];
        successors.Add(successor);
    }

    /// <summary>What waited for this SA to be replaced waits no longer.</summary>
    void StopSending(TunnelSa sa)
    {
        if (!_sending.Remove(sa.Id))
            return;
        if (_successors.Remove(sa.Id, out List<TunnelSa>? successors))
        {
            foreach (TunnelSa successor in successors)
                successor.Outbound.Activate();
        }
        if (sa.Replaces is ulong replaced && _successors.TryGetValue(replaced, out List<TunnelSa>? waiting))
            waiting.Remove(sa);
        Tunnel(sa.Tunnel).Policy.Remove(sa);
        sa.Outbound.Close();
    }
}
