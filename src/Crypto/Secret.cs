using System.Security.Cryptography;

namespace Ipsec.Crypto;

/// <summary>Key material that clears itself. It has one owner, who disposes it; printing it prints its length only.</summary>
public sealed class Secret : IDisposable
{
    readonly byte[] _octets;

    public Secret(ReadOnlySpan<byte> octets)
    {
        // Pinned, so that the garbage collector leaves no copies behind when it compacts.
        _octets = GC.AllocateUninitializedArray<byte>(octets.Length, pinned: true);
        octets.CopyTo(_octets);
    }

    public int Length => _octets.Length;

    public ReadOnlySpan<byte> Span => _octets;

    /// <summary>A copy with an owner of its own.</summary>
    public Secret Clone() => new(_octets);

    public void Dispose() => CryptographicOperations.ZeroMemory(_octets);

    public override string ToString() => $"Secret({Length} octets)";
}
