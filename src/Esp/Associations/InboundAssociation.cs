using Ipsec.Esp.Replay;

namespace Ipsec.Esp.Associations;

/// <summary>The receiving half of an SA: one replay window under a short lock, cipher contexts per worker (D4).</summary>
sealed class InboundAssociation
{
    readonly Lock _lock = new();
    readonly ReplayWindow _window;
    TrafficMeter _meter;

    public InboundAssociation(TunnelSa sa, TunnelSaParameters parameters)
    {
        Sa = sa;
        Spi = parameters.InboundSpi;
        IsExtended = parameters.Transforms.ExtendedSequenceNumbers;
        Ciphers = new InboundCiphers(parameters.Transforms, parameters.InboundEncryptionKey, parameters.InboundIntegrityKey);
        _meter = new TrafficMeter(parameters);
        _window = new ReplayWindow(parameters.ReplayWindow, IsExtended);
    }

    public TunnelSa Sa { get; }
    public uint Spi { get; }
    public bool IsExtended { get; }
    public InboundCiphers Ciphers { get; }
    public ref TrafficMeter Meter => ref _meter;

    /// <summary>Before the ICV: the whole number, and whether it is worth the work (RFC 4303 §3.4.3).</summary>
    public bool TryExpect(uint sequenceLow, out ulong sequence)
    {
        lock (_lock)
        {
            sequence = _window.Infer(sequenceLow);
            return _window.IsFresh(sequence);
        }
    }

    /// <summary>After the ICV: the only place where the window moves.</summary>
    public bool TryAccept(ulong sequence, out bool isNewest)
    {
        lock (_lock)
            return _window.TryAccept(sequence, out isNewest);
    }

    /// <summary>Counts an authenticated packet; false if the hard limit does not allow it.</summary>
    public bool TryCount(int innerLength, out bool isSoftLimitReached)
    {
        lock (_lock)
        {
            isSoftLimitReached = false;
            if (_meter.Exceeds(innerLength))
                return false;
            _meter.Add(innerLength);
            isSoftLimitReached = _meter.IsSoftLimitReached;
            return true;
        }
    }
}
