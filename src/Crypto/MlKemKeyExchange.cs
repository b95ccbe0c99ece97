using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Ipsec.Crypto.OpenSsl;
using Ipsec.Crypto.Registry;

namespace Ipsec.Crypto;

/// <summary>
/// ML-KEM (FIPS 203) in IKEv2 (draft-ietf-ipsecme-ikev2-mlkem §2): the initiator sends an encapsulation key, the responder a ciphertext.
/// The seed of the key and the message of the encapsulation come from the random source. libcrypto has it from version 3.5 on.
/// </summary>
sealed unsafe class MlKemKeyExchange : IKeyExchange
{
    const int SeedLength = 64; // d | z, FIPS 203 §7.1
    const int MessageLength = 32; // m, FIPS 203 §7.2
    const int SecretLength = 32;
    const int PublicKey = 0x86; // EVP_PKEY_PUBLIC_KEY
    const int KeyPair = 0x87; // EVP_PKEY_KEYPAIR

    readonly KeyExchangeEntry _entry;
    readonly KeyHandle _key;
    readonly byte[] _publicValue;

    internal MlKemKeyExchange(KeyExchangeMethod method, IRandomSource random)
    {
        _entry = AlgorithmRegistry.Find(method)!;
        Span<byte> seed = stackalloc byte[SeedLength];
        random.Fill(seed);
        _key = Import(NameOf(method)!, "seed\0"u8, seed, KeyPair) ?? throw new CryptographicException("libcrypto takes no seed for ML-KEM");
        CryptographicOperations.ZeroMemory(seed);

        _publicValue = new byte[_entry.InitiatorLength];
        nuint length = (nuint)_publicValue.Length;
        fixed (byte* octets = _publicValue)
        {
            LibraryContext.Check(LibCrypto.EVP_PKEY_get_raw_public_key(_key.Pointer, octets, &length),
                nameof(LibCrypto.EVP_PKEY_get_raw_public_key));
        }
    }

    public KeyExchangeMethod Method => _entry.Method;

    public ReadOnlySpan<byte> PublicValue => _publicValue;

    /// <summary>libcrypto's name, or null for a method that is none of these.</summary>
    internal static string? NameOf(KeyExchangeMethod method) => method switch
    {
        KeyExchangeMethod.MlKem512 => "ML-KEM-512",
        KeyExchangeMethod.MlKem768 => "ML-KEM-768",
        KeyExchangeMethod.MlKem1024 => "ML-KEM-1024",
        _ => null,
    };

    internal static bool IsAvailable(string name)
    {
        nint mechanism = LibraryContext.Probed(LibCrypto.EVP_KEM_fetch(LibraryContext.Handle, name, null));
        LibCrypto.EVP_KEM_free(mechanism);
        return mechanism != 0;
    }

    /// <summary>
    /// The responder's side. False for an encapsulation key of another length, or one whose numbers are not reduced: libcrypto makes the
    /// modulus check of FIPS 203 §7.2 when it takes the key.
    /// </summary>
    internal static bool TryEncapsulate(KeyExchangeMethod method, IRandomSource random, ReadOnlySpan<byte> encapsulationKey,
        [NotNullWhen(true)] out byte[]? ciphertext, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        ciphertext = null;
        sharedSecret = null;
        KeyExchangeEntry entry = AlgorithmRegistry.Find(method)!;
        if (encapsulationKey.Length != entry.InitiatorLength)
            return false;
        using KeyHandle? key = Import(NameOf(method)!, "pub\0"u8, encapsulationKey, PublicKey);
        if (key is null)
            return false;

        using KeyContextHandle context = KeyContextHandle.For(key);
        Span<byte> message = stackalloc byte[MessageLength];
        Span<byte> secret = stackalloc byte[SecretLength];
        random.Fill(message);
        ciphertext = new byte[entry.ResponderLength];
        nuint ciphertextLength = (nuint)ciphertext.Length;
        nuint secretLength = SecretLength;
        fixed (byte* parameterKey = "ikme\0"u8, messageOctets = message, ciphertextOctets = ciphertext, secretOctets = secret)
        {
            LibCrypto.Parameter* parameters = stackalloc LibCrypto.Parameter[2];
            parameters[0] = Octets(parameterKey, messageOctets, MessageLength);
            parameters[1] = default;
            LibraryContext.Check(EncapsulationFunctions.EVP_PKEY_encapsulate_init(context.Pointer, parameters),
                nameof(EncapsulationFunctions.EVP_PKEY_encapsulate_init));
            LibraryContext.Check(
                EncapsulationFunctions.EVP_PKEY_encapsulate(context.Pointer, ciphertextOctets, &ciphertextLength, secretOctets, &secretLength),
                nameof(EncapsulationFunctions.EVP_PKEY_encapsulate));
        }
        sharedSecret = new Secret(secret);
        CryptographicOperations.ZeroMemory(message);
        CryptographicOperations.ZeroMemory(secret);
        return true;
    }

    /// <summary>FIPS 203 §7.3: a ciphertext of the right length always gives a secret; one that was tampered with gives another.</summary>
    public bool TryDeriveSharedSecret(ReadOnlySpan<byte> peerValue, [NotNullWhen(true)] out Secret? sharedSecret)
    {
        ObjectDisposedException.ThrowIf(_key.IsClosed, this);
        sharedSecret = null;
        if (peerValue.Length != _entry.ResponderLength)
            return false;

        using KeyContextHandle context = KeyContextHandle.For(_key);
        Span<byte> secret = stackalloc byte[SecretLength];
        nuint length = SecretLength;
        LibraryContext.Check(LibCrypto.EVP_PKEY_decapsulate_init(context.Pointer, null), nameof(LibCrypto.EVP_PKEY_decapsulate_init));
        fixed (byte* octets = secret, ciphertext = peerValue)
        {
            LibraryContext.Check(LibCrypto.EVP_PKEY_decapsulate(context.Pointer, octets, &length, ciphertext, (nuint)peerValue.Length),
                nameof(LibCrypto.EVP_PKEY_decapsulate));
        }
        sharedSecret = new Secret(secret);
        CryptographicOperations.ZeroMemory(secret);
        return true;
    }

    /// <summary>Null where libcrypto does not accept the octets.</summary>
    static KeyHandle? Import(string name, ReadOnlySpan<byte> terminatedParameter, ReadOnlySpan<byte> octets, int selection)
    {
        using KeyContextHandle context = KeyContextHandle.Named(name);
        LibraryContext.Check(LibCrypto.EVP_PKEY_fromdata_init(context.Pointer), nameof(LibCrypto.EVP_PKEY_fromdata_init));
        nint key = 0;
        fixed (byte* parameterKey = terminatedParameter, data = octets)
        {
            LibCrypto.Parameter* parameters = stackalloc LibCrypto.Parameter[2];
            parameters[0] = Octets(parameterKey, data, octets.Length);
            parameters[1] = default;
            if (LibCrypto.EVP_PKEY_fromdata(context.Pointer, &key, selection, parameters) > 0)
                return new KeyHandle(key);
        }
        LibCrypto.ERR_clear_error();
        return null;
    }

    static LibCrypto.Parameter Octets(byte* key, byte* data, int length) =>
        new() { Key = key, Type = LibCrypto.Parameter.OctetString, Data = data, DataSize = (nuint)length };

    public void Dispose() => _key.Dispose();
}
