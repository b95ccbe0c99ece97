using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;

namespace Ipsec.Crypto;

/// <summary>X25519 in IKEv2 (RFC 8031): values are 32 octets as RFC 7748 has them, clamped while they are used.</summary>
sealed unsafe class Curve25519KeyExchange : IKeyExchange
{
    const string Name = "X25519";
    const int Length = 32;

    readonly KeyHandle _key;
    readonly byte[] _publicValue = new byte[Length];

    internal Curve25519KeyExchange(IRandomSource random)
    {
        Span<byte> scalar = stackalloc byte[Length];
        random.Fill(scalar);
        fixed (byte* octets = scalar)
        {
            _key = new KeyHandle(LibraryContext.CheckPointer(
                LibCrypto.EVP_PKEY_new_raw_private_key_ex(LibraryContext.Handle, Name, null, octets, Length),
                nameof(LibCrypto.EVP_PKEY_new_raw_private_key_ex)));
        }
        CryptographicOperations.ZeroMemory(scalar);

        nuint length = Length;
        fixed (byte* octets = _publicValue)
        {
            LibraryContext.Check(LibCrypto.EVP_PKEY_get_raw_public_key(_key.Pointer, octets, &length),
                nameof(LibCrypto.EVP_PKEY_get_raw_public_key));
        }
    }

    public KeyExchangeMethod Method => KeyExchangeMethod.Curve25519;

    public ReadOnlySpan<byte> PublicValue => _publicValue;

    public bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerValue, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        ObjectDisposedException.ThrowIf(_key.IsClosed, this);
        sharedSecret = null;
        if (peerValue.Length != Length)
            return false;

        Span<byte> result = stackalloc byte[Length];
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
            peer = LibCrypto.EVP_PKEY_new_raw_public_key_ex(LibraryContext.Handle, Name, null, octets, Length);
        using KeyHandle peerKey = new(LibraryContext.CheckPointer(peer, nameof(LibCrypto.EVP_PKEY_new_raw_public_key_ex)));

        nint context = LibraryContext.CheckPointer(LibCrypto.EVP_PKEY_CTX_new_from_pkey(LibraryContext.Handle, _key.Pointer, null),
            nameof(LibCrypto.EVP_PKEY_CTX_new_from_pkey));
        try
        {
            LibraryContext.Check(LibCrypto.EVP_PKEY_derive_init(context), nameof(LibCrypto.EVP_PKEY_derive_init));
            LibraryContext.Check(LibCrypto.EVP_PKEY_derive_set_peer(context, peerKey.Pointer), nameof(LibCrypto.EVP_PKEY_derive_set_peer));
            nuint length = Length;
            fixed (byte* octets = result)
            {
                if (LibCrypto.EVP_PKEY_derive(context, octets, &length) > 0)
                    return true;
            }
            LibCrypto.ERR_clear_error();
            return false;
        }
        finally
        {
            LibCrypto.EVP_PKEY_CTX_free(context);
        }
    }

    public void Dispose() => _key.Dispose();
}
