using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Crypto;

/// <summary>
/// The initiator's half of one key exchange; the private value is used once and cleared on disposal. The responder's half is one call,
/// <see cref="KeyExchanges.TryRespond"/>, because a key encapsulation mechanism answers with a ciphertext instead of a public value of its own.
/// </summary>
public interface IKeyExchange : IDisposable
{
    KeyExchangeMethod Method { get; }

    /// <summary>
    /// What goes into the Key Exchange Data field (RFC 7296 §3.4): MODP left-padded to the prime's length, ECP x | y, X25519 and X448 raw,
    /// ML-KEM the encapsulation key.
    /// </summary>
    ReadOnlySpan<byte> PublicValue { get; }

    /// <summary>
    /// The shared secret as RFC 7296 §2.14 uses it (MODP padded to the prime's length, ECP the x coordinate, ML-KEM the decapsulated secret).
    /// False where the peer's value is not acceptable (RFC 6989 §2: wrong length, 0, 1, p-1, off the curve, all-zero result).
    /// </summary>
    /// <param name="peerValue">The responder's Key Exchange Data: its public value, or for ML-KEM the ciphertext.</param>
    bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerValue, [NotNullWhen(true)] out Secret? sharedSecret);
}
