using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto;

/// <summary>
/// Key material that clears itself. It has one owner, who disposes it; printing it prints its length only. A span of it ends with it: its
/// place is another secret's then.
/// </summary>
public sealed class Secret : IDisposable
{
    SecretSlot _slot;

    public Secret(ReadOnlySpan<byte> octets)
    {
        _slot = SecretMemory.Take(octets.Length);
        octets.CopyTo(_slot.Octets);
    }

    public int Length => _slot.Length;

    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ReadOnlySpan<byte> Span => _slot.Octets;

    /// <summary>A copy with an owner of its own.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public Secret Clone() => new(Span);

    /// <summary>Clears it; a second time does nothing.</summary>
    public void Dispose() => _slot.Free();

    public override string ToString() => $"Secret({Length} octets)";
}
