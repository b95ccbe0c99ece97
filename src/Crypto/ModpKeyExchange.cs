using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>Diffie-Hellman in a modular exponential group, in constant time.</summary>
sealed class ModpKeyExchange : IKeyExchange
{
    // RFC 3526 §8 asks for 220 to 320 bits of exponent at 2048 bits of prime: twice the strength of the group.
    const int ExponentLength = 32;
    const int LongestPrime = 256;

    static readonly byte[] ExponentBound = [.. Enumerable.Repeat((byte)0xff, ExponentLength)];

    readonly ModpGroup _group;
    readonly BigNumberHandle _exponent;
    readonly byte[] _publicValue;

    internal ModpKeyExchange(ModpGroup group, IRandomSource random)
    {
        _group = group;
        Span<byte> exponent = stackalloc byte[ExponentLength];
        PrivateValue.Draw(random, ExponentBound, exponent);
        _exponent = BigNumberHandle.SecretFromOctets(exponent);
        CryptographicOperations.ZeroMemory(exponent);

        _publicValue = new byte[group.Length];
        using BigNumberHandle generator = BigNumberHandle.FromOctets([2]);
        Power(generator, _publicValue);
    }

    public KeyExchangeMethod Method => _group.Method;

    public ReadOnlySpan<byte> PublicValue => _publicValue;

    public bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerValue, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        sharedSecret = null;
        if (!_group.Accepts(peerValue))
            return false;

        using BigNumberHandle peer = BigNumberHandle.FromOctets(peerValue);
        Span<byte> result = stackalloc byte[LongestPrime];
        result = result[.._group.Length];
        Power(peer, result);
        sharedSecret = new Secret(result);
        CryptographicOperations.ZeroMemory(result);
        return true;
    }

    void Power(BigNumberHandle value, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_exponent.IsClosed, this);
        using NumberScratchHandle scratch = NumberScratchHandle.Create();
        using BigNumberHandle result = BigNumberHandle.Create();
        LibraryContext.Check(
            LibCrypto.BN_mod_exp_mont_consttime(result.Pointer, value.Pointer, _exponent.Pointer, _group.Prime, scratch.Pointer, _group.Montgomery),
            nameof(LibCrypto.BN_mod_exp_mont_consttime));
        result.CopyTo(destination);
    }

    public void Dispose() => _exponent.Dispose();
}
