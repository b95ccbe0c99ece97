using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>X25519 and X448 in IKEv2 (RFC 8031): values are 32 or 56 octets as RFC 7748 has them, clamped while they are used.</summary>
sealed unsafe class MontgomeryKeyExchange : IKeyExchange
{
    const int LongestValue = 56;

    readonly string _name;
    readonly KeyHandle _key;
    readonly byte[] _publicValue;

    internal MontgomeryKeyExchange(KeyExchangeMethod method, IRandomSource random)
    {
        Method = method;
        _name = NameOf(method)!;
        _publicValue = new byte[KeyExchanges.PublicValueLength(method)];
        Span<byte> scalar = stackalloc byte[LongestValue];
        scalar = scalar[.._publicValue.Length];
        random.Fill(scalar);
        fixed (byte* octets = scalar)
        {
            _key = new KeyHandle(LibraryContext.CheckPointer(
                LibCrypto.EVP_PKEY_new_raw_private_key_ex(LibraryContext.Handle, _name, null, octets, (nuint)scalar.Length),
                nameof(LibCrypto.EVP_PKEY_new_raw_private_key_ex)));
        }
        CryptographicOperations.ZeroMemory(scalar);

        nuint length = (nuint)_publicValue.Length;
        fixed (byte* octets = _publicValue)
        {
            LibraryContext.Check(LibCrypto.EVP_PKEY_get_raw_public_key(_key.Pointer, octets, &length),
                nameof(LibCrypto.EVP_PKEY_get_raw_public_key));
        }
    }

    public KeyExchangeMethod Method { get; }

    public ReadOnlySpan<byte> PublicValue => _publicValue;

    /// <summary>libcrypto's name, or null for a method that is none of these.</summary>
    internal static string? NameOf(KeyExchangeMethod method) => method switch
    {
        KeyExchangeMethod.Curve25519 => "X25519",
        KeyExchangeMethod.Curve448 => "X448",
        _ => null,
    };

    public bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerValue, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        ObjectDisposedException.ThrowIf(_key.IsClosed, this);
        sharedSecret = null;
        if (peerValue.Length != _publicValue.Length)
            return false;

        Span<byte> result = stackalloc byte[LongestValue];
        result = result[..peerValue.Length];
        result.Clear();
        // RFC 8031 §5: an all-zero result is refused; libcrypto refuses it too, later versions need not.
        if (TryAgree(peerValue, result) && result.IndexOfAnyExcept((byte)0) >= 0)
            sharedSecret = new Secret(result);
        CryptographicOperations.ZeroMemory(result);
        return sharedSecret is not null;
    }

    bool TryAgree(ReadOnlySpan<byte> peerValue, Span<byte> result)
    {
        nint peer;
        fixed (byte* octets = peerValue)
            peer = LibCrypto.EVP_PKEY_new_raw_public_key_ex(LibraryContext.Handle, _name, null, octets, (nuint)peerValue.Length);
        using KeyHandle peerKey = new(LibraryContext.CheckPointer(peer, nameof(LibCrypto.EVP_PKEY_new_raw_public_key_ex)));
        using KeyContextHandle context = KeyContextHandle.For(_key);
        LibraryContext.Check(LibCrypto.EVP_PKEY_derive_init(context.Pointer), nameof(LibCrypto.EVP_PKEY_derive_init));
        LibraryContext.Check(LibCrypto.EVP_PKEY_derive_set_peer(context.Pointer, peerKey.Pointer), nameof(LibCrypto.EVP_PKEY_derive_set_peer));
        nuint length = (nuint)result.Length;
        fixed (byte* octets = result)
        {
            if (LibCrypto.EVP_PKEY_derive(context.Pointer, octets, &length) > 0)
                return true;
        }
        LibCrypto.ERR_clear_error();
        return false;
    }

    public void Dispose() => _key.Dispose();
}
