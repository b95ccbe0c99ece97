using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>Diffie-Hellman in a modular exponential group, in constant time.</summary>
sealed class ModpKeyExchange : IKeyExchange
{
    /// <summary>Octets.</summary>
    internal const int LongestPrime = 1024;

    const int LongestExponent = 50;

    readonly ModpGroup _group;
    readonly BigNumberHandle _exponent;
    readonly byte[] _publicValue;

    internal ModpKeyExchange(ModpGroup group, IRandomSource random)
    {
        _group = group;
        Span<byte> exponent = stackalloc byte[LongestExponent];
        exponent = exponent[..group.ExponentBound.Length];
        PrivateValue.Draw(random, group.ExponentBound, exponent);
        _exponent = BigNumberHandle.SecretFromOctets(exponent);
        CryptographicOperations.ZeroMemory(exponent);

        _publicValue = new byte[group.Length];
        group.Power(group.Generator, _exponent, _publicValue);
    }

    public KeyExchangeMethod Method => _group.Method;

    public ReadOnlySpan<byte> PublicValue => _publicValue;

    public bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerValue, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        ObjectDisposedException.ThrowIf(_exponent.IsClosed, this);
        sharedSecret = null;
        if (!_group.Accepts(peerValue))
            return false;

        using BigNumberHandle peer = BigNumberHandle.FromOctets(peerValue);
        Span<byte> result = stackalloc byte[LongestPrime];
        result = result[.._group.Length];
        _group.Power(peer, _exponent, result);
        sharedSecret = new Secret(result);
        CryptographicOperations.ZeroMemory(result);
        return true;
    }

    public void Dispose() => _exponent.Dispose();
}
