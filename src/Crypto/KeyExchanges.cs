using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Crypto;

/// <summary>The key exchange methods that this machine's libcrypto can do.</summary>
public static class KeyExchanges
{
    public static bool IsSupported(KeyExchangeMethod method) => PublicValueLength(method) > 0;

    /// <summary>Octets of the public value on the wire; 0 for a method that is not known.</summary>
    public static int PublicValueLength(KeyExchangeMethod method) => method switch
    {
        KeyExchangeMethod.Modp1024 => 128,
        KeyExchangeMethod.Modp2048 => 256,
        KeyExchangeMethod.Ecp256 => 64,
        KeyExchangeMethod.Ecp384 => 96,
        KeyExchangeMethod.Curve25519 => 32,
        _ => 0,
    };

    /// <summary>
    /// The responder's half: draws from <paramref name="random"/>, takes the initiator's Key Exchange Data and gives ours and the secret.
    /// False where the initiator's value is not acceptable for its method (RFC 6989 §2), never an exception.
    /// </summary>
    /// <param name="value">Our Key Exchange Data: a public value, or for ML-KEM the ciphertext.</param>
    /// <param name="sharedSecret">The receiver disposes it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The method is not supported.</exception>
    public static bool TryRespond(KeyExchangeMethod method, IRandomSource random, ReadOnlySpan<byte> initiatorValue,
        [NotNullWhen(true)] out byte[]? value, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        using IKeyExchange exchange = Create(method, random);
        value = exchange.TryDeriveSharedSecret(initiatorValue, out sharedSecret) ? exchange.PublicValue.ToArray() : null;
        return value is not null;
    }

    /// <summary>Draws a private value from <paramref name="random"/> and computes the public one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The method is not supported.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The random source gives no acceptable private value.</exception>
    public static IKeyExchange Create(KeyExchangeMethod method, IRandomSource random) => method switch
    {
        KeyExchangeMethod.Modp1024 => new ModpKeyExchange(ModpGroup.Modp1024, random),
        KeyExchangeMethod.Modp2048 => new ModpKeyExchange(ModpGroup.Modp2048, random),
        KeyExchangeMethod.Ecp256 => new EcpKeyExchange(EcpGroup.Ecp256, random),
        KeyExchangeMethod.Ecp384 => new EcpKeyExchange(EcpGroup.Ecp384, random),
        KeyExchangeMethod.Curve25519 => new Curve25519KeyExchange(random),
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "not a key exchange method that is known here"),
    };
}
