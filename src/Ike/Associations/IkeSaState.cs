using Ipsec.Ike.Wire;
using Ipsec.Net;

namespace Ipsec.Ike.Associations;

/// <summary>What an IKE SA does with what arrives. A subclass owns exactly what is valid in it, keys included.</summary>
abstract class IkeSaState(IkeSa sa)
{
    public IkeSa Sa { get; } = sa;

    /// <summary>A datagram whose SPIs and Initiator flag are those of this IKE SA.</summary>
    public abstract void HandleDatagram(ReadOnlySpan<byte> datagram, in IkeHeader header, NetworkPath path, Instant now);

    /// <summary>Stops timers, clears keys and gives back SPIs. Emits nothing.</summary>
    public abstract void Discard();
}
