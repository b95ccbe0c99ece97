using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

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
    readonly byte[] _wholeKey = GC.AllocateArray<byte>(Length, pinned: true);
    readonly byte[] _paddedKey = GC.AllocateArray<byte>(Length, pinned: true);
    readonly byte[] _last = GC.AllocateArray<byte>(Length, pinned: true);
    int _count;

    /// <param name="key">16 octets.</param>
    internal XcbcMac(ReadOnlySpan<byte> key)
    {
        Span<byte> chainKey = stackalloc byte[Length];
        using (CipherContext cipher = new("AES-128-ECB", key, encrypts: true))
        {
            Derive(cipher, 1, chainKey);
            Derive(cipher, 2, _wholeKey);
            Derive(cipher, 3, _paddedKey);
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
                _chain.TransformShort(_last, discarded);
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
            data[..taken].CopyTo(_last.AsSpan(_count));
            _count += taken;
            data = data[taken..];
        }
    }

    internal override void Finish(Span<byte> destination)
    {
        bool isWhole = _count == Length;
        if (!isWhole)
        {
            _last.AsSpan(_count).Clear();
            _last[_count] = 0x80;
        }
        ReadOnlySpan<byte> key = isWhole ? _wholeKey : _paddedKey;
        for (int i = 0; i < Length; i++)
            _last[i] ^= key[i];
        _chain.TransformShort(_last, destination);
    }

    public override void Dispose()
    {
        _chain.Dispose();
        CryptographicOperations.ZeroMemory(_wholeKey);
        CryptographicOperations.ZeroMemory(_paddedKey);
        CryptographicOperations.ZeroMemory(_last);
    }

    static void Derive(CipherContext cipher, byte constant, Span<byte> key)
    {
        Span<byte> block = stackalloc byte[Length];
        block.Fill(constant);
        cipher.TransformShort(block, key);
    }
}
