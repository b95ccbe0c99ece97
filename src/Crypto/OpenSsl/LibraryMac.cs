using System.Security.Cryptography;
using System.Text;

namespace Ipsec.Crypto.OpenSsl;

/// <summary>One of libcrypto's: HMAC (RFC 2104) over a hash, or CMAC (RFC 4493) over AES-128.</summary>
sealed unsafe class LibraryMac : MacContext
{
    // 3.0.0 to 3.0.2 answer "the key you have" with success and do nothing (OpenSSL issue 17811): they get the key again each time.
    static readonly bool ResetsByItself = LibCrypto.OpenSSL_version_num() >= 0x30000030;

    readonly MacContextHandle _handle;
    readonly Secret? _key;
    nint _context;

    LibraryMac(nint mac, ReadOnlySpan<byte> terminatedParameter, string algorithm, int outputLength, ReadOnlySpan<byte> key)
    {
        _handle = MacContextHandle.Create(mac);
        _context = _handle.DangerousGetHandle();
        OutputLength = outputLength;
        _key = ResetsByItself ? null : new Secret(key);
        SetKey(key, terminatedParameter, algorithm);
    }

    internal override int OutputLength { get; }

    internal static LibraryMac Hmac(string digest, int outputLength, ReadOnlySpan<byte> key) =>
        new(LibraryContext.Hmac, "digest\0"u8, digest, outputLength, key);

    internal static LibraryMac Aes128Cmac(ReadOnlySpan<byte> key) => new(LibraryContext.Cmac, "cipher\0"u8, "AES-128-CBC", key.Length, key);

    internal override void Reset()
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        if (_key is not null)
            SetKey(_key.Span, default, "");
        else if (LibCrypto.EVP_MAC_init_Short(_context, null, 0, null) <= 0)
            ThrowFailed();
    }

    internal override void AppendShort(ReadOnlySpan<byte> data)
    {
        fixed (byte* octets = data)
        {
            if (data.Length > 0 && LibCrypto.EVP_MAC_update_Short(_context, octets, (nuint)data.Length) <= 0)
                ThrowFailed();
        }
    }

    internal override void Append(ReadOnlySpan<byte> data)
    {
        fixed (byte* octets = data)
        {
            if (data.Length > 0 && LibCrypto.EVP_MAC_update(_context, octets, (nuint)data.Length) <= 0)
                ThrowFailed();
        }
    }

    internal override void Finish(Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(destination.Length, OutputLength);
        nuint length;
        fixed (byte* octets = destination)
        {
            if (LibCrypto.EVP_MAC_final(_context, octets, &length, (nuint)destination.Length) <= 0)
                ThrowFailed();
        }
        GC.KeepAlive(this);
    }

    public override void Dispose()
    {
        _context = 0;
        _key?.Dispose();
        _handle.Dispose();
    }

    /// <param name="terminatedParameter">Empty to keep the algorithm.</param>
    void SetKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> terminatedParameter, string algorithm)
    {
        byte none = 0;
        Span<byte> name = stackalloc byte[32];
        int nameLength = Encoding.ASCII.GetBytes(algorithm, name);
        fixed (byte* namePointer = name, parameterKey = terminatedParameter, keyOctets = key)
        {
            LibCrypto.Parameter* parameters = stackalloc LibCrypto.Parameter[2];
            parameters[0] = new LibCrypto.Parameter
            {
                Key = parameterKey,
                Type = LibCrypto.Parameter.Utf8String,
                Data = namePointer,
                DataSize = (nuint)nameLength,
            };
            parameters[1] = default;
            // A null key means "the one you have": an empty key needs a pointer too.
            LibraryContext.Check(
                LibCrypto.EVP_MAC_init(_context, key.IsEmpty ? &none : keyOctets, (nuint)key.Length, terminatedParameter.IsEmpty ? null : parameters),
                nameof(LibCrypto.EVP_MAC_init));
        }
    }

    static void ThrowFailed() => throw new CryptographicException("libcrypto: a message authentication code failed");
}
