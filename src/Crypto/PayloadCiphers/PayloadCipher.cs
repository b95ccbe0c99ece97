using Ipsec.Crypto.BlockCiphers;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto.PayloadCiphers;

/// <summary>A cipher without integrity, keyed for one direction. Not thread-safe; allocates nothing after construction.</summary>
abstract class PayloadCipher : IDisposable
{
    /// <summary>It works on the packets of a run side by side, and gains by it.</summary>
    internal virtual bool PrefersRuns => false;

    /// <param name="key">Key material, salt last.</param>
    internal static PayloadCipher Create(EncryptionEntry entry, ReadOnlySpan<byte> key, bool encrypts)
    {
        if (entry.Transform.Algorithm == EncryptionAlgorithm.AesCbc && AesBlock.IsSupported)
            return encrypts ? new AesCbcEncryption(key) : new AesCbcDecryption(key);
        return entry.Mode == EncryptionMode.Ctr ? new LibraryCounterCipher(entry, key) : new LibraryChainCipher(entry, key, encrypts);
    }

    /// <summary>Encrypts or decrypts a whole payload in place.</summary>
    internal abstract void Transform(ReadOnlySpan<byte> iv, Span<byte> payload);

    /// <summary>Encrypts or decrypts the payloads of a run in place.</summary>
    internal virtual void Transform(in PacketRun run)
    {
        for (int i = 0; i < run.Count; i++)
            Transform(run.Iv(i), run.Payload(i));
    }

    public abstract void Dispose();
}
