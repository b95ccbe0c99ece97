using System.Diagnostics.CodeAnalysis;
using Ipsec.Ike.Engine;
using Ipsec.Ike.Wire;

namespace Ipsec.Ike.Associations;

/// <summary>Every IKE SA by the SPI that we chose for it (RFC 7296 §2.6: messages are mapped to an IKE SA only by the SPI).</summary>
sealed class IkeSaTable(EngineContext context)
{
    readonly Dictionary<ulong, IkeSa> _byLocalSpi = [];
    readonly HashSet<ulong> _promised = [];

    public int Count => _byLocalSpi.Count;

    /// <summary>Told of every IKE SA that leaves the table.</summary>
    public event Action<IkeSa>? Removed;

    /// <summary>In the order of their creation: nothing may depend on the order of a hash table.</summary>
    public IEnumerable<IkeSa> All => _byLocalSpi.Values.OrderBy(sa => sa.Id.Value);

    /// <summary>An SPI that is neither zero nor in use.</summary>
    public ulong NewSpi()
    {
        while (true)
        {
            ulong spi = context.NextUInt64();
            if (spi != 0 && !HasLocalSpi(spi))
                return spi;
        }
    }

    /// <summary>A new SPI that a rekey of ours offers. The peer may use it before we have its answer: it is ours until <see cref="Forget"/>.</summary>
    public ulong Promise()
    {
        ulong spi = NewSpi();
        _promised.Add(spi);
        return spi;
    }

    public void Forget(ulong promised) => _promised.Remove(promised);

    /// <summary>Of an IKE SA that lives, or that may have begun to live at the peer.</summary>
    public bool HasLocalSpi(ulong spi) => _byLocalSpi.ContainsKey(spi) || _promised.Contains(spi);

    public void Add(IkeSa sa) => _byLocalSpi.Add(sa.LocalSpi, sa);

    public void Remove(IkeSa sa)
    {
        if (_byLocalSpi.TryGetValue(sa.LocalSpi, out IkeSa? current) && current == sa)
        {
            _byLocalSpi.Remove(sa.LocalSpi);
            Removed?.Invoke(sa);
        }
    }

    /// <summary>The IKE SA that a message from a peer belongs to: both SPIs and the sender's role must be right.</summary>
    public bool TryFind(in IkeHeader header, [NotNullWhen(true)] out IkeSa? sa)
    {
        ulong localSpi = header.IsFromInitiator ? header.ResponderSpi : header.InitiatorSpi;
        return _byLocalSpi.TryGetValue(localSpi, out sa)
            && sa.IsInitiator != header.IsFromInitiator
            && sa.InitiatorSpi == header.InitiatorSpi
            // The first response names a responder SPI that we learn from it.
            && (sa.ResponderSpi == header.ResponderSpi || sa.ResponderSpi == 0);
    }
}
