using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>The key exchange methods that this machine's libcrypto can do.</summary>
public static class KeyExchanges
{
    static readonly ConcurrentDictionary<KeyExchangeMethod, bool> Supported = new();

    /// <summary>Asks libcrypto, once for each method.</summary>
    public static bool IsSupported(KeyExchangeMethod method) => Supported.GetOrAdd(method, static method =>
        ModpGroup.Find(method) is not null
        || EcpGroup.Find(method) is not null
        || MontgomeryKeyExchange.NameOf(method) is string curve && LibraryContext.HasKeyExchange(curve)
        || MlKemKeyExchange.NameOf(method) is string mechanism && MlKemKeyExchange.IsAvailable(mechanism));

    /// <summary>Octets of the initiator's Key Exchange Data; 0 for a method that is not known.</summary>
    public static int PublicValueLength(KeyExchangeMethod method) => AlgorithmRegistry.Find(method)?.InitiatorLength ?? 0;

    /// <summary>Octets of the responder's Key Exchange Data; 0 for a method that is not known.</summary>
    public static int ResponderValueLength(KeyExchangeMethod method) => AlgorithmRegistry.Find(method)?.ResponderLength ?? 0;

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
        if (MlKemKeyExchange.NameOf(method) is not null && IsSupported(method))
            return MlKemKeyExchange.TryEncapsulate(method, random, initiatorValue, out value, out sharedSecret);
        using IKeyExchange exchange = Create(method, random);
        value = exchange.TryDeriveSharedSecret(initiatorValue, out sharedSecret) ? exchange.PublicValue.ToArray() : null;
        return value is not null;
    }

    /// <summary>Draws a private value from <paramref name="random"/> and computes the public one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The method is not supported.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The random source gives no acceptable private value.</exception>
    public static IKeyExchange Create(KeyExchangeMethod method, IRandomSource random)
    {
        if (!IsSupported(method))
            throw new ArgumentOutOfRangeException(nameof(method), method, "not a key exchange method that libcrypto has here");
        if (ModpGroup.Find(method) is ModpGroup group)
            return new ModpKeyExchange(group, random);
        if (EcpGroup.Find(method) is EcpGroup curve)
            return new EcpKeyExchange(curve, random);
        return MontgomeryKeyExchange.NameOf(method) is not null ? new MontgomeryKeyExchange(method, random) : new MlKemKeyExchange(method, random);
    }
}
