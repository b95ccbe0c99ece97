using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto;

/// <summary>
/// AES-XCBC-MAC, RFC 3566 §4, which libcrypto does not have: CBC under K1 from a zero initialization vector, where the last block is first
/// combined with K2 if it is whole, or padded and combined with K3. The chaining is libcrypto's, nothing here depends on a key's value.
/// </summary>
sealed class XcbcMac : MacContext
{
    internal const int Length = 16;

    const int LongestRun = 16 * Length;

    readonly CipherContext _chain;
    SecretSlot _wholeKey = SecretMemory.Take(Length);
    SecretSlot _paddedKey = SecretMemory.Take(Length);
    SecretSlot _last = SecretMemory.Take(Length);
    int _count;

    /// <param name="key">16 octets.</param>
    internal XcbcMac(ReadOnlySpan<byte> key)
    {
        Span<byte> chainKey = stackalloc byte[Length];
        using (CipherContext cipher = new("AES-128-ECB", key, encrypts: true))
        {
            Derive(cipher, 1, chainKey);
            Derive(cipher, 2, _wholeKey.Octets);
            Derive(cipher, 3, _paddedKey.Octets);
        }
        _chain = new CipherContext("AES-128-CBC", chainKey, encrypts: true);
        CryptographicOperations.ZeroMemory(chainKey);
        Reset();
    }

    internal override int OutputLength => Length;

    internal override void Reset()
    {
        ReadOnlySpan<byte> zeros = stackalloc byte[Length];
        _chain.Begin(zeros);
        _count = 0;
    }

    internal override void AppendShort(ReadOnlySpan<byte> data) => Append(data);

    // A block goes into the chain only when another octet follows it: the last one is treated differently.
    internal override void Append(ReadOnlySpan<byte> data)
    {
        Span<byte> discarded = stackalloc byte[LongestRun];
        while (data.Length > 0)
        {
            if (_count == Length)
            {
                _chain.TransformShort(_last.Octets, discarded);
                _count = 0;
            }
            if (_count == 0 && data.Length > Length)
            {
                int run = Math.Min((data.Length - 1) / Length * Length, LongestRun);
                _chain.TransformShort(data[..run], discarded);
                data = data[run..];
                continue;
            }
            int taken = Math.Min(Length - _count, data.Length);
            data[..taken].CopyTo(_last.Octets[_count..]);
            _count += taken;
            data = data[taken..];
        }
    }

    internal override void Finish(Span<byte> destination)
    {
        bool isWhole = _count == Length;
        Span<byte> last = _last.Octets;
        if (!isWhole)
        {
            last[_count..].Clear();
            last[_count] = 0x80;
        }
        ReadOnlySpan<byte> key = isWhole ? _wholeKey.Octets : _paddedKey.Octets;
        for (int i = 0; i < Length; i++)
            last[i] ^= key[i];
        _chain.TransformShort(last, destination);
    }

    public override void Dispose()
    {
        _chain.Dispose();
        _wholeKey.Free();
        _paddedKey.Free();
        _last.Free();
    }

    static void Derive(CipherContext cipher, byte constant, Span<byte> key)
    {
        Span<byte> block = stackalloc byte[Length];
        block.Fill(constant);
        cipher.TransformShort(block, key);
    }
}
