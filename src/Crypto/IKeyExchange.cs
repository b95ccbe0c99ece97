using System.Diagnostics.CodeAnalysis;

namespace Ipsec.Crypto;

/// <summary>One side's half of one key exchange; the private value is used once and cleared on disposal.</summary>
public interface IKeyExchange : IDisposable
{
    KeyExchangeMethod Method { get; }

    /// <summary>What goes into the Key Exchange Data field (RFC 7296 §3.4): MODP left-padded to the prime's length, ECP x | y, X25519 raw.</summary>
    ReadOnlySpan<byte> PublicValue { get; }

    /// <summary>
    /// The shared secret as RFC 7296 §2.14 uses it (MODP padded to the prime's length, ECP the x coordinate).
    /// False where the peer's value is not acceptable (RFC 6989 §2: wrong length, 0, 1, p-1, off the curve, all-zero result).
    /// </summary>
    bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerPublicValue, [NotNullWhen(true)] out Secret? sharedSecret);
}
