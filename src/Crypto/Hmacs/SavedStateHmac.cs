using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Ipsec.Crypto.Secrets;

namespace Ipsec.Crypto.Hmacs;

/// <summary>
/// HMAC that keeps the hash's state behind each half of the key and copies it (RFC 2104 §4), which costs a few nanoseconds where libcrypto's own HMAC
/// takes a hundred to start over. The states lie in pinned memory that is cleared.
/// </summary>
unsafe class SavedStateHmac<TDigest> : MacContext where TDigest : IDigest
{
    const byte InnerPad = 0x36;
    const byte OuterPad = 0x5c;

    // | behind K ^ ipad | behind K ^ opad | at work |
    SecretSlot _states = SecretMemory.Take(3 * TDigest.StateLength);

    /// <param name="key">Of any length.</param>
    internal SavedStateHmac(ReadOnlySpan<byte> key)
    {
        Span<byte> block = stackalloc byte[TDigest.BlockLength];
        block.Clear();
        fixed (byte* states = _states.Octets, keyOctets = key, blockOctets = block)
        {
            if (key.Length <= block.Length)
            {
                key.CopyTo(block);
            }
            else
            {
                // RFC 2104 §2: a longer key is hashed first.
                byte* state = states + 2 * TDigest.StateLength;
                Check(TDigest.Begin(state));
                Check(TDigest.Append(state, keyOctets, (nuint)key.Length));
                Check(TDigest.Finish(state, blockOctets));
            }
            SaveState(states, blockOctets, InnerPad);
            SaveState(states + TDigest.StateLength, blockOctets, OuterPad);
        }
        CryptographicOperations.ZeroMemory(block);
        Reset();
    }

    internal override int OutputLength => TDigest.DigestLength;

    /// <summary>The state behind the inner half of the key, and behind it the one behind the outer half.</summary>
    private protected Span<byte> SavedStates => _states.Octets;

    internal override void Reset() => Restore(_states.Octets, 0);

    internal override void AppendShort(ReadOnlySpan<byte> data)
    {
        fixed (byte* states = _states.Octets, octets = data)
            Check(TDigest.AppendShort(states + 2 * TDigest.StateLength, octets, (nuint)data.Length));
    }

    internal override void Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* states = _states.Octets, octets = data)
            Check(TDigest.Append(states + 2 * TDigest.StateLength, octets, (nuint)data.Length));
    }

    internal override void Finish(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, TDigest.DigestLength);
        Span<byte> all = _states.Octets;
        fixed (byte* states = all, code = destination)
        {
            byte* state = states + 2 * TDigest.StateLength;
            Check(TDigest.Finish(state, code));
            Restore(all, TDigest.StateLength);
            Check(TDigest.AppendShort(state, code, (nuint)TDigest.DigestLength));
            Check(TDigest.Finish(state, code));
        }
    }

    public override void Dispose() => _states.Free();

    /// <summary>
    /// Apart from the calls: in a method that copies with wide vectors, a call without a transition would find their upper halves in use, which slows
    /// libcrypto's code down on some processors.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static void Restore(Span<byte> states, int saved) => states.Slice(saved, TDigest.StateLength).CopyTo(states[(2 * TDigest.StateLength)..]);

    static void SaveState(byte* state, byte* key, byte pad)
    {
        byte* padded = stackalloc byte[TDigest.BlockLength];
        for (int i = 0; i < TDigest.BlockLength; i++)
            padded[i] = (byte)(key[i] ^ pad);
        Check(TDigest.Begin(state));
        Check(TDigest.Append(state, padded, (nuint)TDigest.BlockLength));
        CryptographicOperations.ZeroMemory(new Span<byte>(padded, TDigest.BlockLength));
    }

    static void Check(int result)
    {
        if (result <= 0)
            throw new CryptographicException("libcrypto: a hash failed");
    }
}
